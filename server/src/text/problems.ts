import { parseAllDocuments, type YAMLParseError } from 'yaml';
import type { YamlProblem } from './document.js';
import type { TextRange } from './range.js';
import type { Reading } from './read.js';

/** More than this says nothing new: the first faults are the ones to repair. */
const MOST = 50;

/**
 * The faults of a document's syntax: what the reader repaired, then what the YAML library still finds in the repaired
 * text, at most one for each line. None for templates: what they print is not known.
 */
export function problemsOf(reading: Reading): YamlProblem[] {
  if (reading.actions.length > 0) return [];
  const found = reading.judgeable ? [...reading.problems, ...libraryProblems(reading)] : [...reading.problems];
  const { text } = reading.document;
  const seen = new Set<number>();
  const kept: YamlProblem[] = [];
  for (const problem of found) {
    const line = text.lastIndexOf('\n', problem.range.start - 1);
    if (seen.has(line) || kept.length === MOST) continue;
    seen.add(line);
    kept.push(problem);
  }
  return kept.sort((a, b) => a.range.start - b.range.start);
}

function libraryProblems({ document, draft }: Reading): YamlProblem[] {
  const options = { schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const;
  const documents = parseAllDocuments(draft.text, options);
  if (!Array.isArray(documents)) return [];
  const errors = documents.flatMap((parsed) => parsed.errors);
  return errors.slice(0, MOST).map((error) => {
    const start = draft.original(error.pos[0]);
    return { message: messageOf(error), range: visible(document.text, start, draft.original(error.pos[1])) };
  });
}

/** The word at a fault: within one line, without blanks, and at least one character where the text has one. */
function visible(text: string, from: number, to: number): TextRange {
  const blank = /^[ \t]*/.exec(text.slice(from))?.[0].length ?? 0;
  const start = from + blank;
  const rest = /^[^\r\n]*/.exec(text.slice(start, to))?.[0].trimEnd().length ?? 0;
  const word = /^[^\s:,[\]{}]+/.exec(text.slice(start))?.[0].length ?? 0;
  const length = Math.max(rest, word);
  if (length > 0) return { start, end: start + length };
  const previous = text[from - 1];
  const end = Math.min(from, text.length);
  return previous === undefined || /[\r\n]/.test(previous) ? { start: end, end } : { start: end - 1, end };
}

function messageOf(error: YAMLParseError): string {
  switch (error.code) {
    case 'BAD_INDENT':
      return 'This line is indented unlike its neighbours, so it is unclear what it belongs to. Align it with the keys or items beside it.';
    case 'TAB_AS_INDENT':
      return 'YAML does not take tabs as indentation. Use spaces.';
    case 'MISSING_CHAR':
      return 'Something is missing here: a comma between entries in brackets, or a space before a comment or behind a tag. Add it.';
    case 'MULTILINE_IMPLICIT_KEY':
      return 'A key must stand on one line. A colon is missing behind an earlier line, or this line is indented too deep.';
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'A second key, or a list, stands where a plain value belongs. Put it on a line of its own, or quote the value if the colon is part of it.';
    case 'BLOCK_IN_FLOW':
      return 'Indented maps and lists cannot stand within brackets. Write the inner part with brackets too.';
    case 'UNEXPECTED_TOKEN':
      return 'This does not belong here. Remove it, or quote it if it is part of the value.';
    case 'BAD_ALIAS':
      return 'An alias or anchor needs a name, such as *name or &name. Quote the value if it is meant as text.';
    case 'BAD_COLLECTION_TYPE':
      return 'The tag of this value does not fit its kind. Remove the tag.';
    case 'BAD_DIRECTIVE':
      return 'This directive is not known to YAML. Remove the line, or quote it if it is text.';
    case 'ALIAS_PROPS':
      return 'An alias cannot have an anchor or a tag of its own. Remove it.';
    case 'BAD_DQ_ESCAPE':
      return 'This escape is not known to YAML. Write a doubled backslash, or use single quotes.';
    case 'BAD_PROP_ORDER':
      return 'An anchor or tag must stand behind the dash or colon, directly before the value.';
    case 'BAD_SCALAR_START':
      return 'A value cannot begin with this character. Quote it.';
    case 'KEY_OVER_1024_CHARS':
      return 'This key is longer than the 1024 characters YAML takes. A colon may be missing further up.';
    case 'MULTIPLE_ANCHORS':
    case 'MULTIPLE_TAGS':
      return 'A value can have one anchor and one tag. Remove the second.';
    default:
      return `This is not valid YAML: ${error.message}.`;
  }
}
