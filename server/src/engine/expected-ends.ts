import { isEmpty, union as joinAddresses, subtract } from '../model/addresses.js';
import { type ExpectedEnd, endText } from '../model/expectation.js';
import { namespaceNameKey } from '../model/pod-facts.js';
import { count, list } from '../model/print.js';
import type { ClusterPods, ClusterProfile } from '../model/profile.js';
import type { Labels } from '../model/selector.js';
import type { Cluster, Pods } from './cluster.js';
import { podsName } from './connection-names.js';
import { endNamed, kindNamed, type Misnamed, type NamedEnd } from './endpoints.js';
import { identityKeys } from './pod-labels.js';
import type { Endpoint } from './stages.js';

/** What an end of an expectation stands for. */
export interface ResolvedEnd extends NamedEnd {
  /** A wildcard or a selector: whatever there is of the kind. */
  readonly many: boolean;
}

/** Where names are looked up. */
export interface Context {
  readonly cluster: Cluster;
  readonly profile: ClusterProfile;
  readonly namespace: string | undefined;
}

/** What stands for pods that policies often have to name; they need not be among the manifests. */
const words: Readonly<Record<string, (profile: ClusterProfile) => readonly ClusterPods[]>> = {
  'ingress-controller': ({ ingressControllers }) => ingressControllers,
  monitoring: ({ monitoring }) => [monitoring],
  dns: ({ dns }) => dns,
};

/** The words that name no workload: a workload of such a name is meant with its namespace. */
export const endWordsKnown: readonly string[] = ['internet', ...Object.keys(words)];

/**
 * The pods or addresses that an end means; a wildcard or selector that matches nothing is a problem, never an empty answer.
 * Host-network pods are meant only by their own names: policies neither select them nor match them (FACTS B1).
 */
export function resolveEnd(context: Context, end: ExpectedEnd): ResolvedEnd | Misnamed {
  const { cluster, profile, namespace } = context;
  if (end.kind === 'selector') return manyOf(cluster, end, selected(context, end));
  const known = Object.hasOwn(words, end.text) ? words[end.text] : undefined;
  if (known !== undefined) return wellKnown(cluster, end.text, known(profile));
  if (end.text.includes('*')) return manyOf(cluster, end, named(cluster, end.text));
  const found = endNamed(cluster, end.text, namespace);
  return 'problem' in found ? found : { ...found, many: false };
}

/** Ends without what others take in: pods by themselves, addresses as ranges. */
export function without(ends: readonly Endpoint[], others: readonly Endpoint[]): readonly Endpoint[] {
  const pods = new Set(others.flatMap((end) => (end.kind === 'pods' ? [end.pods] : [])));
  const blocks = others.flatMap((end) => (end.kind === 'addresses' ? [end.addresses] : []));
  return ends.flatMap((end): readonly Endpoint[] => {
    if (end.kind === 'pods') return pods.has(end.pods) ? [] : [end];
    if (end.kind !== 'addresses' || blocks.length === 0) return [end];
    const addresses = subtract(end.addresses, blocks.reduce(joinAddresses));
    return isEmpty(addresses) ? [] : [{ kind: 'addresses', addresses }];
  });
}

function manyOf(cluster: Cluster, end: ExpectedEnd, all: readonly Pods[]): ResolvedEnd | Misnamed {
  const pods = all.filter(({ hostNetwork }) => !hostNetwork);
  const hosts = all.filter(({ hostNetwork }) => hostNetwork);
  const name = end.kind === 'name' ? `"${end.text}"` : endText(end);
  const left =
    hosts.length === 0
      ? []
      : [
          `${name} leaves out ${list(hosts.map(podsName), 3)}: policies do not select pods on their node's network. Name ${hosts.length === 1 ? 'it' : 'them'} to test ${hosts.length === 1 ? 'it' : 'them'}.`,
        ];
  if (pods.length === 0) {
    const there = cluster.pods.filter(({ hostNetwork }) => !hostNetwork).map(podsName);
    const hint =
      hosts.length > 0
        ? left[0]
        : there.length === 0
          ? 'There are no workloads here.'
          : `There ${there.length === 1 ? 'is' : 'are'} ${list(there, 6)}.`;
    return { problem: `${name} matches no workload. ${hint}` };
  }
  return {
    name,
    ends: pods.map((each) => ({ kind: 'pods', pods: each })),
    service: undefined,
    notes: left,
    many: true,
  };
}

function selected({ cluster, namespace }: Context, end: Extract<ExpectedEnd, { kind: 'selector' }>): readonly Pods[] {
  // Labels of namespaces choose among all of them.
  const place = end.namespace ?? (end.namespaceLabels.size === 0 ? namespace : undefined);
  const isIn = place === undefined ? () => true : matcherOf(place);
  return cluster.pods.filter(
    (pods) =>
      isIn(pods.namespace.name) && has(pods.namespace.labels, end.namespaceLabels) && has(pods.labels, end.pods),
  );
}

function has(labels: Labels, wanted: Labels): boolean {
  return [...wanted].every(([key, value]) => labels.get(key) === value);
}

/** `name`, `namespace/name`, `kind/name`, `kind/namespace/name`, any with `[Kind]`: a word may hold `*`. */
function named(cluster: Cluster, text: string): readonly Pods[] {
  const [, path = text, bracketed] = /^([^[]*)(?:\[(\w+)\])?$/.exec(text) ?? [];
  const steps = path.split('/');
  const find = (kind: string | undefined, namespace: string | undefined, name: string) => {
    const [isIn, isNamed] = [matcherOf(namespace ?? '*'), matcherOf(name)];
    const wanted = kind === undefined ? undefined : kindNamed(kind);
    return cluster.pods.filter(
      (pods) =>
        isIn(pods.namespace.name) &&
        [pods, ...pods.workloads.map(({ value }) => value)].some(
          (each) => isNamed(each.name) && (wanted === undefined || wanted === each.kind.toLowerCase()),
        ),
    );
  };
  const [first = '', second, third] = steps;
  if (second === undefined) return find(bracketed, undefined, first);
  if (third !== undefined) return steps.length > 3 ? [] : find(first, second, third);
  const found = find(bracketed, first, second);
  // As for names without wildcards: `deployment/*` reads as a namespace as well, and what is there decides.
  return found.length > 0 || bracketed !== undefined ? found : find(first, undefined, second);
}

function matcherOf(pattern: string): (text: string) => boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`);
  return (text) => expression.test(text);
}

/** Those of the manifests, or, where there are none, pods of which only that is known which the profile tells. */
function wellKnown(cluster: Cluster, word: string, all: readonly ClusterPods[]): ResolvedEnd {
  const there = cluster.pods.filter((pods) =>
    all.some(
      ({ namespace, namespaceLabels, labels }) =>
        (namespaceLabels.size > 0 ? has(pods.namespace.labels, namespaceLabels) : pods.namespace.name === namespace) &&
        has(pods.labels, labels),
    ),
  );
  const [first] = all;
  const pods = there.length > 0 || first === undefined ? there : [assumed(cluster, first)];
  const notes =
    there.length > 0 || first === undefined
      ? []
      : [
          `The manifests hold no pods of ${first.title}: they are taken to run in namespace ${first.namespace}${first.labels.size === 0 ? '' : ` with ${[...first.labels].map(([key, value]) => `${key}=${value}`).join(' and ')}`}. \`.netpol.yaml\` can say otherwise.`,
        ];
  return {
    name: word,
    ends: pods.map((each) => ({ kind: 'pods', pods: each })),
    service: undefined,
    notes,
    many: pods.length > 1,
  };
}

function assumed(cluster: Cluster, { title, namespace, namespaceLabels, labels }: ClusterPods): Pods {
  const known = cluster.namespaces.get(namespace);
  return {
    kind: 'assumed',
    name: identityKeys.map((key) => labels.get(key)).find((value) => value !== undefined) ?? title,
    namespace: known ?? {
      name: namespace,
      labels: new Map([...namespaceLabels, [namespaceNameKey, namespace]]),
      open: true,
    },
    labels,
    openLabels: true,
    ports: [],
    hostNetwork: false,
    node: undefined,
    addresses: [],
    serviceAccount: undefined,
    accountLabels: undefined,
    workloads: [],
  };
}

/** "12 workloads: shop/api[Deployment], ...", "203.0.113.7". */
export function resolvedWords({ name, ends }: NamedEnd): string {
  const pods = ends.flatMap((end) => (end.kind === 'pods' ? [podsName(end.pods)] : []));
  return pods.length === 0 ? name : `${count(pods.length, 'workload')}: ${list(pods, 8)}`;
}
