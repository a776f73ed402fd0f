import type { YamlData } from '../text/render.js';
import type { PlainPeer, PlainPolicy, PlainPort, PlainRule } from './plain-policy.js';
import { labelSelectorOf } from './requirements.js';

/** A policy as the NetworkPolicy of Kubernetes. */
export function writeKubernetes({ metadata, pods, isolates, rules }: PlainPolicy): {
  readonly [key: string]: YamlData;
} {
  const lists = (['ingress', 'egress'] as const).flatMap((direction) => {
    const own = rules.filter((rule) => rule.direction === direction);
    return own.length === 0 ? [] : [[direction, own.map(ruleOf)] as const];
  });
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      podSelector: labelSelectorOf(pods),
      policyTypes: isolates.map((direction) => (direction === 'ingress' ? 'Ingress' : 'Egress')),
      ...Object.fromEntries(lists),
    },
  };
}

function ruleOf({ direction, peers, ports }: PlainRule): YamlData {
  return {
    ...(peers === undefined ? {} : { [direction === 'ingress' ? 'from' : 'to']: peers.map(peerOf) }),
    ...(ports === undefined ? {} : { ports: ports.map(portOf) }),
  };
}

function peerOf(peer: PlainPeer): YamlData {
  if (peer.kind === 'block') {
    const except = peer.except.map(({ canonical }) => canonical);
    return { ipBlock: { cidr: peer.cidr.canonical, ...(except.length === 0 ? {} : { except }) } };
  }
  return {
    ...(peer.namespaces === undefined ? {} : { namespaceSelector: labelSelectorOf(peer.namespaces) }),
    ...(peer.namespaces !== undefined && peer.pods.length === 0 ? {} : { podSelector: labelSelectorOf(peer.pods) }),
  };
}

function portOf({ protocol, name, from, to }: PlainPort): YamlData {
  const port = name ?? from;
  const range = from !== undefined && to !== undefined && to > from;
  return { protocol, ...(port === undefined ? {} : { port }), ...(range ? { endPort: to } : {}) };
}
