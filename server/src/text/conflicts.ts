import type { YamlProblem } from './document.js';
import type { TextRange } from './range.js';

/** A text without git's conflict markers. */
export interface Settled {
  /** The first version of each conflict; blanks stand where the markers and the other versions stood. */
  readonly text: string;
  readonly problems: readonly YamlProblem[];
}

const message =
  'Git has left a conflict here: several versions of these lines stand in the file, and nothing can read it as it is. Keep one of them, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>.';

/**
 * Reads the first version of lines that git, or another tool with its markers, could not merge. One problem for each
 * conflict, at its first marker. A document may hold only a part of one, since versions may differ in their `---` lines;
 * a line of `=======` alone is none.
 */
export function withoutConflicts(text: string): Settled {
  if (!text.includes('<<<<<<<') && !text.includes('>>>>>>>')) return { text, problems: [] };
  const problems: YamlProblem[] = [];
  const parts: string[] = [];
  // One that begins in an earlier document ends here.
  let inConflict = /^(<{7}|>{7})(?![<>])/m.exec(text)?.[1] === '>>>>>>>';
  let isNamed = false;
  let isOther = false;
  let done = 0;
  const blank = (range: TextRange) => {
    parts.push(text.slice(done, range.start), text.slice(range.start, range.end).replace(/[^\r\n]/g, ' '));
    done = range.end;
  };
  for (const { 0: line, 1: marker, index } of text.matchAll(/^(?:(<{7}|\|{7}|={7}|>{7})(?![<|=>]))?[^\r\n]*/gm)) {
    const range = { start: index, end: index + line.length };
    const isMarker = marker === '<<<<<<<' || (marker !== undefined && inConflict);
    if (isMarker) {
      if (marker === '<<<<<<<' || !isNamed) problems.push({ message, range });
      isNamed = marker !== '>>>>>>>';
      inConflict = marker !== '>>>>>>>';
      isOther = inConflict && marker !== '<<<<<<<';
    }
    if ((isMarker || isOther) && line !== '') blank(range);
  }
  return problems.length === 0 ? { text, problems } : { text: parts.join('') + text.slice(done), problems };
}
