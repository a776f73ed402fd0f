import { workloadName } from '../../engine/describe.js';
import { peerMatches, podsSelected, selects, workloadsOfPeer, workloadsSelected } from '../../engine/matching.js';
import { outsideNeedsOf } from '../../engine/needs.js';
import type { Resource } from '../../kinds/kind.js';
import type { Peer } from '../../model/peer.js';
import type { Direction, Policy, Rule } from '../../model/policy.js';
import { list } from '../../model/print.js';
import type { Selector } from '../../model/selector.js';
import type { TransportProtocol, Workload } from '../../model/workload.js';
import { stringOf, valueAt, type YamlPath } from '../../text/tree.js';
import { contentOf, type Placed, type Scope } from '../../workspace/scope.js';
import type { KnownText } from './field-completion.js';
import { type KnownSite, othersInList, type SiteScope, textAt } from './known-site.js';
import { type Carriers, namesOf } from './label-counts.js';

/** How a port is written at a place, and which may stand there. */
interface PortPlace {
  readonly numbers: boolean;
  readonly names: boolean;
  /** Numbers are strings: Cilium's. */
  readonly asText?: true;
  /** The protocol that is written beside it; undefined where every one may be meant. */
  readonly protocol: string | undefined;
  /** Where none is written: the one that counts then. */
  readonly usual?: TransportProtocol;
}

/**
 * The ports that the pods which a rule lets connect to declare: of ingress the policy's own pods, of egress those of its
 * peers; of a Service the pods behind it. Undefined where no port stands.
 */
export function portValues(site: KnownSite): readonly KnownText[] | undefined {
  const at = portPlace(site);
  if (at === undefined) return undefined;
  const others = othersInList(site);
  const found = site.scopes.flatMap((where) => [
    ...portsOf(where.scope, targets(site, where), site.resource),
    ...outsidePorts(site, where),
  ]);
  const wanted = found.filter(({ protocol }) => at.protocol === undefined || protocol === at.protocol);
  const usualFirst = (each: KnownPort) => Number(at.usual !== undefined && each.protocol !== at.usual);
  return wanted
    .sort((a, b) => usualFirst(a) - usualFirst(b) || b.owners.count - a.owners.count || a.port - b.port)
    .flatMap((each) => textsOf(site, at, each))
    .filter(({ text }) => !others.has(text));
}

function portPlace({ path, place, node, resource }: KnownSite): PortPlace | undefined {
  const [last, second, third] = [path.at(-1), path.at(-2), path.at(-3)];
  const word = (...rest: YamlPath) => stringOf(node([...path.slice(0, -1), ...rest]))?.toUpperCase();
  const isItem = place.what === 'node' && typeof last === 'number';
  const both = { numbers: true, names: true } as const;
  if (isItem && (second === 'ports' || second === 'notPorts') && third === 'destination') {
    return { ...both, protocol: transport(stringOf(node([...path.slice(0, -3), 'protocol']))?.toUpperCase()) };
  }
  if (place.what !== 'value') return undefined;
  if (last === 'targetPort' && third === 'ports' && resource.kind.kind === 'Service') {
    return { ...both, ...writtenOr(word('protocol'), 'TCP') };
  }
  if (last === 'port' && second === 'portNumber') {
    return { numbers: true, names: false, ...writtenOr(word('protocol'), 'TCP') };
  }
  if (last === 'start' && second === 'portRange') {
    return { numbers: true, names: false, ...writtenOr(word('protocol'), 'TCP') };
  }
  if (last === 'namedPort' || last === 'destinationNamedPort')
    return { numbers: false, names: true, protocol: undefined };
  if ((last === 'number' && second === 'destinationPort') || (last === 'start' && second === 'range')) {
    const protocol = path[path.lastIndexOf('destinationPort') - 1];
    return { numbers: true, names: false, protocol: transport(String(protocol).toUpperCase()) };
  }
  if (last !== 'port' || third !== 'ports' || typeof second !== 'number') return undefined;
  if (path.includes('toPorts')) return { ...both, asText: true, protocol: transport(word('protocol')) };
  return /NetworkPolicy$/.test(resource.kind.kind) ? { ...both, ...writtenOr(word('protocol'), 'TCP') } : undefined;
}

function writtenOr(written: string | undefined, usual: TransportProtocol) {
  return { protocol: transport(written), usual };
}

function transport(word: string | undefined): TransportProtocol | undefined {
  return word === 'TCP' || word === 'UDP' || word === 'SCTP' ? word : undefined;
}

/** The workloads that somebody connects to under the rule around the place. */
function targets(site: KnownSite, { scope, own, policy }: SiteScope): readonly Placed<Workload>[] {
  if (site.resource.kind.kind === 'Service') {
    const selector = valueAt(site.node(['spec']), 'selector');
    if (selector?.kind !== 'map' || own === undefined) return [];
    const terms = selector.entries.flatMap(({ key, value }): readonly Selector[] => {
      const text = stringOf(value);
      return text === undefined ? [] : [{ op: 'In', key: String(key.value), values: [text] }];
    });
    if (terms.length === 0) return [];
    return contentOf(scope, own).workloads.filter(({ value }) => podsSelected({ op: 'And', terms }, value) !== 'no');
  }
  const rules = policy === undefined ? [] : rulesAround(site.path, policy.value);
  const [rule] = rules;
  if (policy === undefined || rule === undefined) return [];
  return rule.direction === 'ingress' ? subjects(scope, policy, rule) : ofPeers(scope, policy, rule.peers);
}

/** The rules that the text at a path makes; one item may make several. */
export function rulesAround(path: YamlPath, { rules, family }: Policy): readonly Rule[] {
  const at = path.findIndex((step) => typeof step === 'string' && /^(?:in|e)gress(?:Deny)?$/.test(step));
  const [key, index] = path.slice(Math.max(0, at));
  if (at === -1 || typeof index !== 'number') return [];
  const direction: Direction = String(key).startsWith('ingress') ? 'ingress' : 'egress';
  const isDeny = String(key).endsWith('Deny');
  return rules.filter(
    (rule) =>
      rule.direction === direction &&
      rule.index === index &&
      (family !== 'cilium' || (rule.action === 'Deny') === isDeny),
  );
}

/** The pods that a policy is about, as far as a rule does not ask for more of them. */
export function subjects(scope: Scope, policy: Placed<Policy>, rule?: Rule): readonly Placed<Workload>[] {
  const { sure, possible } = policy.value.subject.namespaces.own
    ? workloadsSelected(scope, policy)
    : { sure: scope.workloads.filter((each) => selects(scope, policy, each) !== 'no'), possible: [] };
  const all = [...sure, ...possible];
  const own = rule?.own;
  return own === undefined ? all : all.filter((each) => peerMatches(scope, policy, own, each) !== 'no');
}

function ofPeers(scope: Scope, policy: Placed<Policy>, peers: readonly Peer[]): readonly Placed<Workload>[] {
  const found = new Set<Placed<Workload>>();
  for (const peer of peers) {
    if (peer.kind === 'addresses' || peer.kind === 'domains') continue;
    if (peer.kind === 'pods') {
      const { sure, possible } = workloadsOfPeer(scope, policy, peer);
      for (const each of [...sure, ...possible]) found.add(each);
    } else for (const each of scope.workloads) if (peerMatches(scope, policy, peer, each) !== 'no') found.add(each);
  }
  return [...found];
}

/**
 * Where a rule is about what is outside of the cluster: the ports that its policy's pods are set up to connect to there.
 */
function outsidePorts({ path }: KnownSite, { scope, policy }: SiteScope): readonly KnownPort[] {
  const [rule] = policy === undefined ? [] : rulesAround(path, policy.value);
  if (policy === undefined || rule?.direction !== 'egress') return [];
  const names = rule.peers.flatMap((peer) => (peer.kind === 'domains' ? peer.patterns : []));
  if (names.length === 0 && !rule.peers.some(({ kind }) => kind === 'addresses')) return [];
  return outsideNeeds(scope, policy)
    .filter(({ host }) => names.length === 0 || names.some((name) => name === host || name.includes('*')))
    .map(({ host, port, evidence, client }) => ({
      port,
      protocol: 'TCP',
      names: new Set(),
      owners: { count: 1, names: [host] },
      services: new Set([`${evidence.setting} of ${client.value.name} says so`]),
    }));
}

/** The hosts outside that the pods of a policy are set up to connect to; of very many pods only the first are asked. */
export function outsideNeeds(scope: Scope, policy: Placed<Policy>) {
  return subjects(scope, policy)
    .slice(0, mostAsked)
    .flatMap((client) => outsideNeedsOf(scope, client).map((need) => ({ ...need, client })));
}

const mostAsked = 20;

/** A port of some pods. */
interface KnownPort {
  readonly port: number;
  readonly protocol: TransportProtocol;
  readonly names: ReadonlySet<string>;
  /** The workloads that have it, by name. */
  readonly owners: Carriers;
  /** What else tells of it: "behind port 80 of Service api". */
  readonly services: ReadonlySet<string>;
}

/** The ports that workloads declare, and those that services other than the object itself send to them. */
function portsOf(scope: Scope, workloads: readonly Placed<Workload>[], self: Resource): readonly KnownPort[] {
  const table = new Map<number, OpenPort[]>();
  const add = (protocol: TransportProtocol, port: number, owner: Placed<Workload>): OpenPort => {
    const ofNumber = table.get(port) ?? [];
    table.set(port, ofNumber);
    let known = ofNumber.find((each) => each.protocol === protocol);
    if (known === undefined) {
      known = { port, protocol, names: new Set(), services: new Set(), owners: new Set() };
      ofNumber.push(known);
    }
    known.owners.add(owner);
    return known;
  };
  for (const each of workloads) {
    for (const { port, protocol, name } of each.value.ports) {
      const known = add(protocol, port, each);
      if (name !== undefined) known.names.add(name);
    }
  }
  // Services say ports that containers need not declare. Of very many pods nobody wants to read that.
  if (workloads.length <= mostBehindServices) {
    for (const { each, service, target } of targetsOfServices(scope, workloads, self)) {
      const { targetPort, protocol } = target;
      const named = each.value.ports.find((one) => one.name === targetPort && one.protocol === protocol);
      const port = typeof targetPort === 'number' ? targetPort : named?.port;
      if (port === undefined) continue;
      add(protocol, port, each).services.add(`behind port ${target.port} of Service ${service.value.name}`);
    }
  }
  const [first] = workloads;
  const isOneNamespace = workloads.every(({ namespace }) => namespace.key === first?.namespace.key);
  return [...table.values()].flat().map((known) => ({
    ...known,
    owners: {
      count: known.owners.size,
      names: [...known.owners]
        .slice(0, mostOwners)
        .map((owner) => (isOneNamespace ? owner.value.name : workloadName(owner))),
    },
  }));
}

interface OpenPort {
  readonly port: number;
  readonly protocol: TransportProtocol;
  readonly names: Set<string>;
  readonly owners: Set<Placed<Workload>>;
  readonly services: Set<string>;
}

const mostOwners = 3;
const mostBehindServices = 100;

function targetsOfServices(scope: Scope, workloads: readonly Placed<Workload>[], self: Resource) {
  return workloads.flatMap((each) =>
    contentOf(scope, each.namespace)
      .services.filter(
        ({ value: { selector }, resource }) =>
          resource !== self &&
          selector !== undefined &&
          [...selector].every(([key, value]) => each.value.labels.get(key) === value),
      )
      .flatMap((service) => service.value.ports.map((target) => ({ each, service, target }))),
  );
}

function textsOf({ place }: KnownSite, at: PortPlace, known: KnownPort): readonly KnownText[] {
  const { port, protocol, names, owners, services } = known;
  const needs = at.usual !== undefined && at.protocol === undefined && protocol !== at.usual;
  const also = needs ? `; needs protocol: ${protocol} beside it` : '';
  const behind = services.size === 0 ? '' : `; ${list([...services], 2)}`;
  const rest = `, of ${namesOf(owners)}${also}${behind}`;
  const number = at.asText && !place.quoted ? `"${port}"` : String(port);
  const { count } = owners;
  return [
    ...(at.numbers ? [{ text: number, doc: `${[...names, protocol].join(', ')}${rest}`, count }] : []),
    ...(at.names
      ? [...names].map((name) => ({ text: textAt(place, name), doc: `${protocol} ${port}${rest}`, count }))
      : []),
  ];
}
