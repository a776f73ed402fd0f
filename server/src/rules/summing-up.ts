import { resourcesOf } from '../kinds/index.js';
import type { SourceFile } from '../text/file.js';
import { severities } from './rule.js';
import type { FileFinding } from './run.js';

/** No person's object has as many findings of one rule; and who mends these sees the others. */
export const mostOfOneRule = 50;

/**
 * Of the findings that one rule has in one object only so many, the gravest and first ones; the last of them tells how many
 * more there are. So a list of 200,000 faults is a report that can be read, and as grave as before.
 */
export function summedUp(file: SourceFile, findings: readonly FileFinding[]): readonly FileFinding[] {
  if (!mayBeMany(file, findings)) return findings;
  const objectOf = objectsOf(file);
  const groups = new Map<string, FileFinding[]>();
  for (const finding of findings) {
    const key = `${finding.rule.id} ${objectOf(finding.range.start)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  const told = new Map<FileFinding, number>();
  const left = new Set<FileFinding>();
  for (const group of groups.values()) {
    const more = group.length - mostOfOneRule;
    if (more <= 0) continue;
    const ordered = group.toSorted((a, b) => gravity(a) - gravity(b));
    const last = ordered[mostOfOneRule - 1];
    if (last !== undefined) told.set(last, more);
    for (const finding of ordered.slice(mostOfOneRule)) left.add(finding);
  }
  if (left.size === 0) return findings;
  return findings.flatMap((finding) => {
    if (left.has(finding)) return [];
    const more = told.get(finding);
    return [more === undefined ? finding : { ...finding, message: withMore(finding, more) }];
  });
}

/** Cheap, and enough for nearly every file: all rules together have not as many findings in one of its documents. */
function mayBeMany(file: SourceFile, findings: readonly FileFinding[]): boolean {
  if (findings.length <= mostOfOneRule) return false;
  const counts = new Map<number, number>();
  return findings.some(({ range }) => {
    const place = file.documentAt(range.start)?.offset ?? 0;
    const count = (counts.get(place) ?? 0) + 1;
    counts.set(place, count);
    return count > mostOfOneRule;
  });
}

function withMore({ message, rule }: FileFinding, more: number): string {
  const places = more === 1 ? 'one more place' : `${more} more places`;
  return `${message}${/[.?!]$/.test(message) ? '' : '.'} The rule ${rule.id} finds ${places} in this object, which are not listed.`;
}

function gravity({ severity }: FileFinding): number {
  return severities.indexOf(severity);
}

/** Tells the objects of a file apart: the place where the one begins that an offset of the file falls in. */
function objectsOf(file: SourceFile): (offset: number) => number {
  const starts = file.documents.flatMap(({ document, offset }) => [
    offset,
    ...resourcesOf(document).map(({ node }) => (node.document === document ? offset + node.range.start : offset)),
  ]);
  starts.sort((a, b) => a - b);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return starts[low - 1] ?? 0;
  };
}
