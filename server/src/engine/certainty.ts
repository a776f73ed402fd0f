import type { Direction } from '../model/policy.js';
import { allPorts } from '../model/ports.js';
import { type Answer, all } from '../model/three.js';
import type { AppliedPolicy, Cluster, Pods } from './cluster.js';
import { inEachPlace } from './identities.js';
import type { AppliedRule, Stage } from './layers.js';
import { peerTakes } from './peer-takes.js';
import type { PortId } from './port-table.js';
import {
  type Endpoint,
  leans,
  peersTake,
  placeDecides,
  podsEnd,
  policiesNear,
  policiesOn,
  portsOfRule,
  selectsPods,
  stagesAbout,
  stagesOf,
} from './stages.js';
import { type Judge, judge } from './verdict.js';

/** Between which bounds the answer of one end lies, whatever the unknown parts turn out to be. */
export interface Bounds {
  /** What surely passes. */
  readonly least: PortId;
  /** Outside of it nothing passes, surely. */
  readonly most: PortId;
  /** The policies of which some part that bears on these ends is not known; none: both bounds are the verdict. */
  readonly unclear: readonly AppliedPolicy[];
}

/**
 * What one direction of a connection allows at least and at most: for pods that policies may or may not select, and
 * addresses of which it is not known whether, or which, node they belong to.
 */
export function boundsOf(pairs: Judge, direction: Direction, from: Endpoint, to: Endpoint): Bounds {
  const { cluster, table } = pairs;
  const [own, other] = direction === 'egress' ? [from, to] : [to, from];
  if (own.kind !== 'pods') return { least: table.all, most: table.all, unclear: [] };
  const places = inEachPlace(cluster, other);
  const bounds = places.map((each) => boundsInPlace(pairs, direction, own.pods, each));
  const least = bounds.reduce((all, each) => table.intersect(all, each.least), table.all);
  const most = bounds.reduce((all, each) => table.union(all, each.most), table.none);
  const unclear = bounds.flatMap((each) => each.unclear);
  if (places.length === 1 || least === most) return { least, most, unclear };
  const placed = policiesOn(cluster, own.pods).filter((policy) => placeDecides(cluster, policy, direction, own, other));
  return { least, most, unclear: [...new Set([...unclear, ...placed])] };
}

/** As `boundsOf`, where the place of the other end is known. */
function boundsInPlace(pairs: Judge, direction: Direction, pods: Pods, other: Endpoint): Bounds {
  const own = podsEnd(pods);
  const [from, to] = direction === 'egress' ? [own, other] : [other, own];
  const selected = new Map<AppliedPolicy, Answer>();
  for (const policy of policiesNear(pairs.cluster, pods.namespace)) {
    const answer = selectsPods(policy, pods);
    if (answer !== 'no') selected.set(policy, answer);
  }
  const takes = ({ policy, rule }: AppliedRule): Answer => {
    // Conditions are told beside the verdict: what they leave open is not what the manifests leave open.
    const taken = leans(rule, 'most') ? peersTake(pairs.cluster, { policy, rule }, other) : 'no';
    const about = rule.own === undefined ? 'yes' : peerTakes(pairs.cluster, policy, rule.own, own);
    // What is not known of a rule may only add to what it takes.
    return all([selected.get(policy) ?? 'no', about, rule.uncertain && taken === 'no' ? 'unknown' : taken]);
  };
  const unclear = [...selected].flatMap(([policy, answer]) => {
    const { uncertain, rules } = policy.placed.value;
    const vague = rules.some((rule) => rule.direction === direction && isUnclear(rule, takes({ policy, rule })));
    return uncertain || answer === 'unknown' || vague ? [policy] : [];
  });
  if (unclear.length === 0) {
    const verdict = pairs.side(direction, from, to);
    return { least: verdict, most: verdict, unclear };
  }
  // Whether a policy isolates leads on to different layers, so both ways are followed where that is not known.
  const bound = (doubt: 'least' | 'most') => {
    const when = (isolation: 'sure' | 'possible') =>
      boundedVerdict(
        pairs,
        boundingStages(pairs.cluster, pods, other, [...selected], direction, doubt, isolation),
        takes,
        to.kind === 'pods' ? to.pods : undefined,
        doubt,
      );
    const [sure, possible] = [when('sure'), when('possible')];
    return doubt === 'least' ? pairs.table.intersect(sure, possible) : pairs.table.union(sure, possible);
  };
  return { least: bound('least'), most: bound('most'), unclear };
}

function isUnclear(rule: AppliedRule['rule'], answer: Answer): boolean {
  return answer === 'unknown' || rule.uncertain;
}

/** The stages as they would be at worst (or best): policies say more than is known, and those that may isolate do or do not. */
function boundingStages(
  cluster: Cluster,
  pods: Pods,
  other: Endpoint,
  selected: readonly (readonly [AppliedPolicy, Answer])[],
  direction: Direction,
  doubt: 'least' | 'most',
  isolation: 'sure' | 'possible',
): readonly Stage[] {
  const [from, to] = direction === 'egress' ? [podsEnd(pods), other] : [other, podsEnd(pods)];
  const every = stagesOf(
    cluster,
    pods,
    selected.map(([policy]) => policy),
    direction,
  );
  const stages = stagesAbout(cluster, every, direction, from, to);
  const answers = new Map(selected);
  return stages.map((stage) => {
    const vague = stage.policies.filter(({ placed }) => placed.value.uncertain);
    const unknown = vague.map((policy) => unknownRule(policy, direction, doubt));
    const rules = stage.mode === 'first match' || doubt === 'most' ? [...unknown, ...stage.rules] : stage.rules;
    if (!stage.isolates) return { ...stage, rules };
    const isolatedBy = stage.policies.filter((policy) => {
      const does = stage.isolatedBy.includes(policy);
      if (isolation === 'possible') return does || policy.placed.value.uncertain;
      return does && answers.get(policy) === 'yes';
    });
    return { ...stage, isolatedBy, rules };
  });
}

/** Stands for what a policy may say beyond what is known of it. */
function unknownRule(policy: AppliedPolicy, direction: Direction, doubt: 'least' | 'most'): AppliedRule {
  const { at } = policy.placed.value;
  return {
    policy,
    rule: {
      action: doubt === 'least' ? 'Deny' : 'Allow',
      direction,
      index: -1,
      peers: [{ kind: 'anything', uncertain: true, at }],
      ports: allPorts,
      clauses: [],
      uncertain: true,
      at,
      body: at,
    },
  };
}

function boundedVerdict(
  { table, cluster }: Judge,
  stages: readonly Stage[],
  takes: (rule: AppliedRule) => Answer,
  to: Pods | undefined,
  doubt: 'least' | 'most',
): PortId {
  // An unknown Pass may lead to either answer: it counts as the one that the bound is about.
  const widening = doubt === 'least' ? 'Deny' : 'Allow';
  const bounding = stages.map((stage) => ({
    ...stage,
    rules: stage.rules.flatMap(({ policy, rule }): readonly AppliedRule[] => {
      const answer = takes({ policy, rule });
      if (answer === 'no' || rule.action === 'Log') return [];
      const action = rule.action === 'Pass' && isUnclear(rule, answer) ? widening : rule.action;
      if (action !== widening) return answer === 'yes' ? [{ policy, rule: { ...rule, action } }] : [];
      return [{ policy, rule: { ...rule, action, ports: rule.uncertain ? allPorts : rule.ports } }];
    }),
  }));
  const [found] = judge(table, bounding, 1, {
    applies: () => [0],
    ports: (rule) => table.idOf(portsOfRule(cluster, rule, to)),
  });
  return found ?? table.none;
}
