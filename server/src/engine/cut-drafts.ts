import { isStrictSubnet, parseCidr, toCidrs } from '../model/addresses.js';
import type { AddressPeer } from '../model/peer.js';
import type { Direction } from '../model/policy.js';
import { overlaps } from '../model/ports.js';
import { insertEntry, insertItem, removeItem, type TextEdit, type YamlData } from '../text/edits.js';
import { entryOf, valueAt, type YamlNode, type YamlSequence } from '../text/tree.js';
import { namesOf, textBeside } from './append-object.js';
import type { Pods } from './cluster.js';
import type { AppliedRule, Stage } from './layers.js';
import { peerTakes } from './peer-takes.js';
import { portsNode, ruleNode } from './policy-nodes.js';
import type { Connection } from './reach.js';
import { freeName, insertRules, type Proposal, policyText, policyWords, proposal, rulesFor } from './repair-drafts.js';
import { labelsFor, podsData } from './rule-data.js';
import { ruleRemoval } from './rule-removal.js';
import { type Endpoint, portsOn } from './stages.js';
import type { Judge } from './verdict.js';

/** A rule that lets a connection pass, in the stage in which it decides. */
export interface AllowingRule {
  readonly stage: Stage;
  readonly applied: AppliedRule;
}

/** The rules of one direction that let some of the ports pass: all of them have to go, or one before them has to deny. */
export function allowingRules(judge: Judge, direction: Direction, { from, to, ports }: Connection): AllowingRule[] {
  const found: AllowingRule[] = [];
  judge.side(direction, from, to, (stage, applied, decided) => {
    if (applied.rule.action !== 'Allow' || !overlaps(judge.table.setOf(decided), ports)) return;
    found.push({ stage, applied });
  });
  return found;
}

/** The ways in which one rule could stop to allow a connection, whatever else they take from it. */
export function narrowings(
  judge: Judge,
  direction: Direction,
  { to, ports }: Connection,
  other: Endpoint,
  { policy, rule }: AppliedRule,
): readonly Proposal[] {
  const { placed } = policy;
  if (rule.uncertain || placed.value.uncertain) return [];
  const found: Proposal[] = [];
  const add = (edits: readonly (TextEdit | undefined)[] | undefined, how: string) => {
    const sound = edits?.filter((edit) => edit !== undefined) ?? [];
    if (sound.length === 0 || sound.length < (edits?.length ?? 0)) return;
    found.push(proposal(direction, sound, `${policyWords(policy)}, ${how} rule ${rule.index + 1}`));
  };
  const declared = to.kind === 'pods' ? to.pods.ports : [];
  const clauses = portsNode(placed, rule) ?? sequence(valueAt(ruleNode(placed, rule), 'protocols'));
  const opening = [...rule.clauses.keys()].filter((i) => {
    const clause = rule.clauses[i];
    return clause !== undefined && overlaps(portsOn(clause.ports, declared), ports);
  });
  if (clauses !== undefined && opening.length < clauses.items.length) {
    add(
      opening.map((i) => removeItem(clauses, i)),
      `a port of`,
    );
  }
  const peers = sequence(valueAt(ruleNode(placed, rule), direction === 'ingress' ? 'from' : 'to'));
  const taking = rule.peers.filter((peer) => peerTakes(judge.cluster, policy, peer, other) === 'yes');
  if (peers !== undefined) {
    const items = [...new Set(taking.map(({ at }) => itemAt(peers, at.range.start)))];
    if (items.length < peers.items.length) {
      add(
        items.map((i) => removeItem(peers, i)),
        `a peer of`,
      );
    }
    const blocks = taking.filter((peer) => peer.kind === 'addresses');
    if (blocks.length === taking.length && placed.value.family === 'kubernetes') {
      add(
        blocks.flatMap((peer) => exceptions(peer, peers, other)),
        `an exception in`,
      );
    }
  }
  add(ruleRemoval(placed, rule).edits(), `without`);
  return found;
}

function sequence(node: YamlNode | undefined): YamlSequence | undefined {
  return node?.kind === 'sequence' ? node : undefined;
}

function itemAt(list: YamlSequence, start: number): number {
  return list.items.findIndex(({ range }) => range.start <= start && start < range.end);
}

/** Excepts each block of the addresses from a peer's block. Source: FACTS A1, an exception lies strictly within. */
function exceptions(peer: AddressPeer, peers: YamlSequence, other: Endpoint): readonly (TextEdit | undefined)[] {
  const block = valueAt(peers.items[itemAt(peers, peer.at.range.start)]?.value, 'ipBlock');
  const cidrs = other.kind === 'addresses' ? toCidrs(other.addresses) : [];
  const within = cidrs.filter((text) => {
    const cidr = parseCidr(text);
    return cidr !== undefined && isStrictSubnet(cidr, peer.cidr);
  });
  if (block === undefined || within.length < cidrs.length) return [undefined];
  const except = entryOf(block, 'except');
  return except === undefined ? [insertEntry(block, 'except', within)] : within.map((cidr) => insertItem(except, cidr));
}

/**
 * Rules that deny the connection before anything allows it, in the cluster-wide policies that select the pods already, and
 * as a policy of its own where the scope has such kinds. NetworkPolicies cannot deny.
 */
export function denyingDrafts(
  judge: Judge,
  direction: Direction,
  asked: Connection,
  own: Pods,
  other: Endpoint,
  allowing: readonly AllowingRule[],
): readonly Proposal[] {
  const [first] = allowing.filter(({ stage }) => stage.mode === 'first match');
  const canDeny = judge
    .stages(own, direction)
    .flatMap(({ mode, policies }) =>
      policies.filter(({ placed }) => mode === 'first match' || placed.value.family === 'cilium'),
    );
  const places =
    first === undefined
      ? [...new Set(canDeny)].filter(isNoNetworkPolicy).map((policy) => ({ policy, at: 0 }))
      : [{ policy: first.applied.policy, at: first.applied.rule.index }];
  const inPolicies = places.flatMap(({ policy, at }) => {
    const { family, uncertain } = policy.placed.value;
    const rules = uncertain ? undefined : rulesFor(judge, direction, 'Deny', policy, asked, other);
    const edits = insertRules(policy, direction, rules, at, 'Deny');
    const how = family === 'cilium' ? 'a rule that denies it' : `a Deny before rule ${at + 1}`;
    return edits === undefined ? [] : [proposal(direction, edits, `${policyWords(policy)}, ${how}`)];
  });
  return [...inPolicies, ...newDeny(judge, direction, asked, own, other)];
}

function isNoNetworkPolicy({ placed }: AppliedRule['policy']): boolean {
  return placed.value.family !== 'kubernetes';
}

function newDeny(
  judge: Judge,
  direction: Direction,
  asked: Connection,
  own: Pods,
  other: Endpoint,
): readonly Proposal[] {
  const admin = judge.cluster.policies.filter(({ placed }) => placed.value.order.tier === 'admin');
  const beside = admin.find(({ placed }) => textBeside(placed, {}) !== undefined);
  const priority = Math.min(...admin.map(({ placed }) => placed.value.order.priority)) - 1;
  const labels = labelsFor(judge.cluster, own);
  if (
    beside === undefined ||
    labels === undefined ||
    priority < 0 ||
    admin.some(({ placed }) => placed.value.uncertain)
  ) {
    return [];
  }
  const { kind } = beside.placed.value;
  const rules = rulesFor(judge, direction, 'Deny', beside, asked, other);
  if (rules === undefined) return [];
  const name = freeName(
    `deny-${own.name}-${direction}`,
    admin.map(({ placed }) => placed.value.name),
  );
  const object: YamlData = {
    apiVersion:
      kind === 'ClusterNetworkPolicy' ? 'policy.networking.k8s.io/v1alpha2' : 'policy.networking.k8s.io/v1alpha1',
    kind,
    metadata: { name },
    spec: {
      ...(kind === 'ClusterNetworkPolicy' ? { tier: 'Admin' } : {}),
      priority,
      subject: { pods: podsData(own.namespace, labels) },
      [direction]: rules,
    },
  };
  const text = textBeside(beside.placed, object);
  if (text === undefined) return [];
  const draft = { edits: [], added: [{ beside: beside.placed, text }] };
  return [{ direction, draft, where: `new ${kind} ${name}, priority ${priority}` }];
}

/** A policy that isolates pods which no policy isolates: it allows nothing, so that all else is cut with it. */
export function isolatingDrafts(judge: Judge, direction: Direction, own: Pods): readonly Proposal[] {
  const { cluster } = judge;
  const stages = judge.stages(own, direction);
  const labels = labelsFor(cluster, own);
  if (labels === undefined || stages.some(({ isolatedBy }) => isolatedBy.length > 0)) return [];
  const policies = cluster.policies.filter(({ namespace }) => namespace === own.namespace);
  const name = freeName(`${own.name}-${direction}`, namesOf(policies.map(({ placed }) => placed)));
  for (const beside of [...policies.map(({ placed }) => placed), ...own.workloads]) {
    const text = policyText(beside, name, direction, labels, []);
    if (text === undefined) continue;
    const where = `new policy ${name}, which isolates all ${direction} of these pods`;
    return [{ direction, draft: { edits: [], added: [{ beside, text }] }, where }];
  }
  return [];
}
