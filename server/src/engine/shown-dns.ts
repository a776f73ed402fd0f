import { type Address, parseAddress } from '../model/addresses.js';
import type { ClusterProfile, DnsPods } from '../model/profile.js';
import type { Labels } from '../model/selector.js';
import type { ContainerPort, Place, Workload } from '../model/workload.js';
import { stringOf, valueAt, type YamlNode } from '../text/tree.js';
import type { Placed, Scope } from '../workspace/scope.js';

/** NodeLocal DNSCache, as the configuration or a DaemonSet of the scope shows it. */
export interface NodeLocalDns {
  /** The address of its own on which it answers. */
  readonly address: Address;
  /** Others that it answers on: that of the DNS service, where its DaemonSet says so. */
  readonly others: readonly Address[];
  /** The DaemonSet. */
  readonly at: Place | undefined;
}

/** The add-on's own default. Source: FACTS C2. */
export const usualCacheAddress = parseAddress('169.254.20.10');

/** Source: FACTS C2. */
export const usualCacheLabels: Labels = new Map([['k8s-app', 'node-local-dns']]);

/** Undefined where neither speaks of it. A DaemonSet counts in the namespaces of the DNS only: nobody runs it elsewhere. */
export function nodeLocalDns(scope: Scope, profile: ClusterProfile): NodeLocalDns | undefined {
  const configured = profile.nodeLocalDns === undefined ? undefined : parseAddress(profile.nodeLocalDns);
  if (configured !== undefined) return { address: configured, others: [], at: undefined };
  for (const dns of profile.dns) {
    const found = workloadsBeside(scope, dns).find(isCache);
    if (found === undefined) continue;
    const listens = listenAddresses(found);
    const address = listens.find(({ canonical }) => /^(169\.254\.|fe80:|fd)/.test(canonical)) ?? usualCacheAddress;
    if (address === undefined) return undefined;
    const others = listens.filter((each) => each.canonical !== address.canonical);
    return { address, others, at: found.value.at };
  }
  return undefined;
}

/** The profile with what the scope shows of the DNS: the port of its pods, and the node-local cache. */
export function withShownDns(scope: Scope, profile: ClusterProfile): ClusterProfile {
  const known = profiles.get(profile);
  if (known !== undefined && profile.dns.every((dns, index) => workloadsBeside(scope, dns) === known.from[index]))
    return known.found;
  const from = profile.dns.map((dns) => workloadsBeside(scope, dns));
  const [first, ...others] = profile.dns;
  const dns = [shownDns(scope, first), ...others.map((each) => shownDns(scope, each))] as const;
  const found = { ...profile, dns, nodeLocalDns: nodeLocalDns(scope, profile)?.address.canonical };
  profiles.set(profile, { from, found });
  // What is shown already is shown again.
  profiles.set(found, { from, found });
  return found;
}

/** A pure function's memory: a scope's lists never change, and asking for them notes that they were read. */
const profiles = new WeakMap<
  ClusterProfile,
  { readonly from: readonly (readonly Placed<Workload>[])[]; readonly found: ClusterProfile }
>();

function workloadsBeside(scope: Scope, { namespace }: DnsPods): readonly Placed<Workload>[] {
  return scope.namespaces.get(namespace)?.workloads ?? nobody;
}

const nobody: readonly Placed<Workload>[] = [];

/** The DNS pods with the port that they declare, where the manifests show them; it wins over what is usual. */
export function shownDns(scope: Scope, dns: DnsPods): DnsPods {
  const workloads = workloadsBeside(scope, dns);
  const known = shown.get(workloads) ?? new Map<DnsPods, DnsPods>();
  shown.set(workloads, known);
  const found = known.get(dns) ?? { ...dns, port: dnsPortOf(dns, workloads)?.port ?? dns.port };
  known.set(dns, found);
  return found;
}

/** A pure function's memory: a scope's lists never change, so what is worked out from one goes when the list goes. */
const shown = new WeakMap<readonly Placed<Workload>[], Map<DnsPods, DnsPods>>();

/** The container port on which DNS pods among these answer: by its name, else 53, else the only one over UDP. */
export function dnsPortOf(
  { labels, portNames }: DnsPods,
  workloads: readonly Placed<Workload>[],
): ContainerPort | undefined {
  if (labels.size === 0) return undefined;
  const ports = workloads
    .filter(({ value }) => [...labels].every(([key, each]) => value.labels.get(key) === each))
    .flatMap(({ value }) => value.ports.filter(({ protocol }) => protocol === 'UDP'));
  const only = ports.length === 1 ? ports[0] : undefined;
  return ports.find(({ name }) => name === portNames.udp) ?? ports.find(({ port }) => port === 53) ?? only;
}

/** Whether the manifests show the cache on its nodes' network, where no selector is about it. */
export function isCacheOnNode(scope: Scope, dns: DnsPods): boolean {
  return workloadsBeside(scope, dns).some(isCache);
}

/** With a network of their own, as behind a Local Redirect Policy, the cache's pods are pods like others. */
function isCache({ value: { hostNetwork, labels } }: Placed<Workload>): boolean {
  return hostNetwork && [...usualCacheLabels].every(([key, value]) => labels.get(key) === value);
}

/** What stands behind `-localip`; placeholders that the installation fills in are left out. */
function listenAddresses({ resource }: Placed<Workload>): readonly Address[] {
  const pod = valueAt(valueAt(valueAt(resource.node, 'spec'), 'template'), 'spec');
  const words = items(valueAt(pod, 'containers')).flatMap((container) =>
    ['command', 'args'].flatMap((key) => items(valueAt(container, key)).map((item) => stringOf(item) ?? '')),
  );
  const [, text = ''] = /(?:^| )--?localip[= ](\S*)/.exec(words.join(' ')) ?? [];
  return text.split(',').flatMap((each) => parseAddress(each) ?? []);
}

function items(node: YamlNode | undefined): readonly YamlNode[] {
  return node?.kind === 'sequence' ? node.items.map(({ value }) => value) : [];
}
