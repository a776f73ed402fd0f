import { toCidrs } from '../model/addresses.js';
import { namespaceNameKey } from '../model/pod-facts.js';
import type { Action, Direction } from '../model/policy.js';
import { type DeclaredPort, isAll, type PortSet } from '../model/ports.js';
import type { Labels } from '../model/selector.js';
import type { YamlData } from '../text/edits.js';
import type { AppliedPolicy, Cluster } from './cluster.js';
import { isOutside } from './identities.js';
import { labelsFor, maxBlocks, peersData, portsData, ruleData } from './rule-data.js';
import type { Endpoint } from './stages.js';

/** What a rule is to say: that one end may, or may not, use some ports of a policy's pods, or the other way round. */
export interface Wanted {
  readonly action: Extract<Action, 'Allow' | 'Deny'>;
  readonly direction: Direction;
  readonly end: Endpoint;
  readonly ports: PortSet;
  /** Ports of the destination, to be written by their names. */
  readonly declared: readonly DeclaredPort[];
}

/**
 * Rules as data to be written, in the words of the policy's own kind: one or more, since a rule of Calico's is about one
 * protocol. Undefined for what the kind cannot say, and never something wider instead. Source: FACTS A1 to A4.
 */
export function rulesData(
  cluster: Cluster,
  policy: Pick<AppliedPolicy, 'placed' | 'namespace'>,
  wanted: Wanted,
): readonly YamlData[] | undefined {
  const { family } = policy.placed.value;
  if (family === 'calico') return calicoRules(cluster, policy, wanted);
  if (family === 'cilium') return ciliumRules(cluster, policy, wanted);
  const { kind } = policy.placed.value;
  const peers = peersData(cluster, policy, wanted.direction, wanted.end);
  const ports = portsData(kind, wanted.ports, wanted.declared);
  if (peers === undefined || ports === undefined) return undefined;
  return [ruleData(kind, wanted.action, wanted.direction, peers, ports)];
}

function calicoRules(
  cluster: Cluster,
  policy: Pick<AppliedPolicy, 'placed' | 'namespace'>,
  { action, direction, end, ports }: Wanted,
): readonly YamlData[] | undefined {
  const entity = calicoEntity(cluster, policy, end);
  if (entity === undefined) return undefined;
  const rule = (match: { readonly protocol?: string }, portList: readonly YamlData[]): YamlData => {
    const destination = direction === 'ingress' ? {} : entity;
    const to = portList.length === 0 ? destination : { ...destination, ports: portList };
    return {
      action,
      ...match,
      ...(direction === 'ingress' ? { source: entity } : {}),
      ...(Object.keys(to).length === 0 ? {} : { destination: to }),
    };
  };
  if (isAll(ports)) return [rule({}, [])];
  const protocols = byTransport(ports);
  return protocols?.map(([protocol, ranges]) =>
    rule(
      { protocol },
      ranges.map(({ first, last }) => (first === last ? first : `${first}:${last}`)),
    ),
  );
}

function calicoEntity(
  cluster: Cluster,
  { namespace }: Pick<AppliedPolicy, 'placed' | 'namespace'>,
  end: Endpoint,
): { readonly [key: string]: YamlData } | undefined {
  if (end.kind === 'addresses') {
    const blocks = toCidrs(end.addresses);
    // The nets of one rule are of one family (FACTS A3.2).
    const mixed = end.addresses.v4.length > 0 && end.addresses.v6.length > 0;
    return blocks.length === 0 || blocks.length > maxBlocks || mixed ? undefined : { nets: blocks };
  }
  if (end.kind !== 'pods' || end.pods.hostNetwork) return undefined;
  const labels = labelsFor(cluster, end.pods);
  if (labels === undefined) return undefined;
  const selector = [...labels].map(([key, value]) => `${key} == '${value}'`).join(' && ');
  if (namespace === end.pods.namespace) return { selector };
  return { selector, namespaceSelector: `${namespaceNameKey} == '${end.pods.namespace.name}'` };
}

function ciliumRules(
  cluster: Cluster,
  policy: Pick<AppliedPolicy, 'placed' | 'namespace'>,
  { direction, end, ports }: Wanted,
): readonly YamlData[] | undefined {
  const side = direction === 'ingress' ? 'from' : 'to';
  const peers = ciliumPeers(cluster, policy, side, end);
  if (peers === undefined) return undefined;
  if (isAll(ports)) return [peers];
  const items = byTransport(ports)?.flatMap(([protocol, ranges]) =>
    ranges.map(({ first, last }) => ({
      port: `${first}`,
      ...(first === last ? {} : { endPort: last }),
      protocol,
    })),
  );
  return items && [{ ...peers, toPorts: [{ ports: items }] }];
}

function ciliumPeers(
  cluster: Cluster,
  { namespace }: Pick<AppliedPolicy, 'placed' | 'namespace'>,
  side: 'from' | 'to',
  end: Endpoint,
): { readonly [key: string]: YamlData } | undefined {
  if (end.kind === 'addresses') {
    if (!isOutside(cluster, end)) return undefined;
    const blocks = toCidrs(end.addresses);
    return blocks.length === 0 || blocks.length > maxBlocks ? undefined : { [`${side}CIDR`]: blocks };
  }
  if (end.kind !== 'pods' || end.pods.hostNetwork) return undefined;
  const labels: Labels | undefined = labelsFor(cluster, end.pods);
  if (labels === undefined) return undefined;
  const own = namespace === end.pods.namespace;
  const where = own ? {} : { 'k8s:io.kubernetes.pod.namespace': end.pods.namespace.name };
  return { [`${side}Endpoints`]: [{ matchLabels: { ...Object.fromEntries(labels), ...where } }] };
}

/** The ports of TCP, UDP and SCTP; undefined where other protocols, or names, are among them. */
function byTransport({ byProtocol, named }: PortSet) {
  const all = [...byProtocol];
  const transport = all.every(([protocol]) => protocol === 'TCP' || protocol === 'UDP' || protocol === 'SCTP');
  return transport && named.length === 0 && all.length > 0 ? all : undefined;
}
