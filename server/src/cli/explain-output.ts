import type { ScopeAnswer } from '../features/explain/explain-answers.js';
import { explainText } from '../features/explain/explain-text.js';
import { explainView } from '../features/explain/explain-view.js';
import type { Place } from '../model/workload.js';
import type { Io } from './command.js';
import type { Input } from './input.js';

/** Explanations as text, with the lines that decide; each under its scope's name where there are several. */
export function explanationText(input: Input, io: Io, answers: readonly ScopeAnswer[]): string {
  const texts = answers.map(({ scope, explained }) => {
    const text = explainText(
      explainView(explained),
      ({ at }) => {
        const place = placed(input, at);
        return place === undefined ? undefined : `${place.file}:${place.line}`;
      },
      ({ at }) => placed(input, at),
      io.style,
    );
    return answers.length > 1 ? `${io.style.bold(`${scope.title} (${scope.kind})`)}\n${text}` : text;
  });
  return texts.join('\n');
}

/** Where a place is, with its line of text; lines from 1. Undefined where the file is gone. */
export function placed({ netpol, show }: Input, at: Place) {
  const file = netpol.workspace.file(at.document.uri);
  const range = file?.toFile(at);
  if (file === undefined || range === undefined) return undefined;
  const { line } = file.lines.positionAt(range.start);
  return { file: show(file.uri), line: line + 1, text: file.lines.lineText(line).trimEnd().replaceAll('\t', ' ') };
}
