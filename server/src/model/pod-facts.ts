import type { PodPeer } from './peer.js';
import { implies, keysOf, type Labels, matches, matchesOpen, type Selector } from './selector.js';
import type { Answer } from './three.js';

/**
 * Selectors of Calico and Cilium may ask, in one expression, for more than a pod's labels: for its namespace's name and
 * labels, and for its service account. Such facts are labels under names that no label can have, so that one algebra of
 * selectors serves all. A Kubernetes label key holds no colon.
 */
const namespacePrefix = 'namespace:';
const serviceAccountPrefix = 'serviceaccount:';

/** The account of pods that name none. Kubernetes makes it in each namespace, without labels. */
export const defaultServiceAccount = 'default';

/** The label that the API server gives every namespace: its name (KEP-2161). */
export const namespaceNameKey = 'kubernetes.io/metadata.name';

/** Selects the namespace of a name. */
export function namespaceOfName(name: string): Selector {
  return { op: 'In', key: namespaceNameKey, values: [name] };
}

/**
 * Whether a selector of namespaces holds for what is in none, and for no namespace: each has its name as a label. Calico's
 * `global()` says so, of its global sets of addresses and of host endpoints (FACTS A3.6).
 */
export function isOutsideNamespaces(selector: Selector): boolean {
  return (
    selector.op !== 'All' &&
    matches(selector, noLabels.labels) &&
    implies(selector, { op: 'DoesNotExist', key: namespaceNameKey }) === 'yes'
  );
}

/** Whether a peer is about sets of addresses that are in no namespace, and about no pods: Calico's `global()`. */
export function isAboutGlobalSets({ namespaces, alsoAddressSets }: PodPeer): boolean {
  return alsoAddressSets === true && !namespaces.own && isOutsideNamespaces(namespaces.selector);
}

/** The key of a label of the pod's namespace. */
export function namespaceKey(label: string): string {
  return namespacePrefix + label;
}

/** The key under which the pod's service account stands by its name. */
export const serviceAccountName = `${serviceAccountPrefix}name`;

/** The key under which stands what runs the pod: always Kubernetes. Sets of addresses do not have it (FACTS A3.6). */
export const orchestratorKey = 'orchestrator:name';

/** The key of a label of the pod's service account. */
export function serviceAccountKey(label: string): string {
  return `${serviceAccountPrefix}label:${label}`;
}

/** The namespace's label that a key stands for; undefined for any other key. */
export function namespaceLabelOf(key: string): string | undefined {
  return key.startsWith(namespacePrefix) ? key.slice(namespacePrefix.length) : undefined;
}

/** Whether a key is that of a label of the service account. */
export function isServiceAccountLabel(key: string): boolean {
  return key.startsWith(`${serviceAccountPrefix}label:`);
}

/** A key for people: "namespace label env", "service account"; labels of pods as they are. */
export function keyWords(key: string): string {
  const label = namespaceLabelOf(key);
  if (label !== undefined) return label === namespaceNameKey ? 'namespace' : `namespace label ${label}`;
  if (key === serviceAccountName) return 'service account';
  if (key === orchestratorKey) return 'orchestrator';
  return isServiceAccountLabel(key) ? `service account label ${key.slice(serviceAccountKey('').length)}` : key;
}

/** Whether a selector asks for more than the pod's own labels. */
export function asksForFacts(selector: Selector): boolean {
  const known = asks.get(selector);
  if (known !== undefined) return known;
  const found = [...keysOf(selector)].some((key) => key.includes(':'));
  asks.set(selector, found);
  return found;
}

/** A pure function's memory: a selector never changes. */
const asks = new WeakMap<Selector, boolean>();

/** What is known of a pod for such selectors. */
export interface PodFacts {
  readonly labels: Labels;
  readonly openLabels: boolean;
  readonly namespaceLabels: Labels;
  readonly openNamespace: boolean;
  /** Undefined where it is not known. */
  readonly serviceAccount: string | undefined;
  readonly accountLabels: KnownLabels | undefined;
}

/** The labels of an object: `open` where there may be more of them. Undefined where the object is not there. */
export interface KnownLabels {
  readonly labels: Labels;
  readonly open: boolean;
}

/** The labels of an account, whose object may be there or not: others than the one that Kubernetes makes are somebody's. */
export function accountLabelsOf(name: string, object: KnownLabels | undefined): KnownLabels | undefined {
  return object ?? (name === defaultServiceAccount ? noLabels : undefined);
}

const noLabels: KnownLabels = { labels: new Map(), open: false };

/** Whether a selector holds for a pod of which these facts are known. */
export function selectedByFacts(selector: Selector, facts: PodFacts): Answer {
  const labels = withFacts(facts);
  const open = matchesOpen(selector, labels);
  if (facts.openLabels || facts.openNamespace || open !== 'unknown') return open;
  // What is not among them is not there, but for labels of an account that is not known.
  const openAccount = facts.accountLabels === undefined || facts.accountLabels.open;
  if (openAccount && [...keysOf(selector)].some(isServiceAccountLabel)) return 'unknown';
  return matches(selector, labels) ? 'yes' : 'no';
}

/** A pod's labels together with its facts, as one set of labels. */
export function withFacts({ labels, namespaceLabels, serviceAccount, accountLabels }: PodFacts): Labels {
  return new Map([
    ...labels,
    ...[...namespaceLabels].map(([key, value]) => [namespaceKey(key), value] as const),
    [orchestratorKey, 'k8s'],
    ...[...(accountLabels?.labels ?? [])].map(([key, value]) => [serviceAccountKey(key), value] as const),
    ...(serviceAccount === undefined ? [] : [[serviceAccountName, serviceAccount] as const]),
  ]);
}
