import { decisionsOf } from '../../engine/decisions.js';
import { explain } from '../../engine/explain.js';
import type { Place } from '../../model/workload.js';
import type { Netpol } from '../../service.js';
import { toData } from '../../text/data.js';
import { nodeAt, pathAt } from '../../text/paths.js';
import { keySpan, spanOf } from '../../text/tree.js';
import { readEnds, readTests } from '../../workspace/test-file.js';
import { type Tested, testedIn } from '../tests/test-names.js';
import type { Targets } from './targets.js';

/** In a `*.netpol-test.yaml` file: from an end to the workloads it means, from a test to the lines that decide it. */
export function testMeans(netpol: Netpol, uri: string, offset: number): Targets | undefined {
  const placed = netpol.workspace.file(uri)?.documentAt(offset);
  const location = placed === undefined ? undefined : pathAt(placed.document, offset - placed.offset);
  if (placed === undefined || location === undefined) return undefined;
  const { path, node, onKey, entry } = location;
  const [first, index, field] = path;
  if (first !== 'tests' || typeof index !== 'number') return undefined;
  const tests = readTests(placed.document);
  const all = testedIn(netpol, tests);
  const isEnd = (field === 'from' || field === 'to' || field === 'except') && !(onKey && path.length === 3);
  const ends = isEnd
    ? readEnds(toData(nodeAt(placed.document, path.slice(0, typeof path[3] === 'number' ? 4 : 3))))
    : [];
  const test = tests.tests.find((each) => each.path[1] === index)?.expectation;
  const targets = all.flatMap((tested) =>
    isEnd ? ends.flatMap((end) => workloadsOf(tested, end)) : test === undefined ? [] : deciding(tested, test),
  );
  const origin = onKey && entry !== undefined ? keySpan(entry) : node.kind === 'scalar' ? spanOf(node) : undefined;
  return { origin, targets };
}

function workloadsOf(
  { expectations }: Tested,
  end: Parameters<Tested['expectations']['resolve']>[0],
): readonly Place[] {
  const found = expectations.resolve(end);
  if ('problem' in found) return [];
  const services = found.service === undefined ? [] : [found.service.value.at];
  const pods = found.ends.flatMap((each) => (each.kind === 'pods' ? each.pods.workloads : []));
  return [...services, ...pods.map(({ value }) => value.at)];
}

/** Enough pairs for each policy that has a part in a test to be named; a wildcard may mean thousands. */
const mostPairs = 50;

/** The lines that decide a test: those that let it through, or those that deny it. */
function deciding({ expectations }: Tested, test: Parameters<Tested['expectations']['pairsOf']>[0]): readonly Place[] {
  const found = expectations.pairsOf(test, mostPairs);
  if (!('pairs' in found)) return [];
  const { judge } = expectations;
  return found.pairs.flatMap(({ from, to, ports }) =>
    explain(judge.cluster, from, to, ports, judge).flatMap((part) => decisionsOf(part).flatMap(({ at }) => at ?? [])),
  );
}
