import { namespaceNameKey } from '../model/pod-facts.js';
import { list } from '../model/print.js';
import type { Labels } from '../model/selector.js';
import type { Cluster, Pods } from './cluster.js';
import { podsName } from './connection-names.js';
import { endNamed, type NamedEnd } from './endpoints.js';
import { identitySeen } from './identities.js';
import { podOutsideManifests } from './ingress-controller.js';

/** One end of a connection that was seen in a cluster, as far as the record tells. */
export interface SeenEnd {
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  /** What made the pod, as the cluster knows it. */
  readonly owners: readonly { readonly kind: string; readonly name: string }[];
  /** The pod's labels; those that the plugin does not use for identities are missing. */
  readonly labels: Labels;
  readonly namespaceLabels: Labels;
  /** Cilium's reserved identities: world, host, remote-node, kube-apiserver and others. */
  readonly entities: ReadonlySet<string>;
  readonly address: string | undefined;
  /** What the address was called when it was looked up. */
  readonly names: readonly string[];
}

/** Where an end that was seen is among the manifests, or in a sentence why it cannot be judged. */
export type FoundEnd =
  | {
      readonly end: NamedEnd;
      /** 'record': a pod that no manifest has, known by the labels of the record. */
      readonly known: 'manifests' | 'record' | 'address';
      /** What the manifests and the record say differently of the pod, a phrase each. */
      readonly differs: readonly string[];
    }
  | { readonly unjudged: string };

/**
 * Finds an end by the pod's name, by the owner that the record names, by the form of generated names, then by labels; an
 * address among the pods' and services' addresses, else outside of the cluster.
 * Sources: Cilium's reserved identities; Kubernetes, names of pods that controllers make.
 */
export function findSeen(cluster: Cluster, seen: SeenEnd): FoundEnd {
  return seen.namespace === undefined || (seen.pod === undefined && seen.labels.size === 0)
    ? findAddress(cluster, seen)
    : findPods(cluster, seen, seen.namespace);
}

function findPods(cluster: Cluster, seen: SeenEnd, namespace: string): FoundEnd {
  const here = cluster.pods.filter((pods) => pods.namespace.name === namespace);
  const { pod = '', owners } = seen;
  const tests: readonly ((pods: Pods) => boolean)[] = [
    ({ workloads }) => workloads.some(({ value }) => value.kind === 'Pod' && value.name === pod),
    ({ kind, name }) => owners.some((owner) => owner.kind === kind && owner.name === name),
    ({ kind, name }) => generatedBy(kind, name, pod),
    ({ labels }) => labels.size > 0 && hasAll(labels, seen.labels),
  ];
  const found = tests.map((test) => here.filter(test)).find(({ length }) => length > 0);
  if (found === undefined) return fromRecord(cluster, seen, namespace);
  const alike = found.filter(({ labels }) => hasAll(labels, seen.labels));
  const pods = alike.length > 0 ? alike : found;
  return {
    end: {
      name: list([...new Set(pods.map(podsName))], 4),
      ends: pods.map((each) => ({ kind: 'pods', pods: each })),
      service: undefined,
      notes: [],
    },
    known: 'manifests',
    differs: pods[0] === undefined ? [] : differences(pods[0], seen.labels),
  };
}

function hasAll(wanted: Labels, labels: Labels): boolean {
  return [...wanted].every(([key, value]) => labels.get(key) === value);
}

function differences(pods: Pods, labels: Labels): readonly string[] {
  return [...pods.labels].flatMap(([key, value]) => {
    const own = labels.get(key);
    return own === undefined || own === value ? [] : [`${key}=${own} where ${podsName(pods)} has ${key}=${value}`];
  });
}

/** What follows the owner's name in names that controllers generate. */
const suffixes: Readonly<Record<string, string>> = {
  Deployment: '-[a-z0-9]{1,10}-[a-z0-9]{5}',
  CronJob: '-[0-9]+-[a-z0-9]{5}',
  StatefulSet: '-[0-9]+',
  ReplicaSet: '-[a-z0-9]{5}',
  ReplicationController: '-[a-z0-9]{5}',
  DaemonSet: '-[a-z0-9]{5}',
  Job: '-(?:[0-9]+-)?[a-z0-9]{5}',
  CloneSet: '-[a-z0-9]{5}',
  ScaledJob: '-[a-z0-9]{5}-[a-z0-9]{5}',
  Rollout: '-[a-z0-9]{1,10}-[a-z0-9]{5}',
  DeploymentConfig: '-[0-9]+-[a-z0-9]{5}',
  // The Deployment of a revision: kn-00001-deployment.
  KnativeService: '-[0-9]{5}-deployment-[a-z0-9]{1,10}-[a-z0-9]{5}',
};

function generatedBy(kind: string, owner: string, pod: string): boolean {
  const suffix = Object.hasOwn(suffixes, kind) ? suffixes[kind] : undefined;
  return suffix !== undefined && pod.startsWith(owner) && new RegExp(`^${suffix}$`).test(pod.slice(owner.length));
}

/** A pod that is in no manifest is judged by the labels that it was seen with. */
function fromRecord(cluster: Cluster, seen: SeenEnd, name: string): FoundEnd {
  const pod = `${name}/${seen.pod ?? '(a pod)'}`;
  if (seen.labels.size === 0) return { unjudged: `${pod} is in none of these manifests, and its record has no labels` };
  const namespace = cluster.namespaces.get(name) ?? {
    name,
    labels: new Map([...seen.namespaceLabels, [namespaceNameKey, name]]),
    open: seen.namespaceLabels.size === 0,
  };
  const outside = podOutsideManifests(namespace, seen.labels);
  if (outside.kind !== 'pods') return { unjudged: `${pod} is in none of these manifests` };
  const pods: Pods = { ...outside.pods, name: seen.pod ?? '(a pod)', openLabels: true };
  return {
    end: { name: podsName(pods), ends: [{ kind: 'pods', pods }], service: undefined, notes: [] },
    known: 'record',
    differs: [],
  };
}

/** Identities of which no network policy speaks. */
const unjudged: Readonly<Record<string, string>> = {
  health: 'these are Cilium’s own health checks',
  ingress: 'this is Cilium’s ingress proxy, of which network policies do not speak',
  init: 'the pod had no identity yet: its labels were not known when it sent or received this',
  unmanaged: 'the pod is not managed by Cilium, for instance since it was there before',
};

function findAddress(cluster: Cluster, { entities, address, names }: SeenEnd): FoundEnd {
  const special = [...entities].find((entity) => Object.hasOwn(unjudged, entity));
  if (special !== undefined) return { unjudged: unjudged[special] ?? special };
  const identity = identitySeen(entities);
  const isPlaced = identity?.places.length === 1;
  const world = isPlaced && identity.places[0] === 'world';
  const text = address === undefined ? (world ? 'internet' : undefined) : address;
  if (text === undefined) return { unjudged: 'the record names neither a pod nor an address' };
  // An address of the world or of a node is no pod's, even where a stale manifest has the same.
  const width = text.includes(':') ? 128 : 32;
  const found = endNamed(cluster, isPlaced && address !== undefined ? `${text}/${width}` : text);
  if ('problem' in found) return { unjudged: found.problem };
  const ends = found.ends.flatMap((end) =>
    end.kind === 'addresses' ? [{ ...end, ...(identity && { identity }) }] : [],
  );
  if (ends.length < found.ends.length) return { end: found, known: 'manifests', differs: [] };
  return { end: { ...found, ends, name: nameOf(text, entities, names) }, known: 'address', differs: [] };
}

function nameOf(address: string, entities: ReadonlySet<string>, names: readonly string[]): string {
  const entity = ['kube-apiserver', 'host', 'remote-node'].find((each) => entities.has(each));
  const more = entity ?? names[0];
  return more === undefined ? address : `${address} (${more})`;
}
