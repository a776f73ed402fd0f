import type { Place } from '../model/workload.js';
import { explainJson } from './explain-json.js';
import type { FlowAnswer } from './flows-answers.js';
import type { FlowRecords } from './flows-records.js';

/** The contract of docs/json.md. */
export function flowsJson(
  answers: readonly FlowAnswer[],
  { records, leftOut, unreadable }: FlowRecords,
  find: (at: Place) => { readonly file: string; readonly line: number } | undefined,
) {
  return {
    flows: answers.map(({ count, record, finding, from, to, causes, answers: own }) => ({
      count,
      verdict: record.verdict,
      reason: record.reason ?? null,
      direction: record.direction ?? null,
      from,
      to,
      protocol: record.protocol,
      port: record.port,
      finding,
      causes,
      explanation: own.length === 0 ? null : explainJson(own, find),
    })),
    records: {
      read: records.length,
      leftOut: [...leftOut].map(([why, count]) => ({ why, count })),
      unreadable,
    },
  };
}
