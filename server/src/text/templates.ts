import { columnAt, textBefore } from './columns.js';
import type { TextRange } from './range.js';

/** One `{{ ... }}` of a Go template. */
export interface TemplateAction {
  readonly range: TextRange;
  /** `alone`: its line holds nothing but actions. `inline`: it is a part of a scalar or key. */
  readonly place: 'alone' | 'inline';
  /**
   * `open` begins a block (`if`, `range`, `with`, `define`), `close` continues or ends one, `silent` prints nothing
   * (a comment, an assignment), `output` prints.
   */
  readonly effect: 'open' | 'close' | 'silent' | 'output';
  /** The column its output begins at, as `indent` or `nindent` in the action say, else the action's own. */
  readonly column: number;
}

export interface Template {
  /** The text with every action replaced by as many other characters, so that it reads as YAML. */
  readonly masked: string;
  /** In text order. */
  readonly actions: readonly TemplateAction[];
}

/** Stands for one character of an inline action: a character of a private use area, which YAML takes as plain text. */
export const MASK = '\uE000';

/**
 * Finds the template actions of a text and takes them out of the YAML reader's way. Actions in comments do not count.
 * Nothing here evaluates a template: what an action prints is unknown, and later marked so.
 */
export function readTemplate(text: string): Template {
  if (!text.includes('{{')) return { masked: text, actions: [] };
  const ranges = actionRanges(text);
  const actions = ranges.map((range, index) => describe(text, range, standsAlone(text, ranges, index)));
  let masked = '';
  let done = 0;
  for (const { range, place } of actions) {
    const source = text.slice(range.start, range.end);
    masked += text.slice(done, range.start);
    masked += place === 'alone' ? source.replace(/[^\r\n]/g, ' ') : MASK.repeat(source.length);
    done = range.end;
  }
  return { masked: masked + text.slice(done), actions };
}

/** True when an action overlaps the range. */
export function touchesAction(actions: readonly TemplateAction[], range: TextRange): boolean {
  let low = 0;
  let high = actions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((actions[middle]?.range.end ?? 0) <= range.start) low = middle + 1;
    else high = middle;
  }
  const first = actions[low];
  return first !== undefined && first.range.start < range.end;
}

function actionRanges(text: string): TextRange[] {
  const found: TextRange[] = [];
  for (let at = text.indexOf('{{'); at !== -1; at = text.indexOf('{{', at)) {
    const end = actionEnd(text, at);
    if (end === undefined || !looksLikeAction(text.slice(at + 2, end - 2)) || inComment(text, at)) {
      at += 2;
      continue;
    }
    found.push({ start: at, end });
    at = end;
  }
  return found;
}

/** The end of the action that begins at `start`, minding strings and comments in it; undefined when it is not closed. */
function actionEnd(text: string, start: number): number | undefined {
  const comment = /\{\{-?[ \t\r\n]*\/\*/y;
  comment.lastIndex = start;
  if (comment.test(text)) {
    const close = text.indexOf('*/', comment.lastIndex);
    const end = close === -1 ? -1 : text.indexOf('}}', close);
    return end === -1 ? undefined : end + 2;
  }
  const part = /"(?:[^"\\\r\n]|\\.)*"|`[^`]*`|\}\}|\{\{/g;
  part.lastIndex = start + 2;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    if (match[0] === '}}') return match.index + 2;
    if (match[0] === '{{') return undefined;
  }
  return undefined;
}

/** YAML and JSON flow maps of maps begin with `{{` too, though never as valid text: `{{a: 1}}`. */
function looksLikeAction(body: string): boolean {
  const inner = body.replace(/^-/, '').trim();
  return /^[\w.$("'`/=*#|-]/.test(inner) && !/^["']?[\w.-]+["']?\s*:(?:\s|$)/.test(inner);
}

function inComment(text: string, at: number): boolean {
  const before = textBefore(text, at).replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '""');
  return /(?:^|\s)#/.test(before);
}

/** True when the lines the action covers hold nothing but blanks, actions and a comment at the end. */
function standsAlone(text: string, ranges: readonly TextRange[], index: number): boolean {
  for (let i = index; ; i--) {
    const start = ranges[i]?.start ?? 0;
    const previous = ranges[i - 1];
    const gap = text.slice(previous?.end ?? 0, start);
    const line = /[\r\n][ \t]*$/.test(gap) || (previous === undefined && /^\uFEFF?[ \t]*$/.test(gap));
    if (line) break;
    if (!/^[ \t]*$/.test(gap) || previous === undefined) return false;
  }
  for (let i = index; ; i++) {
    const end = ranges[i]?.end ?? text.length;
    const next = ranges[i + 1];
    const gap = text.slice(end, next?.start ?? text.length);
    if (/^[ \t]*(?:[\r\n]|[ \t]#|$)/.test(gap) && (gap !== '' || next === undefined) && !/^[ \t]+$/.test(gap))
      return true;
    if (/^[ \t]*$/.test(gap)) {
      if (next === undefined) return true;
      continue;
    }
    return false;
  }
}

function describe(text: string, range: TextRange, alone: boolean): TemplateAction {
  const body = text
    .slice(range.start + 2, range.end - 2)
    .replace(/^-/, '')
    .trim();
  const own = columnAt(text, range.start);
  const indent = [...body.matchAll(/\b(n?)indent\s+(\d+)/g)].at(-1);
  const column = indent === undefined ? own : Number(indent[2]) + (indent[1] === 'n' ? 0 : own);
  return { range, place: alone ? 'alone' : 'inline', effect: effectOf(body), column };
}

function effectOf(body: string): TemplateAction['effect'] {
  if (body.startsWith('/*') || /^\$\w*\s*:?=/.test(body)) return 'silent';
  if (/^(?:if|range|with|define|block)\b/.test(body)) return 'open';
  if (/^(?:end|else|break|continue)\b/.test(body)) return 'close';
  return 'output';
}
