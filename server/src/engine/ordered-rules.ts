import { type Answer, and, any, or } from '../model/three.js';
import type { Candidate, DirectionAnswer, OrderedRule } from './effective.js';
import type { RuleOf, Stage } from './layers.js';
import { isConditional } from './stages.js';

/**
 * Whether something is allowed, by all that is asked of it, one stage after the other: `takes` says whether a rule takes
 * it in. 'unknown' where what decides is not known. What is allowed under a condition counts as allowed.
 */
export function decide(answer: DirectionAnswer, takes: (rule: OrderedRule) => Answer): Answer {
  return decidedBy(answer, answer.stages, takes) ?? 'yes';
}

/** As `decide`, by some of the stages alone; undefined where they leave it to others. */
export function decidedBy(
  { uncertain }: Pick<DirectionAnswer, 'uncertain'>,
  stages: readonly Stage<Candidate>[],
  takes: (rule: OrderedRule) => Answer,
): Answer | undefined {
  let perhaps: Answer | undefined;
  for (const stage of stages) {
    const decided = stage.mode === 'additive' ? ofAdditive(stage, takes, uncertain) : ofOrdered(stage, takes);
    if (decided === undefined) continue;
    if (decided.sure) return perhaps === undefined ? decided.answer : agreed(perhaps, decided.answer);
    perhaps = perhaps === undefined ? decided.answer : agreed(perhaps, decided.answer);
  }
  return perhaps === undefined ? undefined : agreed(perhaps, 'yes');
}

/** What a stage decides; not sure: unless what is not known of it turns out otherwise. */
interface Decided {
  readonly answer: Answer;
  readonly sure: boolean;
}

function agreed(a: Answer, b: Answer): Answer {
  return a === b ? a : 'unknown';
}

function ofAdditive(
  { rules, isolatedBy }: Stage<Candidate>,
  takes: (rule: OrderedRule) => Answer,
  uncertain: boolean,
): Decided | undefined {
  const taken = any(rules.map((each) => answerOf(each, takes)));
  if (isolatedBy.length === 0) return taken === 'yes' ? { answer: taken, sure: true } : undefined;
  const sure = isolatedBy.some(({ selects }) => selects === 'yes');
  return { answer: taken === 'no' && uncertain ? 'unknown' : taken, sure };
}

function ofOrdered(
  { rules, isolatedBy, tier }: Stage<Candidate>,
  takes: (rule: OrderedRule) => Answer,
): Decided | undefined {
  for (const each of rules) {
    const { action } = each.rule;
    if (action === 'Log') continue;
    const answer = answerOf(each, takes);
    if (answer === 'no') continue;
    // A deny rule that may or may not count leaves what follows open, and never more than that.
    if (answer === 'unknown' || (isConditional(each.rule) && action !== 'Allow'))
      return { answer: 'unknown', sure: true };
    if (action === 'Pass') return undefined;
    return { answer: action === 'Allow' ? 'yes' : 'no', sure: true };
  }
  const ends = isolatedBy.map(({ selects }) => selects).reduce<Answer>(or, 'no');
  return tier === 'tiered' && ends !== 'no' ? { answer: 'no', sure: ends === 'yes' } : undefined;
}

function answerOf(
  { policy: { placed, selects }, rule }: RuleOf<Candidate>,
  takes: (rule: OrderedRule) => Answer,
): Answer {
  const taken = takes({ policy: placed, rule, selects });
  const open = (rule.uncertain || placed.value.uncertain) && taken === 'no' ? 'unknown' : taken;
  return and(selects, rule.own !== undefined && open === 'yes' ? 'unknown' : open);
}
