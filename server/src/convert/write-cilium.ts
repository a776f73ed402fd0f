import { namespaceNameKey } from '../model/pod-facts.js';
import type { YamlData } from '../text/render.js';
import type { PlainBlock, PlainPods, PlainPolicy, PlainPort, PlainRule } from './plain-policy.js';
import { labelSelectorOf, type Requirement } from './requirements.js';

/** The most ports that one list may have (FACTS A4.1). */
const maxPorts = 40;
/** FACTS A4.4: the keys under which a namespace's name and labels are found. */
const podNamespace = 'k8s:io.kubernetes.pod.namespace';
const namespaceLabel = 'k8s:io.cilium.k8s.namespace.labels.';

/** A policy as CiliumNetworkPolicy. Source: FACTS A4, B5. */
export function writeCilium({ metadata, pods, isolates, rules }: PlainPolicy): { readonly [key: string]: YamlData } {
  const lists = isolates.map((direction) => {
    const entries = rules.filter((rule) => rule.direction === direction).flatMap(entriesOf);
    // An entry that says nothing allows nothing, and isolates.
    return [direction, entries.length === 0 ? [{}] : entries] as const;
  });
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata,
    spec: { endpointSelector: labelSelectorOf(pods), ...Object.fromEntries(lists) },
  };
}

/** One kind of other end in each entry. */
function entriesOf({ direction, peers, ports }: PlainRule): readonly YamlData[] {
  const toPorts = ports === undefined ? {} : { toPorts: listsOf(ports) };
  const where = direction === 'ingress' ? 'from' : 'to';
  if (peers === undefined) return [ports === undefined ? { [`${where}Entities`]: ['all'] } : toPorts];
  const endpoints = peers.filter((peer) => peer.kind === 'pods').map(endpointsOf);
  const blocks = peers.filter((peer) => peer.kind === 'block');
  return [
    ...(endpoints.length === 0 ? [] : [{ [`${where}Endpoints`]: endpoints, ...toPorts }]),
    ...(blocks.length === 0 ? [] : [{ ...blocksOf(where, blocks), ...toPorts }]),
  ];
}

/** In another namespace, what only says what is not would take in hosts and the world as well: it has to be a pod. */
function endpointsOf({ namespaces, pods }: PlainPods): YamlData {
  if (namespaces === undefined) return labelSelectorOf(pods);
  const asked = namespaces.map((each) => ({
    ...each,
    key: each.key === namespaceNameKey ? podNamespace : namespaceLabel + each.key,
  }));
  const some: Requirement = { op: 'Exists', key: podNamespace, values: [] };
  const sure = asked.some(({ op }) => op === 'In' || op === 'Exists');
  return labelSelectorOf([...(sure ? [] : [some]), ...asked, ...pods]);
}

function blocksOf(where: 'from' | 'to', blocks: readonly PlainBlock[]): { readonly [key: string]: YamlData } {
  if (blocks.every(({ except }) => except.length === 0))
    return { [`${where}CIDR`]: blocks.map(({ cidr }) => cidr.canonical) };
  return {
    [`${where}CIDRSet`]: blocks.map(({ cidr, except }) => ({
      cidr: cidr.canonical,
      ...(except.length === 0 ? {} : { except: except.map(({ canonical }) => canonical) }),
    })),
  };
}

function listsOf(ports: readonly PlainPort[]): readonly YamlData[] {
  return Array.from({ length: Math.ceil(ports.length / maxPorts) }, (_, part) => ({
    ports: ports.slice(part * maxPorts, (part + 1) * maxPorts).map(portOf),
  }));
}

/** Port 0 is every port; without a protocol it would be three of them. */
function portOf({ protocol, name, from, to }: PlainPort): YamlData {
  const range = from !== undefined && to !== undefined && to > from;
  return { port: name ?? String(from ?? 0), ...(range ? { endPort: to } : {}), protocol };
}
