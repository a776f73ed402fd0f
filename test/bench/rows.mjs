// A row of the bench's table: what was measured, beside its budget.

import { quantile } from './requests.mjs';

/** Times in milliseconds against a budget for their median, their p99 or both. */
export function timed(title, budget, mine, other, memory, otherMemory) {
  const { median, p99 } = budget;
  const [m, p] = [quantile(mine, 0.5), quantile(mine, 0.99)];
  return {
    title,
    budget: [
      median === undefined ? '' : `median ≤ ${milliseconds(median)}`,
      p99 === undefined ? '' : `p99 ≤ ${milliseconds(p99)}`,
    ]
      .filter((part) => part !== '')
      .join(', '),
    ours: `${milliseconds(m)} / ${milliseconds(p)}`,
    theirs: other === undefined ? '' : `${milliseconds(quantile(other, 0.5))} / ${milliseconds(quantile(other, 0.99))}`,
    holds: (median === undefined || m <= median) && (p99 === undefined || p <= p99),
    memory: memory === undefined ? '' : megabytes(memory),
    theirMemory: otherMemory === undefined ? '' : megabytes(otherMemory),
  };
}

/** What is done in steps: how long it takes is told, how long nobody else is answered is held. */
export function stepped(title, times, block) {
  return {
    ...timed(title, {}, times),
    budget: 'at a stretch ≤ 50 ms',
    holds: block <= 50,
    atOnce: milliseconds(block),
  };
}

export function milliseconds(time) {
  return time >= 1000
    ? `${(time / 1000).toFixed(time % 1000 === 0 ? 0 : 2)} s`
    : `${time < 10 && !Number.isInteger(time) ? time.toFixed(1) : Math.round(time)} ms`;
}

export function megabytes(size) {
  return `${(size / 1e6).toFixed(size < 1e7 ? 1 : 0)} MB`;
}
