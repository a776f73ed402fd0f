import { networkPolicyOrder } from '../model/tier.js';
import type { YamlData } from '../text/render.js';
import type { PlainPeer, PlainPolicy, PlainPort, PlainRule } from './plain-policy.js';
import { calicoSelectorOf, podsOnly, type Requirement } from './requirements.js';

/** The most ports that one rule may list (FACTS A3.1). */
const maxPorts = 50;
type Entity = { readonly [key: string]: YamlData };

/**
 * A policy as Calico's NetworkPolicy, in the place that Calico gives those of Kubernetes: order 1000 of the default tier
 * (FACTS A3.7). A rule of Calico has one protocol, and one kind of other end: it takes a rule for each.
 */
export function writeCalico({ metadata, pods, isolates, rules, besideSets }: PlainPolicy): {
  readonly [key: string]: YamlData;
} {
  const lists = (['ingress', 'egress'] as const).flatMap((direction) => {
    const own = rules.filter((rule) => rule.direction === direction);
    return own.length === 0
      ? []
      : [[direction, own.flatMap((rule) => rulesOf(rule, besideSets ? [podsOnly] : []))] as const];
  });
  return {
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      order: networkPolicyOrder,
      selector: calicoSelectorOf(pods),
      types: isolates.map((direction) => (direction === 'ingress' ? 'Ingress' : 'Egress')),
      ...Object.fromEntries(lists),
    },
  };
}

function rulesOf({ direction, peers, ports }: PlainRule, more: readonly Requirement[]): readonly YamlData[] {
  return entitiesOf(peers, more).flatMap((entity) =>
    portsOf(ports).map(({ protocol, list }): YamlData => {
      const numbers = list.length === 0 ? {} : { ports: list };
      const ends =
        direction === 'ingress'
          ? { source: entity, destination: numbers }
          : { source: {}, destination: { ...entity, ...numbers } };
      return {
        action: 'Allow',
        ...(protocol === undefined ? {} : { protocol }),
        ...Object.fromEntries(Object.entries(ends).filter(([, end]) => Object.keys(end).length > 0)),
      };
    }),
  );
}

/** Blocks of one family of addresses without exceptions go together. */
function entitiesOf(peers: readonly PlainPeer[] | undefined, more: readonly Requirement[]): readonly Entity[] {
  if (peers === undefined) return [{}];
  const whole = (family: 4 | 6) =>
    peers.flatMap((peer) =>
      peer.kind === 'block' && peer.except.length === 0 && peer.cidr.family === family ? [peer.cidr.canonical] : [],
    );
  const together = [whole(4), whole(6)].filter((nets) => nets.length > 0);
  return [
    ...peers.flatMap((peer): readonly Entity[] => {
      if (peer.kind === 'block') {
        if (peer.except.length === 0) return [];
        const notNets = peer.except.map(({ canonical }) => canonical);
        return [{ nets: [peer.cidr.canonical], notNets }];
      }
      const pods = [...peer.pods, ...more];
      if (peer.namespaces === undefined) return [{ selector: calicoSelectorOf(pods) }];
      const namespaceSelector = calicoSelectorOf(peer.namespaces);
      return [pods.length === 0 ? { namespaceSelector } : { namespaceSelector, selector: calicoSelectorOf(pods) }];
    }),
    ...together.map((nets): Entity => ({ nets: [...new Set(nets)] })),
  ];
}

interface RulePorts {
  readonly protocol?: PlainPort['protocol'];
  /** None: every port of the protocol. */
  readonly list: readonly (string | number)[];
}

function portsOf(ports: readonly PlainPort[] | undefined): readonly RulePorts[] {
  if (ports === undefined) return [{ list: [] }];
  return [...new Set(ports.map(({ protocol }) => protocol))].flatMap((protocol): readonly RulePorts[] => {
    const own = ports.filter((port) => port.protocol === protocol);
    if (own.some(({ name, from }) => name === undefined && from === undefined)) return [{ protocol, list: [] }];
    const list = [...new Set(own.map(textOf))];
    return Array.from({ length: Math.ceil(list.length / maxPorts) }, (_, part) => ({
      protocol,
      list: list.slice(part * maxPorts, (part + 1) * maxPorts),
    }));
  });
}

function textOf({ name, from = 0, to = from }: PlainPort): string | number {
  return name ?? (to > from ? `${from}:${to}` : from);
}
