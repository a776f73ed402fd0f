import { namespaceNameKey } from '../model/pod-facts.js';
import type { Policy } from '../model/policy.js';
import type { Labels } from '../model/selector.js';
import { contentOf, type NamespaceRef, type Placed, type Scope } from '../workspace/scope.js';

/** Whose labels a selector of Calico asks for; as peers, sets of addresses are chosen by labels too. */
export type LabelsAsked = 'pods' | 'peers' | 'namespaces' | 'accounts';

/** Each label that is known, with its values, those of most objects first. */
export type KnownLabels = ReadonlyMap<string, readonly string[]>;

/**
 * The labels that a selector may ask for, as far as the scopes tell, under the names that Calico gives them. `within` is
 * the policy in whose namespace the pods have to be; undefined where they may be anywhere.
 * Source: libcalico-go backend/k8s/conversion; FACTS A3.6.
 */
export function labelsAsked(
  asked: LabelsAsked,
  scopes: readonly Scope[],
  within: (scope: Scope) => Placed<Policy> | undefined,
): KnownLabels {
  const sets = scopes.flatMap((scope) =>
    asked === 'namespaces'
      ? namespaceLabels(scope)
      : asked === 'accounts'
        ? accounts(scope).map((name): Labels => new Map([['projectcalico.org/name', name]]))
        : labelsIn(scope, within(scope)?.namespace, asked),
  );
  const uses = new Map<string, Map<string, number>>();
  for (const [key, value] of sets.flatMap((labels) => [...labels])) {
    const values = uses.get(key) ?? new Map<string, number>();
    uses.set(key, values.set(value, (values.get(value) ?? 0) + 1));
  }
  const most = ([a, n]: readonly [string, number], [b, m]: readonly [string, number]) => m - n || (a < b ? -1 : 1);
  const known = [...uses].map(([key, values]) => [key, [...values].sort(most).map(([value]) => value)] as const);
  const rank = (key: string) => (key.startsWith('projectcalico.org/') ? 1 : key.startsWith('pcns.') ? 2 : 0);
  return new Map(known.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)));
}

/** Labels of pods with what Calico adds to them, and of sets of addresses. */
function labelsIn(scope: Scope, own: NamespaceRef | undefined, asked: 'pods' | 'peers'): readonly Labels[] {
  const workloads = own === undefined ? scope.workloads : contentOf(scope, own).workloads;
  const sets = scope.addressSets.filter(
    ({ value: { kind }, namespace }) => kind !== 'CiliumCIDRGroup' && (own === undefined || namespace.key === own.key),
  );
  const ofPods = workloads.flatMap(({ value, namespace }): readonly Labels[] => [
    value.labels,
    new Map([
      ['projectcalico.org/orchestrator', 'k8s'],
      ['projectcalico.org/serviceaccount', value.serviceAccount ?? 'default'],
      ...(namespace.name === undefined ? [] : [['projectcalico.org/namespace', namespace.name] as const]),
    ]),
  ]);
  const ofNamespaces = (own === undefined ? namespaceLabels(scope) : []).map(
    (labels): Labels => new Map([...labels].map(([key, value]) => [`pcns.${key}`, value])),
  );
  return [...ofPods, ...(asked === 'peers' ? sets.map(({ value }) => value.labels) : []), ...ofNamespaces];
}

/** The labels of each namespace that is declared or used, with its name as Kubernetes and Calico give it. */
function namespaceLabels(scope: Scope): readonly Labels[] {
  const used = [...scope.namespaces.values()].flatMap(({ ref }) => ref.name ?? []);
  const names = new Set([...scope.namespaceObjects.keys(), ...used]);
  return [...names].map(
    (name): Labels =>
      new Map([
        ...(scope.namespaceObjects.get(name)?.value.labels ?? []),
        [namespaceNameKey, name],
        ['projectcalico.org/name', name],
      ]),
  );
}

function accounts(scope: Scope): readonly string[] {
  return scope.workloads.map(({ value }) => value.serviceAccount ?? 'default');
}
