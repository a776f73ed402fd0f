import type { Direction } from '../model/policy.js';
import { allPorts } from '../model/ports.js';
import { type Answer, and } from '../model/three.js';
import type { AppliedPolicy } from './cluster.js';
import type { PortId } from './port-table.js';
import { type AppliedRule, type Endpoint, ruleTakes, type Stage, selectsPods, stagesOf } from './stages.js';
import { type Judge, judge, portsOn } from './verdict.js';

/** Between which bounds the answer of one end lies, whatever the unknown parts turn out to be. */
export interface Bounds {
  /** What surely passes. */
  readonly least: PortId;
  /** Outside of it nothing passes, surely. */
  readonly most: PortId;
  /** The policies of which some part that bears on these ends is not known; none: both bounds are the verdict. */
  readonly unclear: readonly AppliedPolicy[];
}

/** What one direction of a connection allows at least and at most, for pods that policies may or may not select. */
export function boundsOf(pairs: Judge, direction: Direction, from: Endpoint, to: Endpoint): Bounds {
  const [own, other] = direction === 'egress' ? [from, to] : [to, from];
  if (own.kind !== 'pods') return { least: pairs.table.all, most: pairs.table.all, unclear: [] };
  const selected = new Map<AppliedPolicy, Answer>();
  for (const policy of pairs.cluster.policies) {
    const answer = selectsPods(policy, own.pods);
    if (answer !== 'no') selected.set(policy, answer);
  }
  const takes = ({ policy, rule }: AppliedRule): Answer => {
    const taken = ruleTakes(pairs.cluster, { policy, rule }, other);
    // What is not known of a rule may only add to what it takes.
    return and(selected.get(policy) ?? 'no', rule.uncertain && taken === 'no' ? 'unknown' : taken);
  };
  const unclear = [...selected].flatMap(([policy, answer]) => {
    const { uncertain, rules } = policy.placed.value;
    const vague = rules.some(
      (rule) =>
        rule.direction === direction && takes({ policy, rule }) !== 'no' && isUnclear(rule, takes({ policy, rule })),
    );
    return uncertain || answer === 'unknown' || vague ? [policy] : [];
  });
  if (unclear.length === 0) {
    const verdict = pairs.side(direction, from, to);
    return { least: verdict, most: verdict, unclear };
  }
  const declared = to.kind === 'pods' ? to.pods.ports : [];
  // Whether a policy isolates leads on to different layers, so both ways are followed where that is not known.
  const bound = (doubt: 'least' | 'most') => {
    const when = (isolation: 'sure' | 'possible') =>
      boundedVerdict(pairs, boundingStages([...selected], direction, doubt, isolation), takes, declared, doubt);
    const [one, other] = [when('sure'), when('possible')];
    return doubt === 'least' ? pairs.table.intersect(one, other) : pairs.table.union(one, other);
  };
  return { least: bound('least'), most: bound('most'), unclear };
}

function isUnclear(rule: AppliedRule['rule'], answer: Answer): boolean {
  return answer === 'unknown' || rule.uncertain;
}

/** The stages as they would be at worst (or best): policies say more than is known, and those that may isolate do or do not. */
function boundingStages(
  selected: readonly (readonly [AppliedPolicy, Answer])[],
  direction: Direction,
  doubt: 'least' | 'most',
  isolation: 'sure' | 'possible',
): readonly Stage[] {
  const stages = stagesOf(
    selected.map(([policy]) => policy),
    direction,
  );
  const answers = new Map(selected);
  return stages.map((stage) => {
    const vague = stage.policies.filter(({ placed }) => placed.value.uncertain);
    const unknown = vague.map((policy) => unknownRule(policy, direction, doubt));
    if (stage.mode === 'first match') return { ...stage, rules: [...unknown, ...stage.rules] };
    const isolatedBy = stage.policies.filter((policy) => {
      const { isolates, uncertain } = policy.placed.value;
      if (isolation === 'possible') return isolates.includes(direction) || uncertain;
      return isolates.includes(direction) && answers.get(policy) === 'yes';
    });
    return { ...stage, isolatedBy, rules: doubt === 'most' ? [...unknown, ...stage.rules] : stage.rules };
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
  { table }: Judge,
  stages: readonly Stage[],
  takes: (rule: AppliedRule) => Answer,
  declared: Parameters<typeof portsOn>[1],
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
    ports: ({ rule }) => table.idOf(portsOn(rule.ports, declared)),
  });
  return found ?? table.none;
}
