import type { AddressSet } from '../model/addresses.js';
import type { Direction, Rule } from '../model/policy.js';
import { type PortSet, union } from '../model/ports.js';
import type { Place } from '../model/workload.js';
import type { AppliedPolicy, Cluster, Pods } from './cluster.js';
import type { ComparedEnd, PodsEnd, Side } from './diff.js';
import { type ControllerConnection, unknownPod } from './ingress-controller.js';
import type { AppliedRule } from './layers.js';
import { type PolicyChange, ruleMeaning } from './policy-changes.js';
import { type PortId, PortTable } from './port-table.js';
import { type Endpoint, podsEnd, policiesOn, selectsPods } from './stages.js';
import { Judge } from './verdict.js';

type Change = PolicyChange['change'];

/** Something that differs between two clusters and makes a connection differ. */
export type Cause = PolicyCause | ObjectCause;

/** A policy's part in a difference. */
export interface PolicyCause {
  readonly kind: 'policy';
  readonly change: Change;
  /** In the state that `side` names: what is removed has its effect before, what is added after. */
  readonly policy: AppliedPolicy;
  readonly side: Side;
  readonly direction: Direction;
  /** 'decides': by its rank among others, no single rule being the reason. */
  readonly effect: 'allows' | 'denies' | 'passes' | 'isolates' | 'decides';
  readonly rule: Rule | undefined;
  readonly at: Place;
}

/** Another object that is there on one side only, or of which the two sides say different things. */
export interface ObjectCause {
  readonly kind:
    | 'workload'
    | 'entry point'
    | 'labels'
    | 'namespace labels'
    | 'container ports'
    | 'host network'
    | 'node';
  readonly change: Change;
  /** "shop/api[Deployment]", "Ingress shop/web", or a namespace. */
  readonly name: string;
  readonly side: Side;
  readonly at: Place | undefined;
}

/** The same pair of ends on both sides. */
type Ends = readonly [Endpoint, Endpoint];

/** A thing that differs, and each side's ends and policies with only this thing as it is on the other side. */
interface Factor {
  readonly cause: PolicyChange | ObjectCause;
  swapped(side: Side): PortId;
}

/**
 * Says why connections differ. A difference in something is a cause if, with only that as it was before, the verdict of an
 * end after would be another on ports that differ; and where nothing is needed by itself, because each of several would
 * do, if with only that as it is after the verdict before would be another. An end whose own verdict does not differ is
 * left alone.
 */
export class Causes {
  readonly #table = new PortTable();
  readonly #selecting = new Map<Pods, readonly AppliedPolicy[]>();
  readonly #changing = new Map<Pods, readonly PolicyChange[]>();
  readonly #clusters: readonly [Cluster, Cluster];

  constructor(
    before: Cluster,
    after: Cluster,
    private readonly policies: readonly PolicyChange[],
  ) {
    this.#clusters = [before, after];
  }

  /** Of a pair of which one is pods; `cells` are the parts of the range where the other is addresses. */
  of(from: ComparedEnd, to: ComparedEnd, ports: readonly [PortSet, PortSet], cells: readonly AddressSet[] = []) {
    const comeOrGone = [from, to].flatMap(existence);
    if (comeOrGone.length > 0) return comeOrGone;
    const differing = this.#differing(ports);
    const found = variants(from, cells).flatMap((source) =>
      variants(to, cells).flatMap((destination) => [
        ...this.#ofDirection('egress', source, destination, differing, [from, to]),
        ...this.#ofDirection('ingress', source, destination, differing, [from, to]),
      ]),
    );
    return unique(found);
  }

  /** Of what an ingress controller may send to pods. */
  ofController(
    to: PodsEnd,
    ports: readonly [PortSet, PortSet],
    sent: readonly [readonly ControllerConnection[], readonly ControllerConnection[]],
  ): readonly Cause[] {
    const comeOrGone = existence(to);
    if (comeOrGone.length > 0) return comeOrGone;
    const differing = this.#differing(ports);
    const wanted = this.#differing([sumOf(sent[0]), sumOf(sent[1])]);
    const entries = this.#table.intersect(wanted, differing) === this.#table.none ? [] : this.#entries(sent);
    const source: Ends = [unknownPod, unknownPod];
    const policies = variants(to, []).flatMap((ends) => this.#ofDirection('ingress', source, ends, differing, [to]));
    return unique([...entries, ...policies]);
  }

  #differing([before, after]: readonly [PortSet, PortSet]): PortId {
    return this.#unlike(this.#table.idOf(before), this.#table.idOf(after));
  }

  #unlike(a: PortId, b: PortId): PortId {
    return this.#table.union(this.#table.subtract(a, b), this.#table.subtract(b, a));
  }

  #ofDirection(
    direction: Direction,
    from: Ends,
    to: Ends,
    differing: PortId,
    compared: readonly ComparedEnd[],
  ): readonly Cause[] {
    const own = direction === 'egress' ? from : to;
    if (own[0].kind !== 'pods' || own[1].kind !== 'pods') return [];
    const pods: readonly [Pods, Pods] = [own[0].pods, own[1].pods];
    const decisions: [Decision[], Decision[]] = [[], []];
    const plain = ([0, 1] as const).map((side) =>
      this.#verdict(side, direction, from[side], to[side], this.#policiesOn(side, pods[side]), decisions[side]),
    );
    const [before = this.#table.none, after = this.#table.none] = plain;
    const part = this.#table.intersect(this.#unlike(before, after), differing);
    if (part === this.#table.none) return [];
    const factors = [
      ...this.#policyFactors(direction, from, to, pods),
      ...this.#endFactors(direction, from, to, compared),
    ];
    const credited = factors.length > maxTried ? factors : this.#thatMatter(factors, part, [before, after]);
    const opened = this.#table.intersect(part, after);
    const closed = this.#table.intersect(part, before);
    return credited.flatMap(({ cause }): readonly Cause[] =>
      'kind' in cause ? [cause] : this.#effects(cause, direction, pods, decisions, opened, closed),
    );
  }

  /** What is needed for the state after; where each of several would do, all that would do before. */
  #thatMatter(factors: readonly Factor[], part: PortId, plain: readonly [PortId, PortId]): readonly Factor[] {
    const moves = ({ swapped }: Factor, side: Side, ports: PortId) =>
      this.#table.intersect(this.#unlike(swapped(side), plain[side]), ports);
    const needed = factors.map((factor) => moves(factor, 1, part));
    const rest = this.#table.subtract(
      part,
      needed.reduce((a, b) => this.#table.union(a, b), this.#table.none),
    );
    const matter = factors.filter(
      (factor, index) => needed[index] !== this.#table.none || moves(factor, 0, rest) !== this.#table.none,
    );
    // Several things may have to differ together while each of them has a stand-in: then all of them are named.
    return matter.length > 0 ? matter : factors;
  }

  /** What a policy's two versions do about ports that the end newly lets pass and those that it newly does not. */
  #effects(
    change: PolicyChange,
    direction: Direction,
    pods: readonly [Pods, Pods],
    decisions: readonly [readonly Decision[], readonly Decision[]],
    opened: PortId,
    closed: PortId,
  ): readonly PolicyCause[] {
    const versions = [change.before, change.after] as const;
    const part = this.#table.union(opened, closed);
    const touches = (a: PortId, b: PortId) => this.#table.intersect(a, b) !== this.#table.none;
    const isolates = (side: Side) => {
      const version = versions[side];
      return version !== undefined && selectsPods(version, pods[side]) === 'yes' && isolatesIn(version, direction);
    };
    const acts = (side: Side) => {
      const version = versions[side];
      if (version?.placed.value.order.tier === 'namespaced') return isolates(side) ? version : undefined;
      return version !== undefined && selectsPods(version, pods[side]) === 'yes' ? version : undefined;
    };
    const effects: PolicyCause[] = [];
    for (const side of [0, 1] as const) {
      const policy = versions[side];
      if (policy === undefined) continue;
      const cause = { kind: 'policy', change: change.change, policy, side, direction } as const;
      const [letIn, kept] = side === 0 ? [closed, opened] : [opened, closed];
      if (kept !== this.#table.none && isolates(side) && !isolates(side === 0 ? 1 : 0)) {
        effects.push({ ...cause, effect: 'isolates', rule: undefined, at: policy.placed.value.at });
      }
      const deciding = decisions[side].filter(({ rule: { rule, policy: own }, ports }) => {
        if (own !== policy) return false;
        return touches(ports, rule.action === 'Allow' ? letIn : rule.action === 'Deny' ? kept : part);
      });
      const news = deciding.filter(({ rule: { rule } }) => !hasTwin(rule, policy, acts(side === 0 ? 1 : 0)));
      for (const { rule } of news.length > 0 || policy.placed.value.order.tier === 'namespaced' ? news : deciding) {
        const effect = ({ Allow: 'allows', Deny: 'denies', Pass: 'passes', Log: 'decides' } as const)[rule.rule.action];
        effects.push({ ...cause, effect, rule: rule.rule, at: rule.rule.at });
      }
    }
    if (effects.length > 0) return effects;
    const side = change.after === undefined ? 0 : 1;
    const policy = versions[side];
    if (policy === undefined) return [];
    const { at } = policy.placed.value;
    return [{ kind: 'policy', change: change.change, policy, side, direction, effect: 'decides', rule: undefined, at }];
  }

  #policyFactors(direction: Direction, from: Ends, to: Ends, pods: readonly [Pods, Pods]): readonly Factor[] {
    return [...new Set(pods.flatMap((each) => this.#changesOn(each)))].map((cause) => ({
      cause,
      swapped: (side) => {
        const [here, there] = side === 0 ? [cause.before, cause.after] : [cause.after, cause.before];
        const rest = this.#policiesOn(side, pods[side]).filter((policy) => policy !== here);
        const policies = there === undefined ? rest : [...rest, there];
        return this.#verdict(side, direction, from[side], to[side], policies);
      },
    }));
  }

  #endFactors(direction: Direction, from: Ends, to: Ends, compared: readonly ComparedEnd[]): readonly Factor[] {
    return compared.flatMap((end) => {
      if (end.kind !== 'pods') return [];
      const isEnd = (endpoint: Endpoint, side: Side) =>
        endpoint.kind === 'pods' && (side === 0 ? end.before : end.after).includes(endpoint.pods);
      return aspects.flatMap(({ kind, take, key }): Factor[] => {
        const [before] = end.before;
        const [after] = end.after;
        if (before === undefined || after === undefined || key(before) === key(after)) return [];
        const name = kind === 'namespace labels' ? after.namespace.name : end.name;
        const at = kind === 'namespace labels' ? undefined : after.workloads[0]?.value.at;
        const swap = (endpoint: Endpoint, side: Side): Endpoint => {
          if (endpoint.kind !== 'pods' || !isEnd(endpoint, side)) return endpoint;
          return podsEnd({ ...endpoint.pods, ...take(side === 0 ? after : before) });
        };
        return [
          {
            cause: { kind, change: 'changed', name, side: 1, at },
            swapped: (side) => {
              const policies = this.#clusters[side].policies;
              return this.#verdict(side, direction, swap(from[side], side), swap(to[side], side), policies);
            },
          },
        ];
      });
    });
  }

  #entries(sent: readonly [readonly ControllerConnection[], readonly ControllerConnection[]]): readonly ObjectCause[] {
    const named = (side: Side) =>
      new Map(
        sent[side].flatMap(({ entries }) =>
          entries.map(({ value, namespace }) => {
            const name = `${value.kind} ${this.#clusters[side].namespaceOf(namespace).name}/${value.name}`;
            return [name, { kind: 'entry point', name, side, at: value.at }] as const;
          }),
        ),
      );
    const [before, after] = [named(0), named(1)];
    const added = [...after].flatMap(([name, it]) => (before.has(name) ? [] : [{ ...it, change: 'added' } as const]));
    const removed = [...before].flatMap(([name, it]) =>
      after.has(name) ? [] : [{ ...it, change: 'removed' } as const],
    );
    if (added.length + removed.length > 0) return [...added, ...removed];
    // The same ones by name: they, or the services they name, lead to other ports.
    return [...after.values()].map((entry) => ({ ...entry, change: 'changed' as const }));
  }

  /** The changes of policies of which some version selects the pods. */
  #changesOn(pods: Pods): readonly PolicyChange[] {
    const known = this.#changing.get(pods);
    if (known !== undefined) return known;
    const selects = (policy: AppliedPolicy | undefined) => policy !== undefined && selectsPods(policy, pods) === 'yes';
    const found = this.policies.filter(({ before, after }) => selects(before) || selects(after));
    this.#changing.set(pods, found);
    return found;
  }

  #policiesOn(side: Side, pods: Pods): readonly AppliedPolicy[] {
    const known = this.#selecting.get(pods) ?? policiesOn(this.#clusters[side], pods);
    this.#selecting.set(pods, known);
    return known;
  }

  #verdict(
    side: Side,
    direction: Direction,
    from: Endpoint,
    to: Endpoint,
    policies: readonly AppliedPolicy[],
    decisions?: Decision[],
  ): PortId {
    const judge = new Judge({ ...this.#clusters[side], policies });
    const here = (ports: PortId) => this.#table.idOf(judge.table.setOf(ports));
    return here(
      judge.side(direction, from, to, (_stage, rule, ports) => decisions?.push({ rule, ports: here(ports) })),
    );
  }
}

/** A rule that decides some ports. */
interface Decision {
  readonly rule: AppliedRule;
  readonly ports: PortId;
}

/** What policies may ask about pods, each by itself. */
const aspects: readonly {
  readonly kind: ObjectCause['kind'];
  take(pods: Pods): Partial<Pods>;
  key(pods: Pods): string;
}[] = [
  {
    kind: 'labels',
    take: ({ labels, openLabels }) => ({ labels, openLabels }),
    key: ({ labels, openLabels }) => JSON.stringify([[...labels].sort(), openLabels]),
  },
  {
    kind: 'namespace labels',
    take: ({ namespace }) => ({ namespace }),
    key: ({ namespace }) => JSON.stringify([[...namespace.labels].sort(), namespace.open]),
  },
  { kind: 'container ports', take: ({ ports }) => ({ ports }), key: ({ ports }) => JSON.stringify(ports) },
  {
    kind: 'host network',
    take: ({ hostNetwork, addresses }) => ({ hostNetwork, addresses }),
    key: ({ hostNetwork, addresses }) => JSON.stringify([hostNetwork, addresses.map(({ canonical }) => canonical)]),
  },
  {
    kind: 'node',
    take: ({ node }) => ({ node }),
    key: ({ node }) => JSON.stringify([node?.name, node?.labels === undefined ? undefined : [...node.labels].sort()]),
  },
];

function existence(end: ComparedEnd): readonly ObjectCause[] {
  if (end.kind !== 'pods') return [];
  const [before] = end.before;
  const [after] = end.after;
  const at = (after ?? before)?.workloads[0]?.value.at;
  if (before === undefined) return [{ kind: 'workload', change: 'added', name: end.name, side: 1, at }];
  return after === undefined ? [{ kind: 'workload', change: 'removed', name: end.name, side: 0, at }] : [];
}

/** With more differences than these about one end, each that has a part in the verdict is named, and none is tried out. */
const maxTried = 64;

/** Parts of one range that are asked for reasons: what differs alike all over it nearly always has the same ones. */
const maxParts = 16;

/** An end on both sides; several times where pods of one name differ, or a range has parts. */
function variants(end: ComparedEnd, cells: readonly AddressSet[]): readonly Ends[] {
  if (end.kind === 'addresses') {
    return cells.slice(0, maxParts).map(
      (addresses): Ends => [
        { kind: 'addresses', addresses },
        { kind: 'addresses', addresses },
      ],
    );
  }
  if (end.kind !== 'pods') return [];
  const count = Math.max(end.before.length, end.after.length);
  return Array.from({ length: count }, (_, index) => [at(end.before, index), at(end.after, index)]).flatMap(
    ([before, after]): Ends[] =>
      before === undefined || after === undefined ? [] : [[podsEnd(before), podsEnd(after)]],
  );
}

function at<T>(list: readonly T[], index: number): T | undefined {
  return list[Math.min(index, list.length - 1)];
}

function isolatesIn({ placed: { value } }: AppliedPolicy, direction: Direction): boolean {
  return value.order.tier === 'namespaced' && value.isolates.includes(direction);
}

/** Whether the other version of its policy has the same rule, so that the rule itself is no news. */
function hasTwin(rule: Rule, policy: AppliedPolicy, other: AppliedPolicy | undefined): boolean {
  const meaning = ruleMeaning(rule);
  return (
    other !== undefined && other !== policy && other.placed.value.rules.some((each) => ruleMeaning(each) === meaning)
  );
}

function sumOf(connections: readonly ControllerConnection[]): PortSet {
  return connections.map(({ ports }) => ports).reduce(union, { byProtocol: new Map(), named: [] });
}

function unique(causes: readonly Cause[]): readonly Cause[] {
  const byKey = new Map(
    causes.map((cause) => [
      cause.kind === 'policy' ? keyOf(cause) : JSON.stringify([cause.kind, cause.change, cause.name]),
      cause,
    ]),
  );
  return [...byKey.values()];
}

function keyOf({ policy: { placed, namespace }, side, direction, effect, rule }: PolicyCause): string {
  return JSON.stringify([placed.value.kind, namespace?.name, placed.value.name, side, direction, effect, rule?.index]);
}
