import {
  type MatchedWorkloads,
  namespaceMatches,
  peerMatches,
  selects,
  workloadsOfPeer,
  workloadsSelected,
  workloadsWhere,
} from '../../engine/matching.js';
import type { Peer, PodPeer } from '../../model/peer.js';
import type { Policy, PortClause, Rule } from '../../model/policy.js';
import { isEmpty, printPorts, resolveNamed } from '../../model/ports.js';
import { count, list } from '../../model/print.js';
import type { Place } from '../../model/workload.js';
import { declaredPorts, destinationsOf } from '../../rules/port-destinations.js';
import { distinctWorkloads } from '../../rules/subject-words.js';
import type { YamlNode } from '../../text/tree.js';
import { contentOf, type Observed, type Placed, type Scope } from '../../workspace/scope.js';
import { behind, type Hint, partBeginning } from './hint.js';

/**
 * How many workloads of a scope each selector of a policy chooses, and what its named ports stand for there. Kept until
 * something changes that was looked at.
 */
export function scopeHints(scope: Scope, policy: Placed<Policy>): readonly Hint[] {
  const known = cache.get(policy);
  if (known?.isCurrent() === true) return known.answer;
  const found = scope.observe(() => [
    ...subjectHints(scope, policy),
    ...policy.value.rules.flatMap((rule) => ruleHints(scope, policy, rule)),
  ]);
  cache.set(policy, found);
  return found.answer;
}

/** An object that is placed belongs to one scope. */
const cache = new WeakMap<Placed<Policy>, Observed<readonly Hint[]>>();

function subjectHints(scope: Scope, policy: Placed<Policy>): readonly Hint[] {
  const { subject, clusterWide } = policy.value;
  if (subject.source === undefined || subject.nodes !== undefined || subject.uncertain) return [];
  const matched = clusterWide
    ? workloadsWhere(scope.workloads, (workload) => selects(scope, policy, workload))
    : workloadsSelected(scope, policy);
  const around = clusterWide ? scope.workloads : contentOf(scope, policy.namespace).workloads;
  return counted(policy, subject.source.at, matched, around.length > 0 && !scope.incomplete, 'The policy is about');
}

function ruleHints(scope: Scope, policy: Placed<Policy>, rule: Rule): readonly Hint[] {
  const preposition = rule.direction === 'ingress' ? 'This lets in' : 'This leads to';
  const verb = rule.action === 'Allow' ? preposition : 'This means';
  return [
    ...[...rule.peers, ...(rule.own === undefined ? [] : [rule.own])].flatMap((peer) => {
      const part = podsOf(peer);
      const at = part === undefined || peer.uncertain ? undefined : lastSelector(part);
      if (part === undefined || at === undefined) return [];
      const matched =
        peer.kind === 'pods'
          ? workloadsOfPeer(scope, policy, peer)
          : workloadsWhere(scope.workloads, (workload) => peerMatches(scope, policy, peer, workload));
      return counted(policy, at, matched, isKnown(scope, policy, part), verb);
    }),
    ...rule.clauses.flatMap((clause) => portHints(scope, policy, rule, clause)),
  ];
}

/** The pods in a peer; undefined where they are not all that it asks for. */
function podsOf(peer: Peer): PodPeer | undefined {
  if (peer.kind === 'pods') return peer;
  if (peer.kind !== 'all of') return undefined;
  const [part, ...others] = peer.peers;
  return part?.kind === 'pods' && others.length === 0 ? part : undefined;
}

/** The selectors of one peer choose together, so their number stands at the last of them. */
function lastSelector({ podSource, namespaceSource }: PodPeer): Place | undefined {
  if (podSource === undefined || namespaceSource === undefined) return podSource?.at ?? namespaceSource?.at;
  return podSource.at.range.start > namespaceSource.at.range.start ? podSource.at : namespaceSource.at;
}

/** Whether some workloads are known where a peer looks: else that none matches would say nothing. */
function isKnown(scope: Scope, policy: Placed<Policy>, { namespaces }: PodPeer): boolean {
  if (scope.incomplete) return false;
  return [...scope.namespaces.values()].some(
    ({ ref, workloads }) =>
      workloads.length > 0 && namespaceMatches(scope, namespaces, policy.namespace, ref) === 'yes',
  );
}

function counted(
  policy: Placed<Policy>,
  place: Place,
  { sure, possible }: MatchedWorkloads,
  isKnown: boolean,
  verb: string,
): readonly Hint[] {
  const at = behindPart(policy, place);
  const workloads = distinctWorkloads(sure.length > 0 ? sure : possible);
  if (at === undefined || (workloads.length === 0 && !isKnown)) return [];
  const number = workloads.length === 0 ? 'no workload' : count(workloads.length, 'workload');
  const words = sure.length === 0 && workloads.length > 0 ? `perhaps ${number}` : number;
  const more = workloads.length === 0 ? 'No workload of these manifests matches.' : `${verb} ${words}:`;
  return [{ ...at, kind: 'workloads', words, more, workloads, own: policy.namespace }];
}

/** The numbers of a named port on the pods that a rule leads to. */
function portHints(
  scope: Scope,
  policy: Placed<Policy>,
  rule: Rule,
  { name, portAt, ports }: PortClause,
): readonly Hint[] {
  const at = name === undefined || portAt === undefined ? undefined : behindPart(policy, portAt);
  const found = at === undefined ? undefined : destinationsOf(scope, policy, rule);
  if (at === undefined || found === undefined) return [];
  const named = { byProtocol: new Map(), named: ports.named };
  const having = distinctWorkloads(found.sure).flatMap((workload) => {
    const numbers = resolveNamed(named, declaredPorts([workload]));
    return isEmpty(numbers) ? [] : [{ workload, words: printPorts(numbers) }];
  });
  const numbers = [...new Set(having.map(({ words }) => words))];
  if (numbers.length === 0) return [];
  const words = `= ${list(numbers, 3).replace(/ and (?=[^,]*$)/, ' or ')}`;
  const workloads = having.map(({ workload }) => workload);
  return [
    { ...at, kind: 'ports', words, more: 'The port of that name is declared by:', workloads, own: policy.namespace },
  ];
}

/** Behind what begins at a place; undefined where it stands in no text of the object. */
function behindPart({ resource }: Placed<Policy>, { document, range }: Place) {
  const node: YamlNode = resource.node;
  if (node.document !== document) return undefined;
  const whole = partBeginning(node, range.start) ?? range;
  return { document: node.document, offset: behind(node.document, whole), side: 'behind' } as const;
}
