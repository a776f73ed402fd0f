import { readTemplate, type TemplateAction } from './templates.js';

/** Where a line of rendered text comes from. */
export interface LineOrigin {
  /** The template's line, from zero. */
  readonly line: number;
  /** `same`: the line stands so in the template; `pattern`: it does but for its actions; `block`: an action printed it. */
  readonly how: 'same' | 'pattern' | 'block';
}

/** A line of a template, as far as it tells which rendered lines are made of it. */
export interface TemplateLine {
  readonly text: string;
  /** Its text and its actions, in turn, by the columns that they cover; one part where it has no action. */
  readonly parts: readonly Part[];
  /** What it gives where it has text besides its actions: a group for each part. */
  readonly pattern: RegExp | undefined;
  /** The least indentation of what its actions print on lines of their own; undefined where they print none. */
  readonly prints: number | undefined;
}

interface Part {
  readonly start: number;
  readonly end: number;
  readonly action: boolean;
}

export interface TemplateLines {
  readonly lines: readonly TemplateLine[];
  /** First and last line of what is rendered again and again. */
  readonly loops: readonly (readonly [number, number])[];
}

/** The lines of a template, and what they may give. */
export function templateLines(text: string): TemplateLines {
  const { actions } = readTemplate(text);
  const lines: TemplateLine[] = [];
  const starts: number[] = [];
  let next = 0;
  for (let start = 0; start <= text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    while ((actions[next]?.range.end ?? Number.POSITIVE_INFINITY) <= start) next++;
    const own: TemplateAction[] = [];
    for (let i = next; (actions[i]?.range.start ?? end) < end; i++) own.push(...actions.slice(i, i + 1));
    lines.push(lineOf(text, start, end, own));
    starts.push(start);
    start = end + 1;
  }
  const lineAt = (offset: number) => starts.findLastIndex((start) => start <= offset);
  return { lines, loops: loopsOf(text, actions).map(([a, b]) => [lineAt(a), lineAt(b)]) };
}

/**
 * Where each line of a rendered document comes from: the alignment in which most text agrees, and in which the lines are
 * in the template's order but where a loop begins anew. Undefined for a line that comes from nowhere that is known; every
 * line is where the texts are too long to be compared.
 */
export function align(
  { lines, loops }: TemplateLines,
  rendered: readonly string[],
): readonly (LineOrigin | undefined)[] {
  const filled = [...rendered.keys()].filter((i) => rendered[i]?.trim() !== '');
  const width = lines.length;
  const origins = new Array<LineOrigin | undefined>(rendered.length).fill(undefined);
  if (filled.length * width > maxCells) return origins;
  const back = new Int32Array(filled.length * width).fill(-1);
  let before = new Float64Array(width);
  for (const [row, i] of filled.entries()) {
    const text = (rendered[i] ?? '').trimEnd();
    const [best, from] = reach(before, loops, row === 0);
    const now = new Float64Array(width).fill(Number.NEGATIVE_INFINITY);
    for (const [j, line] of lines.entries()) {
      const score = scoreOf(line, text);
      // What an action prints may have any number of lines.
      const stay =
        line.prints !== undefined && row > 0 ? (before[j] ?? 0) + printed(line, text) : Number.NEGATIVE_INFINITY;
      const come = score > 0 ? (best[j] ?? 0) + score : Number.NEGATIVE_INFINITY;
      now[j] = Math.max(stay, come);
      back[row * width + j] = stay >= come ? j : (from[j] ?? -1);
    }
    before = now;
  }
  let at = before.indexOf(before.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY));
  if (before[at] === Number.NEGATIVE_INFINITY) return origins;
  for (let row = filled.length - 1; row >= 0 && at >= 0; row--) {
    const i = filled[row] ?? 0;
    const line = lines[at];
    const previous = back[row * width + at] ?? -1;
    const text = (rendered[i] ?? '').trimEnd();
    if (line !== undefined) origins[i] = { line: at, how: howOf(line, text, row > 0 && previous === at) };
    at = previous;
  }
  return origins;
}

/** Cells of the table that is worked out: a document of 2,000 lines in a template as long. */
const maxCells = 4_000_000;
/** What it costs to leave a line of the template out, and to begin a loop anew. */
const skipped = 0.01;
const again = 0.5;

/** For each line of a template the best way to come to it from another one, and from where. */
function reach(
  before: Float64Array,
  loops: TemplateLines['loops'],
  first: boolean,
): readonly [Float64Array, Int32Array] {
  const best = new Float64Array(before.length);
  const from = new Int32Array(before.length).fill(-1);
  if (first) return [best, from];
  let known = Number.NEGATIVE_INFINITY;
  let place = -1;
  for (let j = 0; j < before.length; j++) {
    best[j] = known;
    from[j] = place;
    known -= skipped;
    const here = before[j] ?? 0;
    if (here >= known) [known, place] = [here, j];
  }
  for (const [start, end] of loops) {
    let most = Number.NEGATIVE_INFINITY;
    let where = -1;
    for (let j = start; j <= end; j++) if ((before[j] ?? 0) > most) [most, where] = [before[j] ?? 0, j];
    for (let j = start; j <= end; j++) {
      if (most - again <= (best[j] ?? 0)) continue;
      best[j] = most - again;
      from[j] = where;
    }
  }
  return [best, from];
}

/** How well a rendered line agrees with a line of the template; 0 where it cannot come from there. */
function scoreOf(line: TemplateLine, text: string): number {
  if (line.parts.length === 1) return line.text !== '' && line.text === text ? 4 + Math.min(text.length, 40) / 20 : 0;
  if (line.pattern?.test(text) === true) return 2 + Math.min(line.pattern.source.length, 40) / 40;
  return line.prints === undefined ? 0 : printed(line, text);
}

function printed({ prints = 0 }: TemplateLine, text: string): number {
  return text.search(/\S/) >= prints ? 0.5 : 0.05;
}

function howOf(line: TemplateLine, text: string, stayed: boolean): LineOrigin['how'] {
  if (line.parts.length === 1) return 'same';
  return !stayed && line.pattern?.test(text) === true ? 'pattern' : 'block';
}

function lineOf(text: string, start: number, end: number, own: readonly TemplateAction[]): TemplateLine {
  const line = text.slice(start, end).trimEnd();
  const outputs = own.filter(({ effect }) => effect === 'output');
  const control = own.some(({ effect }) => effect === 'open' || effect === 'close');
  const parts: Part[] = [];
  const groups: string[] = [];
  let done = 0;
  for (const { range, effect } of own) {
    const action = {
      start: Math.max(0, range.start - start),
      end: Math.min(line.length, range.end - start),
      action: true,
    };
    parts.push(textPart(line, done, action.start), action);
    groups.push(effect === 'output' ? '(.*?)' : '(\\s*?)');
    done = action.end;
  }
  parts.push(textPart(line, done, line.length));
  const texts = parts.filter(({ action }) => !action).map((part) => line.slice(part.start, part.end));
  const bare = texts.every((each) => each.trim() === '');
  const source = texts.map((each, i) => `(${escaped(each)})${groups[i] ?? ''}`).join('');
  const pattern = own.length === 0 || bare || control ? undefined : new RegExp(`^${source}\\s*$`, 'd');
  const columns = outputs.map(({ column }) => column);
  // Behind text in its line an action prints what is indented further.
  const least = pattern === undefined ? Math.min(...columns) : line.search(/\S/) + 1;
  return { text: line, parts, pattern, prints: outputs.length === 0 ? undefined : least };
}

/** The text between two actions; `{{-` and `-}}` take the blanks beside them away. */
function textPart(line: string, start: number, end: number): Part {
  let text = line.slice(start, end);
  if (line.startsWith('{{-', end)) text = text.trimEnd();
  const to = start + text.length;
  if (line.slice(0, start).endsWith('-}}')) text = text.trimStart();
  return { start: to - text.length, end: to, action: false };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Where `range` begins and ends, each with its `end`. */
function loopsOf(text: string, actions: readonly TemplateAction[]): readonly (readonly [number, number])[] {
  const open: { readonly start: number; readonly loop: boolean }[] = [];
  const found: (readonly [number, number])[] = [];
  for (const { range, effect } of actions) {
    const body = text.slice(range.start + 2, range.end - 2).replace(/^-?\s*/, '');
    if (effect === 'open') open.push({ start: range.start, loop: body.startsWith('range') });
    else if (/^end\b/.test(body)) {
      const last = open.pop();
      if (last?.loop === true) found.push([last.start, range.start]);
    }
  }
  return found;
}
