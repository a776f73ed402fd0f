import { align, type LineOrigin, type TemplateLine, templateLines } from './align.js';
import { type Origin, renderedDocument, type YamlDocument } from './document.js';
import { LineIndex } from './lines.js';
import { shift, type TextRange } from './range.js';

/**
 * What a program made of a template, as documents whose places lead back into the template. `template` is the text that
 * was rendered, undefined where it is in no file, so that nothing has a place; `texts` are all documents that came of it.
 */
export function renderedDocuments(
  uri: string,
  template: string | undefined,
  texts: readonly string[],
): readonly YamlDocument[] {
  if (template === undefined) return texts.map((text) => renderedDocument(uri, text, nowhere));
  const made = templateLines(template);
  const lines = new LineIndex(template);
  /** How often each line was rendered, over all documents. */
  const times = new Map<number, number>();
  return texts.map((text) => {
    const origins = align(made, text.split('\n'));
    for (const origin of origins) if (origin !== undefined) times.set(origin.line, (times.get(origin.line) ?? 0) + 1);
    const rendered = new LineIndex(text);
    const origin = originOver({ template, text, lines, rendered, origins, made: made.lines, times });
    return renderedDocument(uri, text, origin);
  });
}

const nowhere: Origin = { template: '', toTemplate: () => undefined, literal: () => undefined };

interface Aligned {
  readonly template: string;
  /** The document that came of it. */
  readonly text: string;
  readonly lines: LineIndex;
  readonly rendered: LineIndex;
  readonly origins: readonly (LineOrigin | undefined)[];
  readonly made: readonly TemplateLine[];
  readonly times: ReadonlyMap<number, number>;
}

function originOver(aligned: Aligned): Origin {
  return {
    template: aligned.template,
    toTemplate(range) {
      const start = placeOf(aligned, range.start, 0);
      const end = range.end > range.start ? placeOf(aligned, range.end, -1) : start;
      if (start === undefined) return undefined;
      // What ends before it begins, as parts of a loop may, is shown by where it begins.
      return end === undefined || end.end < start.start ? start : { start: start.start, end: end.end };
    },
    literal: (range) => literalOf(aligned, range),
  };
}

/**
 * The place of an offset: a point where the template has the text, else the action that printed it. The end of a range is
 * asked with `side` -1, by the character before it.
 */
function placeOf({ lines, rendered, origins, made }: Aligned, offset: number, side: 0 | -1): TextRange | undefined {
  const { line: row, character } = rendered.positionAt(offset);
  const origin = origins[row];
  const line = origin === undefined ? undefined : made[origin.line];
  if (origin === undefined || line === undefined) return undefined;
  const text = rendered.lineText(row).trimEnd();
  const within = columnsOf(line, origin.how, text, Math.min(character, text.length), side);
  return shift(within, lines.lineStart(origin.line));
}

/** The columns in a line of the template that a column of a line which came of it stands for. */
function columnsOf(
  { parts, text, pattern }: TemplateLine,
  how: LineOrigin['how'],
  rendered: string,
  column: number,
  side: 0 | -1,
): TextRange {
  if (how === 'same') return point(column);
  const groups = how === 'pattern' ? (pattern?.exec(rendered)?.indices ?? []) : [];
  for (const [i, part] of parts.entries()) {
    const [from, to] = groups[i + 1] ?? [0, 0];
    const last = i === parts.length - 1 && column >= to;
    if (groups.length === 0 || !((from <= column + side && column + side < to) || last)) continue;
    return part.action ? part : point(Math.min(part.start + column - from, part.end));
  }
  const actions = parts.filter(({ action }) => action);
  const start = actions[0]?.start ?? text.search(/\S|$/);
  return { start, end: actions.at(-1)?.end ?? text.length };
}

function point(at: number): TextRange {
  return { start: at, end: at };
}

/** The same text in the template; undefined where it is not there as such, or was rendered more than once. */
function literalOf(
  { template, text, lines, rendered, origins, times }: Aligned,
  range: TextRange,
): TextRange | undefined {
  const first = rendered.lineAt(range.start);
  const last = rendered.lineAt(range.end);
  const top = origins[first]?.line ?? -1;
  for (let row = first; row <= last; row++) {
    const origin = origins[row];
    if (origin?.how !== 'same' || origin.line !== top + row - first || times.get(origin.line) !== 1) return undefined;
  }
  const start = lines.lineStart(top) + range.start - rendered.lineStart(first);
  const end = start + range.end - range.start;
  // Line ends may be others, and what is to be replaced has to be the same.
  return template.slice(start, end) === text.slice(range.start, range.end) ? { start, end } : undefined;
}
