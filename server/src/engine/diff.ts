import { type AddressSet, union as joinAddresses } from '../model/addresses.js';
import { allOf, type PortSet, union } from '../model/ports.js';
import { addressCells } from './address-cells.js';
import type { Cluster, Pods } from './cluster.js';
import { addressEnd, speaksOfIPv6 } from './connection-list.js';
import { podsName } from './connection-names.js';
import { type Cause, Causes } from './diff-causes.js';
import { type ComparedConditions, Conditions, unconditional } from './diff-conditions.js';
import { type UndecidedChange, undecidedChanges } from './diff-undecided.js';
import { groupBy } from './group-by.js';
import { ingressControllerConnections, ingressControllerName } from './ingress-controller.js';
import type { PodClass } from './pod-classes.js';
import { type PolicyChange, policyChanges } from './policy-changes.js';
import { type PortId, PortTable } from './port-table.js';
import { type Reach, reachOf } from './reach.js';
import { Judge } from './verdict.js';

/** One end of a connection that is compared. Pods are the same by their name, on both sides or on one. */
export type ComparedEnd =
  | { readonly kind: 'pods'; readonly name: string; readonly before: readonly Pods[]; readonly after: readonly Pods[] }
  | { readonly kind: 'addresses'; readonly name: string; readonly addresses: AddressSet }
  | { readonly kind: 'ingress controller'; readonly name: string };

/** A connection that is not allowed alike on both sides. */
export interface ConnectionChange {
  /** Added: there was none. Removed: there is none any more. Changed: on other ports, or under other conditions. */
  readonly change: 'added' | 'removed' | 'changed';
  readonly from: ComparedEnd;
  readonly to: ComparedEnd;
  /** TCP, UDP and SCTP only, as connections are listed. */
  readonly before: PortSet;
  readonly after: PortSet;
  /** Under which conditions ports of either pass: with equal ports, these are what differs. */
  readonly conditions: ComparedConditions['both'];
  /** What brings the difference about; never empty. */
  readonly because: readonly Cause[];
}

export interface ClusterDiff {
  /** Ordered bytewise by the names of source and destination. */
  readonly changes: readonly ConnectionChange[];
  /** Policies that mean another thing than before, whether or not this changes a connection. */
  readonly policies: readonly PolicyChange[];
  /** Of these, those of which the manifests do not tell all that they change. */
  readonly undecided: readonly UndecidedChange[];
}

/**
 * What becomes allowed and what becomes blocked between two states of a cluster. Both partitions of the address space are
 * refined together; touching ranges for which nothing differs between them are then one. IPv6 is left out where no policy
 * of either side speaks of it. Source of this form: netpol-analyzer, docs/diff_output.md.
 */
export function diffOf(before: Cluster, after: Cluster): ClusterDiff {
  return finished(diffSteps(before, after));
}

/** What steps come to, done in one go. */
export function finished<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same in steps, between which others may have their turn. */
export function* diffSteps(before: Cluster, after: Cluster): Generator<undefined, ClusterDiff> {
  const policies = policyChanges(before.policies, after.policies);
  const shown = ({ v4 }: AddressSet) => v4.length > 0 || speaksOfIPv6(before) || speaksOfIPv6(after);
  const sources = addressCells([before, after], 'ingress').filter(shown);
  const destinations = addressCells([before, after], 'egress').filter(shown);
  const reaches = [reachOf(before, { sources, destinations }), reachOf(after, { sources, destinations })] as const;
  const ports = new ComparedPorts();
  const conditions = new Conditions([before, after], reaches);
  const causes = new Causes(before, after, policies);
  const groups = groupsOf(before, after, ...reaches);
  const changes: ConnectionChange[] = [];

  for (const group of groups) {
    yield;
    for (const direction of ['ingress', 'egress'] as const) {
      const cells = direction === 'ingress' ? sources : destinations;
      const values = cells.map((cell) => {
        const passing = ports.pair((side) =>
          group.classes[side].map((own) =>
            direction === 'ingress' ? reaches[side].fromOutside(cell, own) : reaches[side].toOutside(own, cell),
          ),
        );
        const [from, to] = [() => [cell], (side: Side) => group.classes[side]];
        return under(passing, direction === 'ingress' ? conditions.pair(from, to) : conditions.pair(to, from));
      });
      for (const { first, last } of runs(cells, values)) {
        const value = values[first];
        if (value === undefined || value.same) continue;
        const part = cells.slice(first, last + 1);
        const outside = addressEnd(part.reduce(joinAddresses));
        let because: readonly Cause[] | undefined;
        for (const end of group.ends) {
          const [from, to] = direction === 'ingress' ? [outside, end] : [end, outside];
          if (because === undefined || hasComeOrGone(end))
            because = causes.of(from, to, [value.before, value.after], part, value.asked);
          changes.push({ ...value.said, from, to, because });
        }
      }
    }
    for (const other of groups) {
      if (group === other && group.ends.length === 1) continue;
      const passing = ports.pair((side) =>
        group.classes[side].flatMap((from) => other.classes[side].map((to) => reaches[side].between(from, to))),
      );
      const value = under(
        passing,
        conditions.pair(
          (side) => group.classes[side],
          (side) => other.classes[side],
        ),
      );
      if (value.same) continue;
      let because: readonly Cause[] | undefined;
      for (const from of group.ends) {
        for (const to of other.ends) {
          if (from === to) continue;
          // Nothing tells the pairs apart but the names of workloads that have come or gone.
          if (because === undefined || hasComeOrGone(from) || hasComeOrGone(to)) {
            because = causes.of(from, to, [value.before, value.after], [], value.asked);
          }
          changes.push({ ...value.said, from, to, because });
        }
      }
    }
  }

  const controllers = [before, after].map((cluster) => ingressControllerConnections(cluster, new Judge(cluster)));
  for (const end of groups.flatMap(({ ends }) => ends)) {
    const own = (side: Side) => (controllers[side] ?? []).filter(({ pods }) => podsOf(end, side).includes(pods));
    // Of what a controller sends no condition is told: nor is it in a list.
    const value = under(
      ports.pair((side) => own(side).map(({ allowed }) => allowed)),
      unconditional,
    );
    if (value.same) continue;
    const from: ComparedEnd = { kind: 'ingress controller', name: ingressControllerName };
    const because = causes.ofController(end, [value.before, value.after], [own(0), own(1)]);
    changes.push({ ...value.said, from, to: end, because });
  }
  return { changes: changes.sort(byNames), policies, undecided: undecidedChanges(before, after, policies, changes) };
}

/** 0: before, 1: after. */
export type Side = 0 | 1;

export type PodsEnd = Extract<ComparedEnd, { kind: 'pods' }>;

function podsOf(end: PodsEnd, side: Side): readonly Pods[] {
  return side === 0 ? end.before : end.after;
}

/** Pods that neither side's policies tell apart, and about which the manifests say the same on both sides. */
interface Group {
  readonly ends: readonly PodsEnd[];
  readonly classes: readonly [readonly PodClass[], readonly PodClass[]];
}

/** Whether pods are on one side only. */
function hasComeOrGone(end: ComparedEnd): boolean {
  return end.kind === 'pods' && (end.before.length === 0 || end.after.length === 0);
}

function groupsOf(before: Cluster, after: Cluster, reachBefore: Reach, reachAfter: Reach): readonly Group[] {
  const sides = [
    { byName: groupBy(before.pods, podsName), classes: classesOf(reachBefore) },
    { byName: groupBy(after.pods, podsName), classes: classesOf(reachAfter) },
  ] as const;
  const names = [...new Set([...sides[0].byName.keys(), ...sides[1].byName.keys()])];
  const ends = names.map((name): PodsEnd => {
    return { kind: 'pods', name, before: sides[0].byName.get(name) ?? [], after: sides[1].byName.get(name) ?? [] };
  });
  const classes = (end: PodsEnd, side: Side) => {
    const found = podsOf(end, side).map((pods) => sides[side].classes.get(pods));
    return [...new Set(found.filter((each) => each !== undefined))];
  };
  const grouped = groupBy(ends, (end) => {
    const sameFacts = JSON.stringify(end.before.map(factsOf)) === JSON.stringify(end.after.map(factsOf));
    const numbers = ([0, 1] as const).map((side) => classes(end, side).map(({ number }) => number));
    return JSON.stringify([numbers, sameFacts || hasComeOrGone(end) ? '' : end.name]);
  });
  return [...grouped.values()].map((members) => {
    const [first] = members;
    const of = (side: Side) => (first === undefined ? [] : classes(first, side).map(({ own }) => own));
    return { ends: members, classes: [of(0), of(1)] };
  });
}

/** What policies may ask about pods. */
function factsOf({ labels, openLabels, namespace, ports, hostNetwork, addresses, ...more }: Pods) {
  const { node, serviceAccount, accountLabels } = more;
  return {
    labels: [...labels].sort(),
    openLabels,
    namespaceLabels: [...namespace.labels].sort(),
    ports,
    hostNetwork,
    addresses: addresses.map(({ canonical }) => canonical),
    node: [node?.name, node?.labels && [...node.labels].sort()],
    account: [serviceAccount, accountLabels && [...accountLabels.labels].sort(), accountLabels?.open],
  };
}

function classesOf(reach: Reach): ReadonlyMap<Pods, { readonly own: PodClass; readonly number: number }> {
  return new Map(reach.classes.flatMap((own, number) => own.members.map((pods) => [pods, { own, number }])));
}

/** Ports that pass on both sides, with the conditions under which they do. */
function under(passing: ReturnType<ComparedPorts['pair']>, conditions: ComparedConditions) {
  const { change, before, after } = passing;
  return {
    before,
    after,
    same: passing.same && conditions.same,
    key: conditions.key === '' ? passing.key : `${passing.key} ${conditions.key}`,
    asked: conditions.same ? ('same' as const) : ('differ' as const),
    said: { change, before, after, conditions: conditions.both },
  };
}

/** Compares sets of ports; each pair of sets but once. */
class ComparedPorts {
  readonly #table = new PortTable();
  readonly #counted = this.#table.idOf([allOf('TCP'), allOf('UDP'), allOf('SCTP')].reduce(union));

  pair(of: (side: Side) => readonly PortSet[]) {
    const before = this.#sum(of(0));
    const after = this.#sum(of(1));
    const change = before === this.#table.none ? 'added' : after === this.#table.none ? 'removed' : 'changed';
    return {
      same: before === after,
      key: `${before} ${after}`,
      change: change as ConnectionChange['change'],
      before: this.#table.setOf(before),
      after: this.#table.setOf(after),
    };
  }

  #sum(sets: readonly PortSet[]): PortId {
    const sum = sets.map((set) => this.#table.idOf(set)).reduce((a, b) => this.#table.union(a, b), this.#table.none);
    return this.#table.intersect(sum, this.#counted);
  }
}

/** The longest runs of touching cells of one family with the same values. */
function runs(cells: readonly AddressSet[], values: readonly { readonly key: string }[]) {
  const found: { first: number; last: number }[] = [];
  for (const [index, cell] of cells.entries()) {
    const run = found.at(-1);
    const sameFamily = (cells[index - 1]?.v4.length ?? 0) === cell.v4.length;
    if (run !== undefined && sameFamily && values[index]?.key === values[index - 1]?.key) run.last = index;
    else found.push({ first: index, last: index });
  }
  return found;
}

function byNames(a: ConnectionChange, b: ConnectionChange): number {
  const order = (x: string, y: string) => (x < y ? -1 : x > y ? 1 : 0);
  return order(a.from.name, b.from.name) || order(a.to.name, b.to.name);
}
