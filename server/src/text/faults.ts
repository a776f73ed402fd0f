import type { CST } from 'yaml';
import type { YamlProblem } from './document.js';
import type { Draft, Patch } from './draft.js';
import type { TextRange } from './range.js';
import { tokenEnd } from './tokens.js';

/** A half-typed place the tokens show, and how to read on behind it. */
export interface Fault {
  /** Undefined where Kubernetes reads the text as it stands and only the YAML library does not. */
  readonly problem: YamlProblem | undefined;
  readonly patches: readonly Patch[];
  /**
   * `misleading`: what stands behind it may be read wrongly because of it, so it is to be repaired first. `tabs`: so it
   * is, and all lines indented with tabs are repaired together.
   */
  readonly effect: 'local' | 'misleading' | 'tabs';
}

/**
 * A key over several lines: lines before the last lack their colon, or the line below a value is indented too deep.
 * `podSelector` above `matchLabels:` reads as one key of two lines.
 */
export function missingColon(draft: Draft, key: CST.FlowScalar): Fault {
  const before = linePrefix(draft.text, key.offset);
  if (!/^[ ]*(?:- +)*$/.test(before)) return tooDeep(draft, key, before);
  const lines = key.source.split('\n');
  const patches: Patch[] = [];
  let offset = key.offset;
  for (const line of lines.slice(0, -1)) {
    const text = line.trim();
    const start = offset + line.indexOf(text);
    offset += line.length + 1;
    const patch = text === '' ? undefined : colonPatch(draft, text, start);
    if (patch !== undefined) patches.push(patch);
  }
  const first = (lines[0] ?? '').trim();
  return {
    problem: { message: wordMessage(first), range: original(draft, key.offset, key.offset + first.length) },
    patches,
    effect: 'local',
  };
}

/** `port:80`: a key and a value with nothing between them; undefined for other texts, such as URLs. */
export function missingSpace(draft: Draft, key: CST.FlowScalar): Fault | undefined {
  const colon = gluedColon(key.source);
  if (colon === undefined || key.source.includes('\n')) return undefined;
  const problem = {
    message: wordMessage(key.source),
    range: original(draft, key.offset, key.offset + key.source.length),
  };
  return { problem, patches: [insertion(draft, key.offset + colon + 1, ' ')], effect: 'local' };
}

/** A quote that does not end on its line, though what follows shows that it should. */
export function unclosedQuote(draft: Draft, scalar: CST.FlowScalar, inFlow: boolean): Fault {
  const outdented = outdentedQuote(draft, scalar);
  if (outdented !== undefined) return outdented;
  const line = /^[^\r\n]*/.exec(scalar.source)?.[0] ?? '';
  const inner = inFlow ? line.replace(/[\s,\]}]*$/, '') : line.trimEnd();
  const end = scalar.offset + Math.max(1, inner.length);
  const message = 'The quote that opens here is not closed. Add the closing quote.';
  return {
    problem: { message, range: original(draft, scalar.offset, scalar.offset + Math.max(1, line.trimEnd().length)) },
    patches: [insertion(draft, end, scalar.source.charAt(0))],
    effect: 'misleading',
  };
}

/**
 * A quoted text whose later lines are indented less than YAML asks for. go-yaml, and so Kubernetes, reads it; the YAML
 * library takes the quote for unclosed. Those lines are indented in the draft, which leaves the value as it is.
 */
function outdentedQuote(draft: Draft, scalar: CST.FlowScalar): Fault | undefined {
  if (!isUnclosed(scalar)) return undefined;
  const quote = scalar.source.charAt(0);
  const closed = quote === '"' ? /"(?:[^"\\]|\\[\s\S])*"/y : /'(?:[^']|'')*'/y;
  closed.lastIndex = scalar.offset;
  const text = closed.exec(draft.text)?.[0];
  if (text === undefined || !text.includes('\n')) return undefined;
  const end = scalar.offset + text.length;
  if (!/^[ \t]*(?:#.*)?$/.test(draft.text.slice(end, endOfLine(draft.text, end)))) return undefined;
  const later = text.split('\n').slice(1);
  if (later.some((line) => /^\s*(?:[\w./-]+:(?:\s|$)|- |---(?:\s|$))/.test(line))) return undefined;
  const before = linePrefix(draft.text, scalar.offset);
  const indent = (/^[ ]*(?:- +)*/.exec(before)?.[0].length ?? 0) + 2;
  const patches: Patch[] = [];
  let start = scalar.offset + text.indexOf('\n') + 1;
  for (const line of later) {
    patches.push(insertion(draft, start, ' '.repeat(indent)));
    start += line.length + 1;
  }
  return { problem: undefined, patches, effect: 'misleading' };
}

export function isUnclosed(scalar: CST.FlowScalar): boolean {
  const quote = scalar.source.charAt(0);
  if (scalar.source.length < 2 || !scalar.source.endsWith(quote)) return true;
  if (quote === "'") return false;
  const escapes = /\\*$/.exec(scalar.source.slice(1, -1))?.[0].length ?? 0;
  return escapes % 2 === 1;
}

/** Brackets that are not closed before a line that cannot stand in them. The inner ones are closed with the outer. */
export function unclosedBracket(draft: Draft, token: CST.FlowCollection): Fault {
  const message = 'The bracket that opens here is not closed. Add the closing bracket.';
  let closers = '';
  for (let open: CST.Token | null | undefined = token; open?.type === 'flow-collection' && open.end.length === 0; ) {
    closers = (open.start.source === '{' ? '}' : ']') + closers;
    const last: CST.CollectionItem | undefined = open.items.at(-1);
    open = last?.value ?? (last?.sep === undefined || last.sep.length === 0 ? last?.key : undefined);
  }
  const patches = closers.length > MOST_CLOSERS ? [] : [insertion(draft, tokenEnd(token), closers)];
  return {
    problem: { message, range: original(draft, token.offset, token.offset + 1) },
    patches,
    effect: 'misleading',
  };
}

/** More open brackets than this are no manifest that someone is writing. */
const MOST_CLOSERS = 200;

/** A list item among the keys of a map: the map is read on behind it. */
export function strayItem(draft: Draft, start: number, end: number): Fault {
  const message =
    'A list item cannot stand among the keys of a map. Remove the dash, or put the key of the list above it.';
  const range = original(draft, start, start + 1);
  return { problem: { message, range }, patches: [blank(draft, start, end)], effect: 'local' };
}

export function tabIndent(draft: Draft, start: number): Fault {
  const range = original(draft, start, start + linePrefixLength(draft.text, start));
  return {
    problem: { message: 'YAML does not take tabs as indentation. Use spaces.', range },
    patches: [],
    effect: 'tabs',
  };
}

/** Content behind the end of the document's value. Under an indented map it is shifted to the map's keys, else skipped. */
export function behindEnd(draft: Draft, error: number, valueEnd: number, mapIndent: number): Fault {
  const line = linePrefix(draft.text, error);
  const at = Math.max(valueEnd, error - line.trimStart().length);
  const message =
    'This is less indented than the beginning of the document, or does not fit it. Align it with the lines above, or remove it.';
  const lineEnd = endOfLine(draft.text, at);
  const problem = { message, range: original(draft, at, lineEnd) };
  if (mapIndent === 0) return { problem, patches: [blank(draft, at, lineEnd)], effect: 'local' };
  const patches: Patch[] = [];
  const first = at - linePrefix(draft.text, at).length;
  for (let start = first; start < draft.text.length; start = endOfLine(draft.text, start) + 1) {
    if (/\S/.test(draft.text.slice(start, endOfLine(draft.text, start)))) {
      patches.push(insertion(draft, start, ' '.repeat(mapIndent)));
    }
  }
  return { problem, patches, effect: 'local' };
}

/** The message for a word that should be a key. */
export function bareKeyMessage(word: string): string {
  return `\`${word}\` is not followed by a colon. Write \`${word}:\` and a value, or remove the line.`;
}

function wordMessage(word: string): string {
  if (gluedColon(word) === undefined) return bareKeyMessage(word);
  return `\`${word}\` is one word to YAML. Put a space behind the colon.`;
}

function tooDeep(draft: Draft, key: CST.FlowScalar, before: string): Fault {
  const column = /^[ ]*(?:- +)*/.exec(before)?.[0].length ?? 0;
  const lineStart = key.offset + key.source.indexOf('\n') + 1;
  const indent = /^\s*/.exec(draft.text.slice(lineStart))?.[0].length ?? 0;
  const ownLine = draft.text.lastIndexOf('\n', lineStart + indent) + 1;
  const start = Math.max(lineStart, ownLine);
  const message =
    'This line is indented deeper than the line above, which already has a value. Align the two, or remove that value.';
  const content = lineStart + indent;
  return {
    problem: { message, range: original(draft, content, key.offset + key.source.length) },
    patches: [{ range: original(draft, start, content), text: ' '.repeat(column) }],
    effect: 'local',
  };
}

function colonPatch(draft: Draft, text: string, start: number): Patch | undefined {
  if (text.startsWith('- ')) return undefined;
  const glued = gluedColon(text);
  if (glued !== undefined) return insertion(draft, start + glued + 1, ' ');
  if (/^[\w./-]+$/.test(text)) return insertion(draft, start + text.length, ':');
  return blank(draft, start, start + text.length);
}

function gluedColon(text: string): number | undefined {
  const match = /^([A-Za-z][\w./-]*):(?!\/\/)\S/.exec(text);
  return match?.[1]?.length;
}

function insertion(draft: Draft, at: number, text: string): Patch {
  return { range: original(draft, at, at), text };
}

function blank(draft: Draft, start: number, end: number): Patch {
  const range = original(draft, start, end);
  return { range, text: draft.text.slice(start, end).replace(/[^\r\n]/g, ' ') };
}

function original(draft: Draft, start: number, end: number): TextRange {
  const from = draft.original(start);
  return { start: from, end: Math.max(from, draft.original(end)) };
}

function linePrefix(text: string, offset: number): string {
  return text.slice(offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1, offset).replace(/^\uFEFF/, '');
}

function linePrefixLength(text: string, lineStart: number): number {
  return /^[ \t]*/.exec(text.slice(lineStart, endOfLine(text, lineStart)))?.[0].length ?? 0;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  if (end === -1) return text.length;
  return end > from && text[end - 1] === '\r' ? end - 1 : end;
}
