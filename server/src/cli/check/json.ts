import { jsonArray } from '../json-parts.js';
import { type Report, reported } from './report.js';

/** The report as `JSON.stringify` would indent it, in parts, so that thousands of findings need no room. */
export function* json({ input, findings, summary }: Report): Generator<string> {
  yield '{\n  "findings": ';
  yield* jsonArray(reports(), 1);
  yield `,\n${JSON.stringify({ summary }, undefined, 2).slice(2)}\n`;

  function* reports() {
    for (const finding of findings) yield reported(input, finding);
  }
}

/** A line for each finding, for what reads streams: the same objects as in `findings` of the JSON report. */
export function* ndjson({ input, findings }: Report): Generator<string> {
  for (const finding of findings) yield `${JSON.stringify(reported(input, finding))}\n`;
}
