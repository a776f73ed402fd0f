import type { Peer } from '../model/peer.js';
import { asksForFacts } from '../model/pod-facts.js';
import type { Direction } from '../model/policy.js';
import { addressCells } from './address-cells.js';
import type { AppliedPolicy, Cluster, Pods } from './cluster.js';
import { podsName } from './connection-names.js';
import type { ConnectionChange } from './diff.js';
import { type Doubt, peerDoubts, subjectDoubts } from './doubts.js';
import { groupBy } from './group-by.js';
import { unknownPod } from './ingress-controller.js';
import type { AppliedRule } from './layers.js';
import { partsOf } from './peer-parts.js';
import { type PolicyChange, ruleMeaning } from './policy-changes.js';
import { type Endpoint, podsEnd, portsOfRule, selectsPods } from './stages.js';
import { Judge } from './verdict.js';

/** A policy of which the manifests do not tell all that its change does. */
export interface UndecidedChange {
  readonly change: PolicyChange;
  /** Why; each is true by itself. */
  readonly doubts: readonly Doubt[];
}

/** A rule about ends that no pods and addresses of the manifests stand for. */
interface VagueRule extends AppliedRule {
  /** Equal for what says the same of the same ends in the same turn. */
  readonly key: string;
  readonly doubts: readonly [Doubt, ...Doubt[]];
}

/**
 * The changes of policies that bear on what the manifests do not tell: addresses behind domain names, nodes and other
 * entities, a service that is not there, a template. What these change is in no list of connections. Left out is what
 * changes nothing, since other policies say the same, or since the same ports pass to every end anyway.
 * Source: FACTS B4, B5.
 */
export function undecidedChanges(
  before: Cluster,
  after: Cluster,
  policies: readonly PolicyChange[],
  changes: readonly Pick<ConnectionChange, 'because'>[],
): readonly UndecidedChange[] {
  const vague = policies.filter((change) => [change.before, change.after].some(isVague));
  if (vague.length === 0) return [];
  const judges = [new Judge(before), new Judge(after)] as const;
  const byName = [groupBy(before.pods, podsName), groupBy(after.pods, podsName)] as const;
  const found = new Map<PolicyChange, Doubt[]>();
  const note = (change: PolicyChange, doubts: readonly Doubt[]) => {
    if (doubts.length > 0) found.set(change, [...(found.get(change) ?? []), ...doubts]);
  };
  for (const name of new Set([...byName[0].keys(), ...byName[1].keys()])) {
    const pods = [byName[0].get(name) ?? [], byName[1].get(name) ?? []] as const;
    const own = vague.filter((change) => isAbout(change, [...pods[0], ...pods[1]]));
    if (own.length === 0) continue;
    for (const change of own) note(change, ownDoubts(change, [...pods[0], ...pods[1]]));
    for (const direction of ['ingress', 'egress'] as const) {
      const said = ([0, 1] as const).map((side) => vagueRules(judges[side], pods[side], direction));
      const keys = said.map((rules) => rules.map(({ key }) => key));
      if (JSON.stringify(keys[0]) === JSON.stringify(keys[1])) continue;
      const news = said.flatMap((rules, side) => rules.filter(({ key }) => !keys[1 - side]?.includes(key)));
      // The same in another order: where that counts, all of them are told.
      for (const rule of news.length > 0 ? news : said.flat()) {
        const change = own.find((each) => each.before === rule.policy || each.after === rule.policy);
        if (change !== undefined && !opensNothing(judges, pods, rule)) note(change, rule.doubts);
      }
    }
  }
  const credited = new Set(
    changes.flatMap(({ because }) => because.flatMap((cause) => (cause.kind === 'policy' ? [cause.policy] : []))),
  );
  return policies.flatMap((change) => {
    const doubts = found.get(change) ?? [];
    const isCredited = [change.before, change.after].some((policy) => policy !== undefined && credited.has(policy));
    // Text that cannot be read has findings of its own; what the rest of the policy does is told.
    const isTold = isCredited && doubts.every(({ kind }) => kind === 'text');
    return doubts.length === 0 || isTold ? [] : [{ change, doubts }];
  });
}

/** Whether a version may say something that no manifest tells. */
function isVague(policy: AppliedPolicy | undefined): boolean {
  if (policy === undefined) return false;
  const { uncertain, subject, rules } = policy.placed.value;
  const parts = rules.flatMap((rule) => [...partsOf(rule)]);
  return (
    uncertain ||
    subject.uncertain ||
    asksForFacts(subject.pods) ||
    rules.some((rule) => rule.uncertain) ||
    parts.some((peer) => peer.uncertain || !isKnownKind(peer))
  );
}

/** Whether a peer is about nothing but pods and addresses. */
function isKnownKind(peer: Peer): boolean {
  if (peer.kind === 'entity') return peer.entity === 'all' || peer.entity === 'world' || peer.entity === 'none';
  if (peer.kind === 'pods') return !asksForFacts(peer.pods);
  return peer.kind === 'anything' || peer.kind === 'addresses' || peer.kind === 'all of';
}

/** Whether some version of a policy may select some of the pods. */
function isAbout({ before, after }: PolicyChange, pods: readonly Pods[]): boolean {
  return [before, after].some(
    (policy) => policy !== undefined && pods.some((each) => selectsPods(policy, each) !== 'no'),
  );
}

/** What is not known of the policy itself. */
function ownDoubts({ before, after }: PolicyChange, pods: readonly Pods[]): readonly Doubt[] {
  return [before, after].flatMap((policy): readonly Doubt[] => {
    if (policy === undefined) return [];
    const ofSubject = pods.flatMap((each) => subjectDoubts(policy, each));
    return policy.placed.value.uncertain ? [{ kind: 'text' }, ...ofSubject] : ofSubject;
  });
}

/** What the policies of some pods say of ends that are not known: in their turn where that counts. */
function vagueRules(judge: Judge, pods: readonly Pods[], direction: Direction): readonly VagueRule[] {
  return pods.flatMap((each) =>
    judge.stages(each, direction).flatMap((stage) => {
      const rules = stage.rules.flatMap(({ policy, rule }): readonly VagueRule[] => {
        const doubts = [
          ...(rule.uncertain ? [{ kind: 'text' } as const] : []),
          ...[...partsOf(rule)].flatMap((peer) => doubtsOf(judge.cluster, policy, peer, direction)),
        ];
        const [first, ...more] = doubts;
        if (first === undefined) return [];
        // Peers that are known are compared connection by connection.
        const peers = rule.peers.filter((peer) => !isKnownKind(peer) || peer.uncertain);
        const key = JSON.stringify([stage.tier, stage.name, ruleMeaning({ ...rule, peers })]);
        return [{ policy, rule, key, doubts: [first, ...more] }];
      });
      if (stage.mode === 'first match') return rules;
      return [...new Map(rules.map((rule) => [rule.key, rule])).values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    }),
  );
}

/** Why it is not known, of pods and addresses and of all else, whom a peer takes in. */
function doubtsOf(cluster: Cluster, policy: AppliedPolicy, peer: Peer, direction: Direction): readonly Doubt[] {
  if (peer.uncertain) return [{ kind: 'text' }];
  if (isKnownKind(peer)) return [];
  switch (peer.kind) {
    case 'domains':
      return [{ kind: 'names' }];
    case 'entity':
      return [{ kind: 'entity', entity: peer.entity }];
    case 'nodes':
      return [{ kind: 'nodes' }];
    case 'pods':
      return cluster.pods.flatMap((pods) => peerDoubts(cluster, policy, peer, podsEnd(pods)));
    default:
      return addressCells([cluster], direction).flatMap((addresses) =>
        peerDoubts(cluster, policy, peer, { kind: 'addresses', addresses }),
      );
  }
}

/** Whether the ports of a rule surely pass between the pods and all that it may mean, on both sides. */
function opensNothing(
  judges: readonly [Judge, Judge],
  pods: readonly [readonly Pods[], readonly Pods[]],
  applied: VagueRule,
): boolean {
  const { rule } = applied;
  if (rule.action !== 'Allow') return false;
  return ([0, 1] as const).every((side) => {
    const judge = judges[side];
    const cells = addressCells([judge.cluster], rule.direction);
    const outside = cells.map((addresses): Endpoint => ({ kind: 'addresses', addresses }));
    const others = rule.peers.every(({ kind }) => kind === 'domains') ? outside : [...outside, someNode, unknownPod];
    return pods[side].every((own) =>
      others.every((other) => {
        const [from, to] = rule.direction === 'egress' ? [podsEnd(own), other] : [other, podsEnd(own)];
        const open = judge.side(rule.direction, from, to, undefined, 'least');
        const asked = judge.table.idOf(portsOfRule(judge.cluster, applied, to.kind === 'pods' ? to.pods : undefined));
        return judge.table.subtract(asked, open) === judge.table.none;
      }),
    );
  });
}

/** A process on a node of which nothing is known. */
const someNode: Endpoint = unknownPod.kind === 'pods' ? podsEnd({ ...unknownPod.pods, hostNetwork: true }) : unknownPod;
