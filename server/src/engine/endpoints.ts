import { nearestName } from '../kinds/nearest.js';
import { addressesOf, allAddresses, parseAddress, parseCidr } from '../model/addresses.js';
import {
  allOf,
  allPorts,
  isEmpty,
  namedPort,
  type PortSet,
  ports,
  printPorts,
  resolveNamed,
  union,
} from '../model/ports.js';
import { list } from '../model/print.js';
import type { Service } from '../model/workload.js';
import type { Placed } from '../workspace/scope.js';
import type { Cluster, Pods } from './cluster.js';
import { podsName } from './connection-names.js';
import type { Endpoint } from './stages.js';

/** What a person means by an end of a connection. */
export interface NamedEnd {
  /** In the words of the lists: `shop/api[Deployment]`, `svc/shop/api`, or the address as it was given. */
  readonly name: string;
  /** Never empty; several where a service or an owner has several kinds of pods. */
  readonly ends: readonly Endpoint[];
  readonly service: Placed<Service> | undefined;
  /** What else the name may make one think, a sentence each. */
  readonly notes: readonly string[];
}

/** Why a question cannot be asked, in a sentence for its asker. */
export interface Misnamed {
  readonly problem: string;
}

export interface PortQuestion {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | undefined;
  /** A number from 1 to 65535, or the name of a container's or service's port. */
  readonly port: number | string | undefined;
}

/** Kinds as kubectl abbreviates them. */
const shortKinds: Readonly<Record<string, string>> = {
  po: 'pod',
  deploy: 'deployment',
  sts: 'statefulset',
  ds: 'daemonset',
  rs: 'replicaset',
  rc: 'replicationcontroller',
  cj: 'cronjob',
  svc: 'service',
  dc: 'deploymentconfig',
  ksvc: 'knativeservice',
};

/**
 * Finds an end by what a person writes: `ns/name`, `name`, `ns/name[Kind]`, `kind/name`, `kind/ns/name` (kinds as kubectl
 * takes them, services too), an address or a block of addresses, or `internet`. A name in several namespaces is that of
 * `namespace`, where it is given.
 */
export function endNamed(cluster: Cluster, text: string, namespace?: string): NamedEnd | Misnamed {
  if (text === 'internet' || text === 'external') return outside('any address outside of the cluster', allAddresses);
  const address = parseAddress(text);
  if (address !== undefined) {
    const pods = cluster.pods.filter((each) => each.addresses.some(({ canonical }) => canonical === address.canonical));
    const [first] = pods;
    if (first !== undefined) return podsEnd(pods, [`${text} is the address of ${podsName(first)}.`]);
    const service = cluster.services.find(({ value }) => value.clusterIPs.includes(text));
    if (service !== undefined) return serviceEnd(cluster, service);
    const block = parseCidr(`${text}/${address.family === 4 ? 32 : 128}`);
    if (block !== undefined) return outside(text, addressesOf(block));
  }
  const block = parseCidr(text);
  if (block !== undefined) return outside(text, addressesOf(block));
  const [, path = text, bracketed] = /^([^[]*)(?:\[(\w+)\])?$/.exec(text) ?? [];
  const words = path.split('/');
  const name = words.at(-1) ?? '';
  const first = words.length > 1 ? words[0] : undefined;
  const middle = words.length === 3 ? words[1] : undefined;
  const kind = bracketed ?? (middle === undefined ? undefined : first);
  const named = find(cluster, name, middle ?? first, kind);
  // `deployment/api` reads as a namespace and a name as well: what is there decides.
  const found =
    named.length > 0 || first === undefined || middle !== undefined ? named : find(cluster, name, undefined, first);
  const here = found.length > 1 ? found.filter((each) => namespaceOf(cluster, each) === namespace) : [];
  const [only, ...others] = here.length > 0 ? here : found;
  if (only === undefined) return { problem: unknown(cluster, text, name) };
  if (others.length > 0) {
    return {
      problem: `"${text}" may be ${list(
        [only, ...others].map((each) => nameOf(cluster, each)),
        6,
      )}: say which.`,
    };
  }
  return 'service' in only ? serviceEnd(cluster, only.service) : podsEnd(only.pods, []);
}

/** The destination pods with the ports on them that a question is about. */
export interface Target {
  readonly to: Endpoint;
  readonly ports: PortSet;
}

/**
 * Policies judge the pods' own ports: a service's port becomes its targetPort, a name the number that the pods declare.
 * Without a port: every port, or every port of the service. Source: FACTS B1 (Services, named ports).
 */
export function targetsOf(
  { name, ends, service }: NamedEnd,
  { protocol, port }: PortQuestion,
): { readonly targets: readonly Target[]; readonly notes: readonly string[] } | Misnamed {
  if (service === undefined || service.value.headless) {
    const targets = ends.map((to) => ({ to, ports: portsOfPods(to, protocol, port) }));
    if (targets.some((target) => !isEmpty(target.ports))) {
      const notes =
        service === undefined ? [] : [`${name} is headless: clients reach its pods on the pods' own ports.`];
      return { targets: targets.filter((target) => !isEmpty(target.ports)), notes };
    }
    return { problem: `no container of ${name} declares a port named "${port}"${declaredNames(ends)}.` };
  }
  const wanted = service.value.ports.filter(
    (each) =>
      (port === undefined || each.port === port || each.name === port) &&
      (protocol === undefined ? typeof port !== 'number' || each.protocol === 'TCP' : each.protocol === protocol),
  );
  if (wanted.length === 0) {
    const words = service.value.ports.map(
      (each) => `${each.protocol} ${each.port}${each.name === undefined ? '' : ` (${each.name})`}`,
    );
    return { problem: `${name} has no such port; it has ${words.length === 0 ? 'none' : list(words, 6)}.` };
  }
  const targets = ends.map((to) => ({
    to,
    ports: wanted
      .map(({ targetPort, protocol: own }) => portsOfPods(to, own, targetPort))
      .reduce((all, one) => union(all, one)),
  }));
  const reached = targets.filter((target) => !isEmpty(target.ports));
  if (reached.length === 0) {
    return { problem: `${name} sends to a port that no container of its pods declares${declaredNames(ends)}.` };
  }
  const notes = reached.flatMap(({ to, ports }) =>
    to.kind === 'pods'
      ? [`${name} sends to ${printPorts(ports)} of ${podsName(to.pods)}: policies judge the pods' port.`]
      : [],
  );
  return { targets: reached, notes };
}

function portsOfPods(to: Endpoint, protocol: PortQuestion['protocol'], port: PortQuestion['port']): PortSet {
  if (port === undefined) return protocol === undefined ? allPorts : allOf(protocol);
  if (typeof port === 'number') return ports(protocol ?? 'TCP', port);
  const declared = to.kind === 'pods' ? to.pods.ports : [];
  const protocols = protocol === undefined ? (['TCP', 'UDP', 'SCTP'] as const) : [protocol];
  return protocols.map((each) => resolveNamed(namedPort(each, port), declared)).reduce((all, one) => union(all, one));
}

function declaredNames(ends: readonly Endpoint[]): string {
  const names = new Set(
    ends.flatMap((end) => (end.kind === 'pods' ? end.pods.ports.flatMap(({ name }) => name ?? []) : [])),
  );
  return names.size === 0 ? '' : `; there is ${list([...names], 6)}`;
}

function outside(name: string, addresses: typeof allAddresses): NamedEnd {
  return { name, ends: [{ kind: 'addresses', addresses }], service: undefined, notes: [] };
}

function podsEnd(pods: readonly Pods[], notes: readonly string[]): NamedEnd {
  const name = list([...new Set(pods.map(podsName))], 4);
  return { name, ends: pods.map((each) => ({ kind: 'pods', pods: each })), service: undefined, notes };
}

function serviceEnd(cluster: Cluster, service: Placed<Service>): NamedEnd | Misnamed {
  const name = nameOf(cluster, { service });
  const { selector, type } = service.value;
  if (selector === undefined || type === 'ExternalName') {
    return { problem: `${name} has no selector: the manifests do not tell where it leads. Ask about that address.` };
  }
  const namespace = cluster.namespaceOf(service.namespace);
  const pods = cluster.pods.filter(
    (each) => each.namespace === namespace && [...selector].every(([key, value]) => each.labels.get(key) === value),
  );
  if (pods.length === 0) return { problem: `${name} selects no pods of these manifests.` };
  return { ...podsEnd(pods, []), name, service };
}

/** Pods of one name, or a service. */
type Found = { readonly pods: readonly Pods[] } | { readonly service: Placed<Service> };

function find(
  cluster: Cluster,
  name: string,
  namespace: string | undefined,
  kind: string | undefined,
): readonly Found[] {
  const wanted = kind === undefined ? undefined : kindNamed(kind);
  const inPlace = (own: string) => namespace === undefined || namespace === own;
  if (wanted === 'service') {
    return cluster.services
      .filter((each) => each.value.name === name && inPlace(cluster.namespaceOf(each.namespace).name))
      .map((service) => ({ service }));
  }
  const byName = new Map<string, Pods[]>();
  for (const pods of cluster.pods) {
    if (!inPlace(pods.namespace.name)) continue;
    const own = pods.name === name && (wanted === undefined || wanted === pods.kind.toLowerCase());
    const member = pods.workloads.some(
      ({ value }) => value.name === name && (wanted === undefined || wanted === value.kind.toLowerCase()),
    );
    if (own || member) byName.set(podsName(pods), [...(byName.get(podsName(pods)) ?? []), pods]);
  }
  return [...byName.values()].map((pods) => ({ pods }));
}

/** A kind in lower case, by what kubectl takes for it. */
export function kindNamed(text: string): string {
  const lower = text.toLowerCase();
  return shortKinds[lower] ?? lower.replace(/s$/, '');
}

function namespaceOf(cluster: Cluster, found: Found): string | undefined {
  return 'service' in found ? cluster.namespaceOf(found.service.namespace).name : found.pods[0]?.namespace.name;
}

function nameOf(cluster: Cluster, found: Found): string {
  if ('service' in found) return `svc/${namespaceOf(cluster, found)}/${found.service.value.name}`;
  return list([...new Set(found.pods.map(podsName))]);
}

function unknown(cluster: Cluster, text: string, name: string): string {
  const [service] = find(cluster, name, undefined, 'service');
  const [elsewhere] = find(cluster, name, undefined, undefined);
  const known = cluster.pods.map(podsName);
  const meant = nearestName(name, [...new Set(cluster.pods.map((pods) => pods.name))]);
  const near = known.filter((each) => meant !== undefined && each.includes(`/${meant}[`));
  const hint =
    elsewhere !== undefined
      ? `there is ${nameOf(cluster, elsewhere)}`
      : service !== undefined
        ? `there is the service ${nameOf(cluster, service)}`
        : near.length > 0
          ? `did you mean ${near.slice(0, 3).join(' or ')}?`
          : known.length === 0
            ? 'there are no workloads'
            : `there are ${list(known, 6)}`;
  return `there is no workload "${text}" here; ${hint}`;
}
