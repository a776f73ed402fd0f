import { endpointName } from '../engine/connection-names.js';
import type { Because, Part, Side } from '../engine/explain.js';
import type { Reason } from '../engine/near-misses.js';
import { titleOf } from '../engine/policy-title.js';
import type { Endpoint } from '../engine/stages.js';
import type { ScopeAnswer } from '../features/explain/explain-answers.js';
import { verdictOf } from '../features/explain/explain-view.js';
import { reasonWords } from '../features/explain/reason-words.js';
import type { Direction } from '../model/policy.js';
import { printConnections } from '../model/ports.js';
import type { Place } from '../model/workload.js';

type FindPlace = (at: Place) => { readonly file: string; readonly line: number } | undefined;

/** The contract of docs/json.md: over all parts first, then each part by itself. */
export function explainJson(answers: readonly ScopeAnswer[], find: FindPlace) {
  const parts = answers.flatMap(({ scope, explained }) => explained.parts.map((part) => ({ scope, part })));
  const all = parts.map(({ part }) => part);
  const [first] = answers;
  const notes = answers.flatMap(({ explained }) => explained.notes);
  return {
    allowed: all.every(({ allowed }) => allowed),
    certain: all.every(({ certain }) => certain),
    verdict: verdictOf(all),
    from: first?.explained.from.name,
    to: first?.explained.to.name,
    ports: first?.explained.asked ?? null,
    egress: together(all.map(({ egress }) => egress)),
    ingress: together(all.map(({ ingress }) => ingress)),
    nearest: unique(all.flatMap((part) => nearestOf(part))),
    notes: unique(notes),
    fixes: unique(answers.flatMap(({ explained }) => explained.fixes)),
    cuts: unique(answers.flatMap(({ explained }) => explained.cuts)),
    parts: parts.map(({ scope, part }) => ({
      scope: scope.title,
      from: endNameOf(part.from),
      to: endNameOf(part.to),
      ports: printConnections(part.ports),
      allowed: part.allowed,
      certain: part.certain,
      egress: together([part.egress]),
      ingress: together([part.ingress]),
      nearest: nearestOf(part),
    })),
  };

  function together(sides: readonly Side[]) {
    return {
      allowed: sides.every(({ allowed }) => allowed),
      certain: sides.every(({ certain }) => certain),
      isolated: sides.some(({ isolatedBy }) => isolatedBy.length > 0),
      conditions: unique(sides.flatMap(({ conditions }) => conditions)),
      because: unique(
        sides.flatMap(({ layers, direction }) =>
          layers.flatMap(({ because }) => because.map((each) => becauseOf(each, direction))),
        ),
      ),
    };
  }

  function becauseOf({ policy, rule, effect }: Because, direction: Direction) {
    const { value } = policy.placed;
    const at = find(rule?.at ?? value.isolatesAt ?? value.at);
    return {
      policy: titleOf(policy),
      rule: rule === undefined ? null : rule.index + 1,
      name: rule?.name ?? null,
      direction,
      tier: value.order.tier,
      effect,
      file: at?.file ?? null,
      line: at?.line ?? null,
    };
  }

  function nearestOf(part: Part) {
    return [part.egress, part.ingress].flatMap((side) =>
      side.nearest.map(({ rule, peer, reasons }) => {
        const at = find(peer.kind === 'anything' ? rule.rule.at : peer.at);
        return {
          direction: side.direction,
          policy: titleOf(rule.policy),
          rule: rule.rule.index + 1,
          file: at?.file ?? null,
          line: at?.line ?? null,
          reasons: reasons.map((reason) => ({ kind: kindOf(reason), message: reasonWords(reason, rule, part, side) })),
        };
      }),
    );
  }
}

/** In the words of `netpol list`. */
function endNameOf(end: Endpoint): string {
  return end.kind === 'some pods' ? '' : endpointName(end);
}

/** Stable names of reasons. */
function kindOf(reason: Reason): string {
  const words = { port: 'port', protocol: 'protocol', name: 'named port' };
  if (reason.kind === 'ports') return words[reason.differs];
  if (reason.kind === 'label') return reason.of === 'pods' ? 'label' : 'namespace label';
  return reason.kind;
}

/** Without repetitions, by what is printed. */
function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
