/**
 * Cuts a YAML stream into the texts of its documents. A marker in the first column always ends a document, also inside
 * a block scalar (YAML 1.2.2, 9.1.2). The pieces joined again are the text.
 *
 * A text that begins with a JSON object may hold more of them without anything between, as `jq` writes them and kubectl
 * reads them (k8s.io/apimachinery, util/yaml, YAMLOrJSONDecoder): each is a document.
 *
 * A piece that holds nothing but markers, comments, directives and blank lines goes with the document behind it; at
 * the end of the text it is an empty document of its own when it begins with `---`, and else part of the last one.
 */
export function splitDocuments(text: string): string[] {
  const pieces = cut(text);
  const documents: string[] = [];
  let pending = '';
  for (const piece of pieces) {
    pending += piece;
    if (!hasContent(piece)) continue;
    documents.push(pending);
    pending = '';
  }
  if (pending !== '') {
    const last = documents.pop();
    if (last === undefined) documents.push(pending);
    else if (isMarker(pending, 0)) documents.push(last, pending);
    else documents.push(last + pending);
  }
  return documents.length === 0 ? [''] : documents;
}

function cut(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  const push = (end: number): void => {
    if (end > start) pieces.push(text.slice(start, end));
    start = Math.max(start, end);
  };
  for (const at of laterJsonObjects(text)) push(at);
  for (const at of markers(text)) {
    push(text.startsWith('-', at) ? at : lineEnd(text, at));
  }
  push(text.length);
  return pieces;
}

/** Offsets of the JSON objects that follow right behind the one that the text begins with. */
function laterJsonObjects(text: string): number[] {
  const found: number[] = [];
  if (!/^\uFEFF?\s*\{/.test(text) || !/\}\s*\{/.test(text)) return found;
  let from = text.indexOf('{');
  while (text.charAt(from) === '{') {
    const end = jsonObjectEnd(text, from);
    if (end === undefined) break;
    from = end + (/^\s*/.exec(text.slice(end))?.[0].length ?? 0);
    if (text.charAt(from) === '{') found.push(from);
  }
  return found;
}

/** Where a JSON object that begins at `from` ends; undefined where there is none. */
function jsonObjectEnd(text: string, from: number): number | undefined {
  const token = /\s*(?:([{[])|([}\]])|[,:]|"(?:[^"\\\r\n]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)/y;
  token.lastIndex = from;
  let depth = 0;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    if (found[1] !== undefined) depth++;
    if (found[2] !== undefined) depth--;
    if (depth === 0) return isJson(text.slice(from, token.lastIndex)) ? token.lastIndex : undefined;
  }
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Offsets of `---` and `...` at the beginning of a line, in order. */
function markers(text: string): number[] {
  const found: number[] = [];
  const from = text.startsWith('\uFEFF') ? 1 : 0;
  if (isMarker(text, from)) found.push(from);
  for (const needle of text.includes('\r') ? ['\n---', '\n...', '\r---', '\r...'] : ['\n---', '\n...']) {
    for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + 1)) {
      if (isMarker(text, at + 1)) found.push(at + 1);
    }
  }
  return found.sort((a, b) => a - b);
}

function isMarker(text: string, at: number): boolean {
  if (!text.startsWith('---', at) && !text.startsWith('...', at)) return false;
  const next = text.charAt(at + 3);
  return next === '' || next === ' ' || next === '\t' || next === '\n' || next === '\r';
}

function lineEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const unit = text.charAt(at);
    if (unit === '\n') return at + 1;
    if (unit === '\r') return text.charAt(at + 1) === '\n' ? at + 2 : at + 1;
  }
  return text.length;
}

const EMPTY_LINES = /^\uFEFF?(?:(?:(?:---|\.\.\.)?[ \t]*(?:#[^\r\n]*)?|%[^\r\n]*)(?:\r\n|\n|\r|$))*/;

function hasContent(piece: string): boolean {
  const empty = EMPTY_LINES.exec(piece)?.[0].length ?? 0;
  return empty < piece.length;
}
