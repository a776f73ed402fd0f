import { CST } from 'yaml';
import type { YamlScalar } from './tree.js';

/** Reading single tokens of the YAML library's concrete syntax tree. Offsets are those of the text that was parsed. */

export type SourceTokens = readonly CST.SourceToken[] | undefined;

export function findToken(tokens: SourceTokens, type: CST.SourceToken['type']): CST.SourceToken | undefined {
  if (tokens === undefined) return undefined;
  for (const token of tokens) if (token.type === type) return token;
  return undefined;
}

export function isQuoted(token: CST.Token | null | undefined): token is CST.FlowScalar {
  return token?.type === 'single-quoted-scalar' || token?.type === 'double-quoted-scalar';
}

/** The text a scalar stands for: escapes resolved, lines folded. */
export function scalarText(token: CST.FlowScalar | CST.BlockScalar): string {
  const { source } = token;
  if (token.type === 'scalar' && !source.includes('\n')) return source;
  if (token.type === 'double-quoted-scalar' && source.endsWith('"') && !/[\\\n]/.test(source))
    return source.slice(1, -1);
  return CST.resolveAsScalar(token, false, ignore).value;
}

export function scalarStyle(token: CST.FlowScalar | CST.BlockScalar): YamlScalar['style'] {
  switch (token.type) {
    case 'single-quoted-scalar':
      return 'single';
    case 'double-quoted-scalar':
      return 'double';
    case 'block-scalar':
      return 'block';
    default:
      return 'plain';
  }
}

/** The end of a block scalar's text, without the blank lines behind it; the end of its header when it has no text. */
export function blockScalarEnd(token: CST.BlockScalar): number {
  let header = token.offset;
  let offset = token.offset;
  for (const prop of token.props) {
    if (!('source' in prop)) continue;
    if (prop.type === 'block-scalar-header') header = prop.offset + prop.source.length;
    offset = prop.offset + prop.source.length;
  }
  const length = token.source.trimEnd().length;
  return length === 0 ? header : offset + length;
}

/** The end of a block scalar with the blank lines behind it. */
export function blockScalarTextEnd(token: CST.BlockScalar): number {
  const last = token.props.at(-1);
  const start = last !== undefined && 'source' in last ? last.offset + last.source.length : token.offset;
  return start + token.source.length;
}

/** Where a token's last visible character ends; walks without recursion, since it is asked about very deep tokens. */
export function tokenEnd(token: CST.Token): number {
  let current: CST.Token = token;
  for (;;) {
    if (current.type === 'block-scalar') return blockScalarEnd(current);
    if (!('items' in current)) return 'source' in current ? current.offset + current.source.length : current.offset;
    const close: CST.SourceToken | undefined = current.type === 'flow-collection' ? current.end[0] : undefined;
    if (close !== undefined) return close.offset + close.source.length;
    const last: CST.CollectionItem | undefined = current.items.findLast((item) => hasContent(item));
    const next: CST.Token | null | undefined =
      last?.value ?? last?.sep?.findLast(isVisible) ?? last?.key ?? last?.start.findLast(isVisible);
    if (next === null || next === undefined) return current.offset + 1;
    current = next;
  }
}

function hasContent(item: CST.CollectionItem): boolean {
  return (item.value ?? item.key ?? item.sep) !== undefined || item.start.some(isVisible);
}

function isVisible(token: CST.SourceToken): boolean {
  return token.type !== 'space' && token.type !== 'newline' && token.type !== 'comment';
}

function ignore(): void {
  // Faults in escapes and indentation are found when the document's problems are asked for.
}
