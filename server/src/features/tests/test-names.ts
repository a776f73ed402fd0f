import type { Cluster, Pods } from '../../engine/cluster.js';
import { podsName } from '../../engine/connection-names.js';
import type { Expectations } from '../../engine/expectations.js';
import { endWordsKnown } from '../../engine/expected-ends.js';
import { expectationsOf, scopesTested } from '../../engine/test-runs.js';
import type { Netpol } from '../../service.js';
import type { Scope } from '../../workspace/scope.js';
import type { TestDocument } from '../../workspace/test-file.js';
import type { KnownText } from '../completion/field-completion.js';

/** A scope that a test document is about, with who answers in it. */
export interface Tested {
  readonly scope: Scope;
  readonly expectations: Expectations;
}

/** The scopes of a test document; none where it is not known what it is about. */
export function testedIn(netpol: Netpol, tests: TestDocument): readonly Tested[] {
  const found = scopesTested(netpol.workspace, tests);
  if ('problem' in found) return [];
  return found.scopes.map((scope) => ({
    scope,
    expectations: expectationsOf(scope, netpol.profileOf(scope), tests.namespace),
  }));
}

/** Who can be named as an end: workloads, services where somebody connects to them, and the words of the profile. */
export function endNames(
  { pods, services, namespaceOf }: Cluster,
  field: 'from' | 'to' | 'except',
): readonly KnownText[] {
  const workloads = pods.map((each) => ({ text: `${each.namespace.name}/${each.name}`, doc: podsName(each) }));
  const named = services.map(({ value, namespace }) => ({
    text: `svc/${namespaceOf(namespace).name}/${value.name}`,
    doc: 'Service',
  }));
  const words = [{ text: '*', doc: 'any workload' }, ...endWordsKnown.map((text) => ({ text }))];
  return unique([...workloads, ...(field === 'to' ? named : []), ...words]);
}

/** The labels of the pods, one in a line: `app: api`. */
export function labelTexts(labels: readonly Pods['labels'][]): readonly KnownText[] {
  return unique(labels.flatMap((each) => [...each].map(([key, value]) => ({ text: `${key}: ${quotable(value)}` }))));
}

/** A label's value that YAML would read as something else than text. */
function quotable(value: string): string {
  return /^[A-Za-z][\w.-]*$/.test(value) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(value)
    ? value
    : `"${value}"`;
}

export function unique(texts: readonly KnownText[]): readonly KnownText[] {
  return [...new Map(texts.map((each) => [each.text, each])).values()];
}
