import { scopesTested } from '../../engine/test-runs.js';
import type { ExpectedEnd } from '../../model/expectation.js';
import type { Place, Service, Workload } from '../../model/workload.js';
import type { Netpol } from '../../service.js';
import { toData } from '../../text/data.js';
import { nodeAt } from '../../text/paths.js';
import { spanOf } from '../../text/tree.js';
import type { Placed, Scope } from '../../workspace/scope.js';
import { isTestFile, readEnds, readTests } from '../../workspace/test-file.js';

/** The ends of tests that name one of some workloads, or a service, by its name; wildcards and labels name nobody. */
export function endsNaming(
  { workspace }: Netpol,
  scope: Scope,
  workloads: readonly Placed<Workload>[],
  service?: Placed<Service>,
): readonly Place[] {
  const wanted = new Set([...workloads, ...(service === undefined ? [] : [service])].map(({ value }) => value.name));
  const objects = [...workloads, ...(service === undefined ? [] : [service])];
  const found: Place[] = [];
  for (const file of workspace.files.values()) {
    if (!file.uri.includes('.netpol-test.') || !isTestFile(file.uri)) continue;
    for (const { document } of file.documents) {
      const tests = readTests(document);
      const tested = scopesTested(workspace, tests);
      if ('problem' in tested || !tested.scopes.includes(scope)) continue;
      for (const { path } of tests.tests) {
        for (const field of ['from', 'to', 'except']) {
          const node = nodeAt(document, [...path, field]);
          const ends =
            node?.kind === 'sequence' ? node.items.map(({ value }) => value) : node === undefined ? [] : [node];
          for (const end of ends) {
            const [named] = readEnds(toData(end));
            const name = named === undefined ? undefined : nameIn(named);
            if (name === undefined || !wanted.has(name.name)) continue;
            const isNamed = objects.some(
              ({ value, namespace }) =>
                value.name === name.name &&
                (name.namespace === undefined || namespace.name === undefined || name.namespace === namespace.name) &&
                (service !== undefined) === name.isService,
            );
            if (isNamed) found.push(spanOf(end));
          }
        }
      }
    }
  }
  return found;
}

/** The parts of a name as a test writes it: `name`, `ns/name`, `kind/name`, `kind/ns/name`, each with `[Kind]`. */
function nameIn(end: ExpectedEnd) {
  if (end.kind !== 'name' || end.text.includes('*')) return undefined;
  const words = end.text.replace(/\[\w+\]$/, '').split('/');
  const [first, second] = words;
  const isService = words.length > 1 && /^(?:svc|services?)$/i.test(first ?? '');
  const namespace =
    words.length === 3 ? second : words.length === 2 && !isService && !kinds.test(first ?? '') ? first : undefined;
  return { name: words.at(-1) ?? '', namespace, isService };
}

const kinds =
  /^(?:po|pod|deploy|deployment|sts|statefulset|ds|daemonset|rs|replicaset|rc|replicationcontroller|cj|cronjob|job)s?$/i;
