import type { CompletionItem } from 'vscode-languageserver-types';
import { rules, unusedSuppression } from '../../rules/index.js';
import type { RuleDefinition } from '../../rules/rule.js';
import type { Netpol } from '../../service.js';
import { lineStartAt } from '../../text/columns.js';
import type { SourceFile } from '../../text/file.js';
import { suppressionsOf } from '../../text/suppressions.js';
import { toLspRange } from '../places.js';

/**
 * In a comment: the words that silence rules, and behind such a word the rules, those first that find something where the
 * comment counts. Undefined outside of comments.
 */
export function suppressionCompletions(
  netpol: Netpol,
  file: SourceFile,
  offset: number,
): readonly CompletionItem[] | undefined {
  const start = lineStartAt(file.text, offset);
  const before = file.text.slice(start, offset);
  const comment = /^(?:[^"'#]|"[^"]*"|'[^']*'|(?<=\S)#|["'](?=[^"']*$))*?(?:^|(?<=\s))#(.*)$/.exec(before)?.[1];
  if (comment === undefined) return undefined;
  const directive = /^\s*netpol-disable(?:-next-line|-line)?\s+(.*)$/.exec(comment);
  if (directive === null) return words(file, offset, comment, /^\s*#/.test(before));
  const listed = directive[1] ?? '';
  if (/(?:^|\s)--(?:\s|$)/.test(listed)) return [];
  const typed = /[^\s,]*$/.exec(listed)?.[0] ?? '';
  const rest = /^[\w-]*/.exec(file.text.slice(offset))?.[0] ?? '';
  const range = toLspRange(file, { start: offset - typed.length, end: offset + rest.length });
  const own = suppressionsOf(file).find(({ span }) => span.start <= offset && offset <= span.end + 1 + listed.length);
  const there = listed.split(/[\s,]+/).slice(0, -1);
  const found = new Map<string, string>();
  for (const { rule, range, message } of own === undefined ? [] : netpol.findingsWithSilenced(file.uri)) {
    if (own?.covers(range) === true && !found.has(rule.id)) found.set(rule.id, message);
  }
  const isHere = ({ id }: RuleDefinition) => found.has(id);
  const silenceable = rules.filter(({ id, on }) => on !== 'file' && id !== unusedSuppression.id && !there.includes(id));
  return [...silenceable.filter(isHere), ...silenceable.filter((rule) => !isHere(rule))].map(
    ({ id, summary, severity }, i) => ({
      label: id,
      kind: constant,
      textEdit: { range, newText: id },
      detail: found.has(id) ? 'found here' : severity,
      documentation: found.has(id) ? `${summary}\n\nHere: ${found.get(id)}` : summary,
      sortText: String(i).padStart(3, '0'),
      ...(i === 0 && found.has(id) ? { preselect: true } : {}),
    }),
  );
}

function words(file: SourceFile, offset: number, comment: string, alone: boolean): readonly CompletionItem[] {
  const typed = comment.trimStart();
  if (!directives.some(({ text }) => text.startsWith(typed))) return [];
  const rest = /^[\w-]*/.exec(file.text.slice(offset))?.[0] ?? '';
  const range = toLspRange(file, { start: offset - typed.length, end: offset + rest.length });
  const lead = comment === '' ? ' ' : '';
  return directives
    .filter(({ at }) => (at === 'line') !== alone)
    .map(({ text, doc }, i) => ({
      label: text,
      kind: keyword,
      textEdit: { range, newText: `${lead}${text} ` },
      filterText: text,
      documentation: doc,
      sortText: String(i).padStart(3, '0'),
    }));
}

const directives = [
  {
    text: 'netpol-disable-next-line',
    at: 'own line',
    doc: 'Silences rules on the next line that is no comment. Name the rules behind it; without a name it silences all of them.',
  },
  {
    text: 'netpol-disable',
    at: 'own line',
    doc: 'Silences rules from here to the end of the document; before the first document, in the whole file. Name the rules behind it; without a name it silences all of them.',
  },
  {
    text: 'netpol-disable-line',
    at: 'line',
    doc: 'Silences rules on this line. Name the rules behind it; without a name it silences all of them.',
  },
] as const;

// Numbers of the protocol: `CompletionItemKind`.
const keyword = 14;
const constant = 21;
