import { intersect as intersectAddresses, isEmpty } from '../model/addresses.js';
import type { Peer } from '../model/peer.js';
import type { Direction } from '../model/policy.js';
import { allPorts, type PortSet } from '../model/ports.js';
import { addressCells } from './address-cells.js';
import { type Bounds, boundsOf } from './certainty.js';
import type { AppliedPolicy, Cluster } from './cluster.js';
import { type Doubtful, doubtful } from './doubts.js';
import { groupBy } from './group-by.js';
import { identified, joinAddressEnds } from './identities.js';
import type { AppliedRule, Stage } from './layers.js';
import { type NearMiss, nearMisses } from './near-misses.js';
import { peerTakes } from './peer-takes.js';
import type { PortId } from './port-table.js';
import { type Endpoint, isConditional, isFromOwnNode } from './stages.js';
import { Judge } from './verdict.js';

/** Why a connection passes or does not, for ports and addresses that the same rules decide. */
export interface Part {
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** Never empty, and without names. */
  readonly ports: PortSet;
  /** As the manifests are written. */
  readonly allowed: boolean;
  /** False where what is not known (or what the API leaves undefined) may turn the answer round. */
  readonly certain: boolean;
  readonly egress: Side;
  readonly ingress: Side;
}

/** One direction: the policies on the source's egress, or on the destination's ingress. */
export interface Side {
  readonly direction: Direction;
  /**
   * 'outside' and 'host network': no policy is about this end. 'itself' and 'own node': a pod may always connect to itself,
   * and a node to its own pods.
   */
  readonly judged: 'by policies' | 'outside' | 'host network' | 'itself' | 'own node';
  readonly allowed: boolean;
  readonly certain: boolean;
  readonly isolatedBy: readonly AppliedPolicy[];
  /** In the order in which they are asked; those without a policy are left out. */
  readonly layers: readonly Layer[];
  /** Of a denied direction: what would have allowed it, nearest first. */
  readonly nearest: readonly NearMiss[];
  /** Of an allowed direction: what a connection must show besides, in words; none where some rule lets all of it through. */
  readonly conditions: readonly string[];
  /** The policies that make it uncertain, and why. */
  readonly unclear: readonly Doubtful[];
}

export interface Layer {
  readonly tier: Stage['tier'];
  /** The tier's own name, where it is 'tiered'. */
  readonly name?: string;
  /** 'not asked': a layer before it decides. 'silent': nothing matches, and nothing isolates. */
  readonly outcome: 'allows' | 'denies' | 'passes' | 'silent' | 'not asked';
  /** All that select the pods. */
  readonly policies: readonly AppliedPolicy[];
  /** What decides, in order. */
  readonly because: readonly Because[];
}

/** A rule that decides, or a policy that isolates while none of the rules matches. */
export interface Because {
  readonly policy: AppliedPolicy;
  readonly effect: 'allows' | 'denies' | 'passes';
  readonly rule: AppliedRule['rule'] | undefined;
  /** The peer of the rule that takes the other end in. */
  readonly peer: Peer | undefined;
}

/**
 * Why a connection on some ports (all of them when none are given) passes or does not, in as many parts as are decided
 * differently: allowed ones first. The ports are those of the destination pods, without names. Ranges of addresses are
 * cut where blocks begin and end. Nothing for no ports; two ends outside of the cluster meet no policy.
 * The verdicts are `Judge`'s, whose decisions this retells; who asks of many pairs gives one. Source: FACTS B0 to B3.
 */
export function explain(
  cluster: Cluster,
  from: Endpoint,
  to: Endpoint,
  ports: PortSet = allPorts,
  pairs = new Judge(cluster),
): readonly Part[] {
  const asked = pairs.table.idOf(ports);
  if (asked === pairs.table.none) return [];
  const ids = new RuleIds();
  const found = pieces(cluster, from, 'ingress').flatMap((source) =>
    pieces(cluster, to, 'egress').flatMap((destination) => {
      return atomsOf(pairs, ids, { from: source, to: destination }, asked);
    }),
  );
  // Addresses that the same rules decide on the same ports are one part.
  const byAddress = [...groupBy(found, ({ key, ports }) => `${ports} ${key}`).values()].flatMap(joined);
  return byAddress.map((atom) => partOf(pairs, atom)).toSorted((a, b) => Number(b.allowed) - Number(a.allowed));
}

/** What passes between two ends for certain, and what may pass: what `explain` tells the reasons of, for many pairs. */
export interface Limits {
  readonly least: PortId;
  readonly most: PortId;
}

/** The limits of a pair, for each part of its addresses that no block cuts; numbers of the judge's own table. */
export function limitsOf(pairs: Judge, from: Endpoint, to: Endpoint): readonly Limits[] {
  return pieces(pairs.cluster, from, 'ingress').flatMap((source) =>
    pieces(pairs.cluster, to, 'egress').map((destination) => {
      const [egress, ingress] = (['egress', 'ingress'] as const).map(
        (direction) => traceOf(pairs, direction, source, destination).bounds,
      );
      const { none } = pairs.table;
      return {
        least: pairs.table.intersect(egress?.least ?? none, ingress?.least ?? none),
        most: pairs.table.intersect(egress?.most ?? none, ingress?.most ?? none),
      };
    }),
  );
}

interface Ends {
  readonly from: Endpoint;
  readonly to: Endpoint;
}

interface Atom extends Ends {
  readonly ports: PortId;
  readonly key: string;
  readonly traces: Readonly<Record<Direction, Trace>>;
}

/** What was decided about one direction of a pair. */
interface Trace {
  readonly verdict: PortId;
  readonly bounds: Bounds;
  readonly decisions: readonly Decision[];
}

interface Decision {
  readonly stage: Stage;
  readonly rule: AppliedRule;
  readonly ports: PortId;
}

/** A range of addresses in pieces that no block cuts; other ends whole. */
function pieces(cluster: Cluster, end: Endpoint, direction: Direction): readonly Endpoint[] {
  if (end.kind !== 'addresses') return [end];
  return addressCells([cluster], direction).flatMap((cell) => {
    const addresses = intersectAddresses(end.addresses, cell);
    return isEmpty(addresses) ? [] : identified(cluster, { ...end, addresses });
  });
}

/** The asked ports in groups about which both directions say the same for the same reasons. */
function atomsOf(pairs: Judge, ids: RuleIds, { from, to }: Ends, asked: PortId): readonly Atom[] {
  const { table } = pairs;
  const traces = { egress: traceOf(pairs, 'egress', from, to), ingress: traceOf(pairs, 'ingress', from, to) };
  const both = [traces.egress, traces.ingress];
  const marks = both.flatMap(({ verdict, bounds, decisions }) => [
    verdict,
    bounds.least,
    bounds.most,
    ...decisions.map(({ ports }) => ports),
  ]);
  let atoms = [asked];
  for (const mark of new Set(marks)) {
    atoms = atoms
      .flatMap((atom) => [table.intersect(atom, mark), table.subtract(atom, mark)])
      .filter((atom) => atom !== table.none);
  }
  const keyOf = (atom: PortId) =>
    JSON.stringify(
      both.map(({ verdict, bounds, decisions }) => [
        [verdict, bounds.least, bounds.most].map((mark) => meets(pairs, atom, mark)),
        decisions.filter(({ ports }) => meets(pairs, atom, ports)).map(({ rule }) => ids.of(rule.rule)),
      ]),
    );
  return [...groupBy(atoms, keyOf)].map(([key, same]) => ({
    from,
    to,
    key,
    traces,
    ports: same.reduce((all, atom) => table.union(all, atom)),
  }));
}

/** Of an atom, which no mark cuts: whether it lies in one. */
function meets({ table }: Judge, atom: PortId, mark: PortId): boolean {
  return table.intersect(atom, mark) !== table.none;
}

class RuleIds {
  readonly #ids = new Map<AppliedRule['rule'], number>();

  of(rule: AppliedRule['rule']): number {
    const id = this.#ids.get(rule) ?? this.#ids.size;
    this.#ids.set(rule, id);
    return id;
  }
}

function traceOf(pairs: Judge, direction: Direction, from: Endpoint, to: Endpoint): Trace {
  const { table } = pairs;
  if (
    isItself(from, to) ||
    (direction === 'ingress' && isFromOwnNode(from, to) && pairs.cluster.composition !== 'cilium')
  ) {
    return { verdict: table.all, bounds: { least: table.all, most: table.all, unclear: [] }, decisions: [] };
  }
  const decisions: Decision[] = [];
  const verdict = pairs.side(direction, from, to, (stage, rule, ports) => {
    decisions.push({ stage, rule, ports });
  });
  const bounds = boundsOf(pairs, direction, from, to);
  if (!onHostNetwork(from) && !onHostNetwork(to)) return { verdict, bounds, decisions };
  // What policies do to host-network pods is not defined: only what they would let pass in any case is certain (FACTS B1).
  const ordinary = boundsOf(pairs, direction, ordinaryPods(from), ordinaryPods(to));
  const unclear = [...new Set([...bounds.unclear, ...ordinary.unclear])];
  return {
    verdict,
    bounds: { least: table.intersect(bounds.least, ordinary.least), most: table.all, unclear },
    decisions,
  };
}

/** One pod that is both ends: no policy keeps it from itself (FACTS B0). Of several pods that are alike it cannot be said. */
export function isItself(from: Endpoint, to: Endpoint): boolean {
  if (from.kind !== 'pods' || to.kind !== 'pods' || from.pods !== to.pods) return false;
  return from.pods.workloads.length === 1 && from.pods.workloads[0]?.value.kind === 'Pod';
}

function onHostNetwork(end: Endpoint): boolean {
  return end.kind === 'pods' && end.pods.hostNetwork;
}

function ordinaryPods(end: Endpoint): Endpoint {
  return end.kind === 'pods' ? { kind: 'pods', pods: { ...end.pods, hostNetwork: false } } : end;
}

/** Atoms that differ in their addresses alone, as one. */
function joined(atoms: readonly Atom[]): readonly Atom[] {
  const [first] = atoms;
  if (first === undefined) return [];
  return [
    { ...first, from: atoms.map(({ from }) => from).reduce(joinEnds), to: atoms.map(({ to }) => to).reduce(joinEnds) },
  ];
}

function joinEnds(a: Endpoint, b: Endpoint): Endpoint {
  if (a.kind !== 'addresses' || b.kind !== 'addresses') return a;
  return joinAddressEnds(a, b);
}

function partOf(pairs: Judge, atom: Atom): Part {
  const egress = sideOf(pairs, 'egress', atom);
  const ingress = sideOf(pairs, 'ingress', atom);
  const allowed = egress.allowed && ingress.allowed;
  return {
    from: atom.from,
    to: atom.to,
    ports: pairs.table.setOf(atom.ports),
    allowed,
    certain: allowed
      ? egress.certain && ingress.certain
      : [egress, ingress].some((side) => !side.allowed && side.certain),
    egress,
    ingress,
  };
}

function sideOf(pairs: Judge, direction: Direction, { from, to, ports, traces }: Atom): Side {
  const { verdict, bounds, decisions } = traces[direction];
  const [own, other] = direction === 'egress' ? [from, to] : [to, from];
  const allowed = meets(pairs, ports, verdict);
  const common = {
    direction,
    allowed,
    certain: allowed ? meets(pairs, ports, bounds.least) : !meets(pairs, ports, bounds.most),
    unclear: doubtful(pairs.cluster, bounds.unclear, direction, from, to),
  };
  const none = { isolatedBy: [], layers: [], nearest: [], conditions: [] };
  if (isItself(from, to)) return { ...common, ...none, judged: 'itself' };
  if (own.kind !== 'pods') return { ...common, ...none, judged: 'outside' };
  if (own.pods.hostNetwork) return { ...common, ...none, judged: 'host network' };
  if (direction === 'ingress' && isFromOwnNode(from, to)) return { ...common, ...none, judged: 'own node' };
  const stages = pairs.stages(own.pods, direction);
  const here = decisions.filter((each) => meets(pairs, ports, each.ports));
  return {
    ...common,
    judged: 'by policies',
    isolatedBy: stages.flatMap(({ isolatedBy }) => isolatedBy),
    conditions: allowed ? conditionsOf(here) : [],
    layers: layersOf(pairs.cluster, stages, here, other),
    nearest: allowed ? [] : nearMisses(pairs.cluster, direction, from, to, pairs.table.setOf(ports)),
  };
}

function conditionsOf(decisions: readonly Decision[]): readonly string[] {
  const allowing = decisions.map(({ rule }) => rule.rule).filter(({ action }) => action === 'Allow');
  if (!allowing.every(isConditional)) return [];
  return [...new Set(allowing.flatMap(limitsOfRule))];
}

function limitsOfRule({ constraints }: AppliedRule['rule']): readonly string[] {
  return (constraints ?? []).filter(({ limits }) => limits).map(({ words }) => words);
}

function layersOf(
  cluster: Cluster,
  stages: readonly Stage[],
  decisions: readonly Decision[],
  other: Endpoint,
): readonly Layer[] {
  let decided = false;
  return stages.map((stage): Layer => {
    const { policies } = stage;
    const tier = { tier: stage.tier, ...(stage.name === undefined ? {} : { name: stage.name }) };
    if (decided) return { ...tier, policies, outcome: 'not asked', because: [] };
    const matched = decisions
      .filter((each) => each.stage === stage)
      .map(({ rule: { policy, rule } }) => becauseOf(cluster, policy, rule, other));
    const because =
      matched.length > 0
        ? matched
        : stage.isolatedBy.map((policy) => ({ policy, effect: 'denies' as const, rule: undefined, peer: undefined }));
    const outcome = because[0]?.effect ?? 'silent';
    decided = outcome === 'allows' || outcome === 'denies';
    return { ...tier, policies, outcome, because };
  });
}

function becauseOf(cluster: Cluster, policy: AppliedPolicy, rule: AppliedRule['rule'], other: Endpoint): Because {
  const effects = { Allow: 'allows', Deny: 'denies', Pass: 'passes', Log: 'passes' } as const;
  const peer = rule.peers.find((each) => peerTakes(cluster, policy, each, other) === 'yes');
  return { policy, effect: effects[rule.action], rule, peer };
}
