import { namespaceNameKey } from '../../model/pod-facts.js';
import type { Policy } from '../../model/policy.js';
import { count, list } from '../../model/print.js';
import type { Workload } from '../../model/workload.js';
import { contentOf, type NamespaceRef, type Placed, type Scope } from '../../workspace/scope.js';
import {
  carriersOf,
  carrierWords,
  LabelCounter,
  type LabelCounts,
  type LabelledNamespace,
  namespacesIn,
  podLabels,
} from './label-counts.js';

/** Whose labels a selector of Calico asks for; as peers, sets of addresses are chosen by labels too. */
export type LabelsAsked = 'pods' | 'peers' | 'namespaces' | 'accounts';

/** A label with its values, those of most objects first; `detail` says what carries it. */
export interface KnownLabel {
  readonly detail: string;
  readonly values: ReadonlyMap<string, string>;
}

export type KnownLabels = ReadonlyMap<string, KnownLabel>;

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
  const groups = scopes.flatMap((scope) => groupsIn(scope, within(scope)?.namespace, asked));
  const keys = [...new Set(groups.flatMap(({ use }) => [...use.keys()]))];
  const rank = (key: string) => (key.startsWith('projectcalico.org/') ? 1 : key.startsWith('pcns.') ? 2 : 0);
  keys.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return new Map(keys.map((key) => [key, labelIn(groups, key)]));
}

/** Objects of one sort, with how many of them have each label. */
interface Group {
  readonly use: LabelCounts;
  readonly noun: string;
}

function labelIn(groups: readonly Group[], key: string): KnownLabel {
  const holders = groups.flatMap(({ use, noun }) => {
    const values = use.get(key);
    return values === undefined ? [] : [{ values, noun }];
  });
  const uses = new Map<string, { count: number; details: Set<string> }>();
  for (const { values, noun } of holders) {
    for (const [value, carriers] of values) {
      const known = uses.get(value) ?? { count: 0, details: new Set<string>() };
      known.count += carriers.count;
      uses.set(value, { ...known, details: known.details.add(carrierWords(carriers, noun)) });
    }
  }
  const most = [...uses].sort(([a, { count: n }], [b, { count: m }]) => m - n || (a < b ? -1 : 1));
  const number = new Set(holders.map(({ values, noun }) => count(carriersOf(values).count, noun)));
  const words = list(
    most.map(([value]) => value),
    4,
  );
  return {
    detail: `${list([...number])}, with the ${most.length === 1 ? 'value' : 'values'} ${words}`,
    values: new Map(most.map(([value, { details }]) => [value, [...details].join('; ')])),
  };
}

const pods = new LabelCounter<Placed<Workload>>({
  ...podLabels,
  labels: ({ value, namespace }) =>
    new Map([
      ...value.labels,
      ['projectcalico.org/orchestrator', 'k8s'],
      ['projectcalico.org/serviceaccount', value.serviceAccount ?? 'default'],
      ...(namespace.name === undefined ? [] : [['projectcalico.org/namespace', namespace.name] as const]),
    ]),
});
const accounts = new LabelCounter<Placed<Workload>>({
  ...podLabels,
  labels: ({ value }) => new Map([['projectcalico.org/name', value.serviceAccount ?? 'default']]),
});
const sets = new LabelCounter<Scope['addressSets'][number]>({
  labels: ({ value }) => value.labels,
  name: ({ value }) => value.name,
});
const name = ({ name }: LabelledNamespace) => name;
const namespaces = new LabelCounter<LabelledNamespace>({ name, labels: asCalicoSees });
const ofPodsThere = new LabelCounter<LabelledNamespace>({
  name,
  labels: (each) => new Map([...asCalicoSees(each)].map(([key, value]) => [`pcns.${key}`, value])),
});

/** A namespace's labels, with its name as Kubernetes and Calico give it. */
function asCalicoSees({ name, labels }: LabelledNamespace) {
  return new Map([...labels, [namespaceNameKey, name], ['projectcalico.org/name', name]]);
}

function groupsIn(scope: Scope, own: NamespaceRef | undefined, asked: LabelsAsked): readonly Group[] {
  if (asked === 'namespaces') return [{ use: namespaces.use([namespacesIn(scope)]), noun: 'namespace' }];
  if (asked === 'accounts') return [{ use: accounts.use([scope.workloads]), noun: 'workload' }];
  const workloads = own === undefined ? scope.workloads : contentOf(scope, own).workloads;
  const chosen = scope.addressSets.filter(
    ({ value: { kind }, namespace }) => kind !== 'CiliumCIDRGroup' && (own === undefined || namespace.key === own.key),
  );
  return [
    { use: pods.use([workloads]), noun: 'workload' },
    ...(asked === 'peers' ? [{ use: sets.use([chosen]), noun: 'network set' }] : []),
    ...(own === undefined ? [{ use: ofPodsThere.use([namespacesIn(scope)]), noun: 'namespace' }] : []),
  ];
}
