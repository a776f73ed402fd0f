import type { PodPeer } from '../model/peer.js';
import type { Rule } from '../model/policy.js';
import type { PortSet } from '../model/ports.js';
import { isEverything } from '../model/selector.js';
import { boundsOf } from './certainty.js';
import type { AppliedPolicy, ClusterNamespace, Pods } from './cluster.js';
import { groupBy } from './group-by.js';
import { inNamespaces, peerTakes } from './peer-takes.js';
import type { PodClass } from './pod-classes.js';
import type { PortId } from './port-table.js';
import type { Reach } from './reach.js';
import { isConditional, podsEnd, portsOfRule, selectsPods } from './stages.js';
import type { Judge } from './verdict.js';

/** A connection that a rule of one end names, and that the other end's policies surely deny on some of the rule's ports. */
export interface OneSided {
  readonly from: PodClass;
  readonly to: PodClass;
  readonly ports: PortSet;
}

/**
 * What somebody meant to allow and does not pass, between classes of pods of which `about` holds for one at least; policy by
 * policy, so that whoever asks can do other things in between: a pair may come several times. Only rules that name pods
 * count: who allows a whole namespace, or anything, does not mean each pod of it (as the rule one-sided-allow has it).
 */
export function* oneSided(
  judge: Judge,
  { classes, between }: Pick<Reach, 'classes' | 'between'>,
  about: (own: PodClass) => boolean = () => true,
): Generator<readonly OneSided[]> {
  const { cluster, table } = judge;
  const namespaceOf = (each: PodClass) => podsOf(each).namespace;
  const byNamespace = groupBy(classes, namespaceOf);
  const within = groupBy(classes.filter(about), namespaceOf);
  for (const policy of cluster.policies) {
    const naming = policy.placed.value.rules.flatMap((rule) => {
      const peers = means(policy, rule) ? rule.peers.filter(isNamed) : [];
      return peers.length === 0 ? [] : [{ rule, peers }];
    });
    const near = policy.namespace === undefined ? classes : (byNamespace.get(policy.namespace) ?? []);
    const subjects = naming.length === 0 ? [] : near.filter((each) => selectsPods(policy, podsOf(each)) === 'yes');
    if (subjects.length === 0) continue;
    const candidates = subjects.some(about) ? byNamespace : within;
    const found: OneSided[] = [];
    for (const { rule, peers } of naming) {
      const takes = (pods: Pods) => peers.some((peer) => peerTakes(cluster, policy, peer, podsEnd(pods)) === 'yes');
      // Nearly every peer is about one namespace: the pods of others need not be asked one by one.
      const others = [...candidates].flatMap(([namespace, each]) =>
        peers.some((peer) => mayMean(peer, policy, namespace)) ? each.filter((one) => takes(podsOf(one))) : [],
      );
      for (const own of subjects) {
        for (const other of others) {
          if (own === other ? own.members.length < 2 : !about(own) && !about(other)) continue;
          const [from, to] = rule.direction === 'egress' ? [own, other] : [other, own];
          const named = table.idOf(portsOfRule(cluster, { policy, rule }, podsOf(to)));
          // What passes need not be looked at with care, and nearly all does.
          const missing = table.subtract(named, table.idOf(between(from, to)));
          const ports = missing === table.none ? missing : blocked(judge, missing, rule, podsOf(from), podsOf(to));
          if (ports !== table.none) found.push({ from, to, ports: table.setOf(ports) });
        }
      }
    }
    yield found;
  }
}

function means({ placed: { value } }: AppliedPolicy, rule: Rule): boolean {
  const asked = rule.uncertain || isConditional(rule) || rule.own !== undefined;
  return rule.action === 'Allow' && !asked && value.isolates.includes(rule.direction) && value.staged !== true;
}

function mayMean(peer: PodPeer, { namespace }: AppliedPolicy, other: ClusterNamespace): boolean {
  return peer.alsoAddressSets === true || inNamespaces(peer.namespaces, namespace, other) !== 'no';
}

function isNamed(peer: Rule['peers'][number]): peer is PodPeer {
  return peer.kind === 'pods' && !peer.uncertain && !isEverything(peer.pods);
}

/** Of some ports of a rule, those that its own end lets pass for certain, and that the other end surely denies. */
function blocked(judge: Judge, ports: PortId, rule: Rule, from: Pods, to: Pods): PortId {
  const { table } = judge;
  const ends = [podsEnd(from), podsEnd(to)] as const;
  const opened = table.intersect(ports, judge.side(rule.direction, ...ends));
  if (opened === table.none) return opened;
  const other = rule.direction === 'egress' ? 'ingress' : 'egress';
  const sure = table.intersect(opened, boundsOf(judge, rule.direction, ...ends).least);
  return sure === table.none ? sure : table.subtract(sure, boundsOf(judge, other, ...ends).most);
}

function podsOf({ members: [first] }: PodClass): Pods {
  if (first === undefined) throw new Error('a class without pods');
  return first;
}
