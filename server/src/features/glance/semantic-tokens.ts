import type { Range, SemanticTokens, SemanticTokensLegend } from 'vscode-languageserver-types';
import type { SelectorToken } from '../../kinds/calico/selector-grammar.js';
import { type Field, fieldAt } from '../../kinds/field.js';
import { resourcesOf } from '../../kinds/index.js';
import type { Resource } from '../../kinds/kind.js';
import { namespaceNameKey } from '../../model/pod-facts.js';
import { ruleNamed } from '../../rules/index.js';
import type { YamlDocument } from '../../text/document.js';
import type { SourceFile } from '../../text/file.js';
import { covers, shift, type TextRange } from '../../text/range.js';
import { suppressionsOf } from '../../text/suppressions.js';
import { keyText, stringOf, type YamlNode, type YamlPath, type YamlScalar } from '../../text/tree.js';
import { keyOf } from '../../workspace/files.js';
import { type DocumentParams, defineFeature } from '../feature.js';
import { selectorIn } from './calico-selectors.js';

/** Types of the protocol, so that every theme knows them. */
const tokenTypes = [
  'namespace',
  'property',
  'operator',
  'string',
  'function',
  'number',
  'enumMember',
  'variable',
  'macro',
] as const;
type TokenType = (typeof tokenTypes)[number];
const legend: SemanticTokensLegend = { tokenTypes: [...tokenTypes], tokenModifiers: [] };

export const semanticTokensFeature = defineFeature({
  method: 'textDocument/semanticTokens/full',
  doc: 'Colours for what YAML’s grammar cannot tell: selectors, actions, named ports, namespaces, addresses, rule names.',
  capability: (client) =>
    client.semanticTokens ? { semanticTokensProvider: { legend, full: true, range: true } } : {},
  answer: ({ netpol }, { textDocument }: DocumentParams): SemanticTokens | null => {
    const file = netpol.workspace.file(keyOf(textDocument.uri));
    return file === undefined ? null : encoded(file, tokensOf(file, { start: 0, end: file.text.length }));
  },
});

export const semanticTokensRangeFeature = defineFeature({
  method: 'textDocument/semanticTokens/range',
  doc: 'The same for what can be seen.',
  answer: ({ netpol }, { textDocument, range }: DocumentParams & { readonly range: Range }): SemanticTokens | null => {
    const file = netpol.workspace.file(keyOf(textDocument.uri));
    if (file === undefined) return null;
    const [start, end] = [file.lines.offsetAt(range.start), file.lines.offsetAt(range.end)];
    return encoded(file, tokensOf(file, { start, end }));
  },
});

interface Token {
  readonly type: TokenType;
  readonly range: TextRange;
}

/** What is coloured within a range of the file, in its order; none overlaps another. */
export function tokensOf(file: SourceFile, within: TextRange): readonly Token[] {
  const found = file.documents.flatMap(({ document, offset }) => {
    if (offset > within.end || offset + document.text.length < within.start) return [];
    return tokensIn(document).map(({ type, range }) => ({ type, range: shift(range, offset) }));
  });
  const silenced = suppressionsOf(file).flatMap(({ codeSpans }) =>
    codeSpans.filter(({ code }) => ruleNamed(code) !== undefined).map(({ range }): Token => ({ type: 'macro', range })),
  );
  return [...found, ...silenced]
    .filter(({ range }) => range.start <= within.end && range.end >= within.start)
    .sort((a, b) => a.range.start - b.range.start);
}

/** By document, so that an edit elsewhere costs nothing. */
function tokensIn(document: YamlDocument): readonly Token[] {
  const known = cache.get(document);
  if (known !== undefined) return known;
  const tokens = resourcesOf(document)
    .filter(({ kind, part = 0 }) => kind.check !== undefined && part === 0)
    .flatMap((resource) => tokensOfNode(resource, resource.node, [], resource.node));
  const apart = tokens.filter(
    ({ range }, i) => range.end > range.start && (tokens[i - 1]?.range.end ?? 0) <= range.start,
  );
  cache.set(document, apart);
  return apart;
}

/** A pure function's memory: a document never changes, and its entry goes when the document goes. */
const cache = new WeakMap<YamlDocument, readonly Token[]>();

/** What an alias or a merge key brings in is written, and coloured, elsewhere. */
function tokensOfNode(resource: Resource, node: YamlNode, path: YamlPath, parent: YamlNode): readonly Token[] {
  if (node.alias || !covers(parent.range, node.range)) return [];
  if (node.kind === 'scalar') return tokensOfScalar(resource, node, path);
  if (node.kind === 'sequence') {
    return node.items.flatMap(({ value }, i) => tokensOfNode(resource, value, [...path, i], node));
  }
  return node.entries.flatMap((entry) => {
    if (entry.merged) return [];
    const selector = isCalico(resource) ? selectorIn(entry) : undefined;
    if (selector !== undefined) return selector.tokens.flatMap((token) => selectorToken(token, selector.place));
    return tokensOfNode(resource, entry.value, [...path, keyText(entry)], node);
  });
}

function isCalico({ kind }: Resource): boolean {
  return kind.apiVersions.some((version) => version.includes('projectcalico.org/'));
}

const selectorTypes: Readonly<Record<SelectorToken['kind'], TokenType | undefined>> = {
  label: 'property',
  operator: 'operator',
  string: 'string',
  function: 'function',
  bracket: undefined,
};

function selectorToken({ kind, range }: SelectorToken, place: (range: TextRange) => TextRange): readonly Token[] {
  const type = selectorTypes[kind];
  return type === undefined ? [] : [{ type, range: place(range) }];
}

function tokensOfScalar(resource: Resource, node: YamlScalar, path: YamlPath): readonly Token[] {
  const type = node.opaque || node.style === 'block' ? undefined : typeOf(resource, node, path);
  if (type === undefined) return [];
  const quoted = node.style === 'single' || node.style === 'double' ? 1 : 0;
  return [{ type, range: { start: node.range.start + quoted, end: node.range.end - quoted } }];
}

function typeOf({ kind }: Resource, node: YamlScalar, path: YamlPath): TokenType | undefined {
  const text = stringOf(node);
  if (text === undefined) return undefined;
  const key = path.findLast((step) => typeof step === 'string');
  if (key === 'namespace' || isNamespaceName(path)) return 'namespace';
  if (path.at(-1) === 'action') return 'enumMember';
  const field = fieldAt(kind.fields, path);
  if (isPortName(field, key, text)) return 'variable';
  return isAddress(field, text) ? 'number' : undefined;
}

/** The value, in a label selector, of the label that each namespace has. */
function isNamespaceName(path: YamlPath): boolean {
  const last = path.at(-1);
  return typeof last === 'string' && (last === namespaceNameKey || last.endsWith('io.kubernetes.pod.namespace'));
}

/** A port of the pods by its name; numbers have YAML's colour. */
function isPortName(field: Field | undefined, key: string | number | undefined, text: string): boolean {
  const isPort = /^(?:port|ports|notPorts|namedPort)$/.test(String(key));
  return isPort && (field?.type === 'int-or-string' || field?.type === 'string') && /^[a-z]/i.test(text);
}

/** An address range with its prefix, where text is asked for. */
function isAddress(field: Field | undefined, text: string): boolean {
  // None is longer; a text that is would be gone through once for each of its colons.
  if (field?.type !== 'string' || text.length > 60) return false;
  return /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f:]*:[\da-f:.]*)\/\d{1,3}$/i.test(text);
}

/** Five numbers for each token, relative to the one before: the protocol's form. A token of several lines is cut. */
function encoded({ lines }: SourceFile, tokens: readonly Token[]): SemanticTokens {
  const data: number[] = [];
  let [line, character] = [0, 0];
  for (const { type, range } of tokens) {
    const [first, last] = [lines.lineAt(range.start), lines.lineAt(range.end)];
    for (let at = first; at <= last; at++) {
      const lineStart = lines.lineStart(at);
      const text = lines.lineText(at);
      const start = at === first ? range.start - lineStart : text.search(/\S|$/);
      const end = at === last ? range.end - lineStart : text.length;
      if (end <= start) continue;
      data.push(at - line, at === line ? start - character : start, end - start, tokenTypes.indexOf(type), 0);
      [line, character] = [at, start];
    }
  }
  return { data };
}
