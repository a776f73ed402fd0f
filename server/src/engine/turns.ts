import type { Policy } from '../model/policy.js';
import { isAll } from '../model/ports.js';
import type { Placed } from '../workspace/scope.js';
import type { Candidate, OrderedRule, Turn } from './effective.js';
import type { RuleOf, Stage } from './layers.js';
import { isConditional } from './stages.js';

/** The stages as a person reads them: what is asked in its turn, and then what only allows. */
export interface InTurns {
  readonly turns: readonly Turn[];
  readonly baseline: readonly OrderedRule[];
  readonly isolatedBy: readonly Placed<Policy>[];
  /** Of what the turns leave, what these rules take in is allowed; nobody asks them where nothing isolates. */
  readonly allowing: readonly RuleOf<Candidate>[];
}

/**
 * Reads stages in turns. What a stage denies in the end never comes to the next, but for what it passes on; what no later
 * stage denies is allowed, so that a Pass with nothing behind it allows (FACTS B4).
 */
export function inTurns(all: readonly Stage<Candidate>[]): InTurns {
  const stages = reached(all.map(liveRules));
  const isolatedBy = stages.filter(closes).flatMap((stage) => sureOnes(stage.isolatedBy));
  // Behind the baseline stand Calico's tiers of a later order.
  const lastOrdered = stages.findLastIndex(
    (stage, place) => isOrdered(stage) || (stage.tier === 'baseline' && place < stages.length - 1),
  );
  const lastClosing = stages.findLastIndex(closes);
  const closing = stages[lastClosing];
  if (closing === undefined || lastClosing > lastOrdered) {
    const rest = stages.slice(lastOrdered + 1).filter(({ tier }) => tier !== 'baseline');
    return {
      turns: stages.slice(0, lastOrdered + 1).flatMap((stage) => turnOf(stage, closes(stage))),
      baseline: stages
        .slice(lastOrdered + 1)
        .filter(({ tier }) => tier === 'baseline')
        .flatMap(({ rules }) => rules.map(orderedRule)),
      isolatedBy,
      allowing: closing === undefined ? [] : rest.flatMap(({ rules }) => rules.filter(isAllow)),
    };
  }
  // What the last one passes on is allowed, unless the rules behind it deny that.
  const isLast = lastClosing === stages.length - 1;
  const decides = closing.rules.findLastIndex((each) => !isAllow(each)) + 1;
  const allowing = isLast ? closing.rules.slice(decides).filter(isAllow) : [];
  return {
    turns: stages.flatMap((stage) =>
      stage === closing && isLast
        ? turnOf({ ...stage, rules: stage.rules.slice(0, decides) }, false)
        : turnOf(stage, closes(stage)),
    ),
    baseline: [],
    isolatedBy,
    allowing: [...closing.rules.filter(({ rule }) => rule.action === 'Pass'), ...allowing],
  };
}

/** A rule that surely takes in every connection. */
export function takesEverything({ policy: { placed, selects }, rule }: RuleOf<Candidate>): boolean {
  return (
    selects === 'yes' &&
    rule.peers.some((peer) => peer.kind === 'anything' && !peer.uncertain) &&
    !rule.uncertain &&
    rule.own === undefined &&
    rule.exceptPorts === undefined &&
    !isConditional(rule) &&
    !placed.value.uncertain &&
    isAll(rule.ports)
  );
}

/** Without the rules of a tier behind one that takes in all that comes to it. */
function liveRules(stage: Stage<Candidate>): Stage<Candidate> {
  if (!isOrdered(stage) || stage.tier !== 'tiered') return stage;
  const last = stage.rules.findIndex(isFinal);
  return last < 0 ? stage : { ...stage, rules: stage.rules.slice(0, last + 1) };
}

/** The stages that something comes to. */
function reached(stages: readonly Stage<Candidate>[]): readonly Stage<Candidate>[] {
  const last = stages.findIndex(
    (stage) =>
      !stage.rules.some(({ rule }) => rule.action === 'Pass') &&
      (closes(stage) || (stage.tier === 'tiered' && stage.rules.some(isFinal))),
  );
  return last < 0 ? stages : stages.slice(0, last + 1);
}

/** Nothing of its stage is asked behind it. */
function isFinal(each: RuleOf<Candidate>): boolean {
  return each.rule.action !== 'Log' && takesEverything(each);
}

/** Whether a stage surely denies what its rules do not decide: there is such, and some policy isolates the pods. */
function closes({ isolatedBy, rules }: Stage<Candidate>): boolean {
  if (sureOnes(isolatedBy).length === 0) return false;
  return !rules.some((each) => each.rule.action === 'Pass' && takesEverything(each));
}

function isOrdered({ tier, rules }: Stage<Candidate>): boolean {
  if (tier === 'admin' || tier === 'denies') return true;
  return tier === 'tiered' && rules.some(({ rule }) => rule.action === 'Deny' || rule.action === 'Pass');
}

function isAllow({ rule }: RuleOf<Candidate>): boolean {
  return rule.action === 'Allow';
}

function turnOf({ tier, name, rules, isolatedBy }: Stage<Candidate>, denies: boolean): readonly Turn[] {
  const deniedBy = denies && !rules.some(isFinal) ? sureOnes(isolatedBy) : [];
  if (rules.length === 0 && deniedBy.length === 0) return [];
  // With other tiers behind it, the baseline is one of Calico's.
  const called = name ?? (tier === 'baseline' ? 'kube-baseline' : undefined);
  return [{ tier: called, rules: rules.map(orderedRule), deniedBy }];
}

function orderedRule({ policy: { placed, selects }, rule }: RuleOf<Candidate>): OrderedRule {
  return { policy: placed, rule, selects };
}

function sureOnes(candidates: readonly Candidate[]): readonly Placed<Policy>[] {
  return candidates.flatMap(({ placed, selects }) => (selects === 'yes' ? [placed] : []));
}
