import { list } from '../model/print.js';
import type { Place } from '../model/workload.js';
import { endWords } from './connection-words.js';
import { doubtWords } from './doubts.js';
import type { Part, Side } from './explain.js';
import { ruleName, titleOf } from './policy-title.js';

/** What decides a connection, in a line, and where it is written; nowhere where it is that no policy applies. */
export interface Decision {
  readonly words: string;
  readonly at: Place | undefined;
}

/** The lines that decide a part: of what is denied, those that deny it; of what is allowed, those that let it through. */
export function decisionsOf(part: Part): readonly Decision[] {
  const sides = [part.egress, part.ingress].filter(({ allowed }) => part.allowed || !allowed);
  const found = sides.flatMap((side) =>
    side.judged === 'by policies' ? sideDecisions(part, side) : specialCases(side),
  );
  const unclear = part.certain ? [] : unclearDecisions(part);
  return [...found, ...unclear];
}

function sideDecisions(part: Part, side: Side): readonly Decision[] {
  const { direction, layers, allowed } = side;
  const own = endWords(direction === 'egress' ? part.from : part.to);
  const because = layers.flatMap((layer) => layer.because);
  const rules = because.flatMap(({ policy, rule, effect }): readonly Decision[] =>
    rule !== undefined && (effect === 'allows') === allowed && effect !== 'passes'
      ? [{ words: `${ruleName({ policy, rule })} ${effect} it`, at: rule.at }]
      : [],
  );
  if (rules.length > 0) return rules;
  if (allowed) return [{ words: `no policy isolates ${own} for ${direction}`, at: undefined }];
  const isolating = because.flatMap(({ policy, rule }) => (rule === undefined ? [policy] : []));
  const value = isolating[0]?.placed.value;
  if (value === undefined) return [];
  const names = list(isolating.map(titleOf), 3);
  const verb = isolating.length === 1 ? 'isolates' : 'isolate';
  return [
    { words: `${names} ${verb} ${own} for ${direction}, and no rule allows it`, at: value.isolatesAt ?? value.at },
  ];
}

function specialCases({ judged, direction }: Side): readonly Decision[] {
  const words = {
    'by policies': undefined,
    outside: undefined,
    'host network': `policies do not apply to pods on their node's network, so nothing is said of this ${direction}`,
    itself: 'a pod may always connect to itself',
    'own node': 'a node may always connect to its own pods',
  }[judged];
  return words === undefined ? [] : [{ words, at: undefined }];
}

function unclearDecisions({ egress, ingress }: Part): readonly Decision[] {
  const unclear = [...egress.unclear, ...ingress.unclear];
  const policies = [...new Set(unclear.map(({ policy }) => policy))];
  if (policies.length === 0) return [];
  const [first] = policies;
  const why = doubtWords(unclear.flatMap(({ doubts }) => doubts));
  const words = `not certain by ${list(policies.map(titleOf), 3)}: ${why}`;
  return [{ words, at: first?.placed.value.at }];
}
