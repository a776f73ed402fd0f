import type { Direction } from '../model/policy.js';
import { overlaps, type PortSet, printPorts } from '../model/ports.js';
import { list } from '../model/print.js';
import { boundsOf } from './certainty.js';
import { connectionWords, endWords } from './connection-words.js';
import { allowingRules, denyingDrafts, isolatingDrafts, narrowings } from './cut-drafts.js';
import { doubtful } from './doubts.js';
import { isItself } from './explain.js';
import type { Connection } from './reach.js';
import { attempt, beyond, breadth, compare, notAllKnown, type Repair, type Repairs } from './repair.js';
import { type Proposal, sightOf } from './repair-drafts.js';
import type { Endpoint } from './stages.js';
import { finished, type Steps } from './steps.js';
import { joinDrafts } from './trial.js';
import type { Judge } from './verdict.js';

const given = 4;

/**
 * The smallest edits after which an allowed connection is surely denied, at one of its ends: those that cut the least else
 * first, then the shortest. Nothing becomes allowed by any of them; what else is cut is named.
 */
export function cuts(judge: Judge, from: Endpoint, to: Endpoint, ports: PortSet): Repairs {
  return finished(cutSteps(judge, from, to, ports));
}

/** The same in steps: among thousands of pods it takes seconds. */
export function* cutSteps(judge: Judge, from: Endpoint, to: Endpoint, ports: PortSet): Steps<Repairs> {
  const asked: Connection = { from, to, ports };
  const nothing = (why: string): Repairs => ({ repairs: [], why });
  if (isItself(from, to)) return nothing('No policy keeps a pod from itself.');
  if (!overlaps(ports, judge.table.setOf(judge.between(from, to)))) return nothing('It is denied already.');
  const found: (Repair & { readonly rank: readonly number[] })[] = [];
  for (const direction of ['egress', 'ingress'] as const) {
    for (const each of yield* proposals(judge, direction, asked)) {
      const tried = yield* attempt(judge, each.draft);
      if (tried === undefined || tried.opens.length > 0 || !surelyDenies(tried.after, asked)) continue;
      const extra = beyond(tried.blocks, asked);
      const title = titleOf(each, asked, extra);
      found.push({
        title,
        where: [each.where],
        changes: tried.changes,
        opens: [],
        blocks: tried.blocks,
        rank: [...breadth(extra, asked), tried.size],
      });
    }
  }
  const [best, ...others] = found.toSorted((a, b) => compare(a.rank, b.rank)).slice(0, given);
  if (best !== undefined) return { repairs: [best, ...others] };
  const unclear = (['egress', 'ingress'] as const).flatMap((direction) =>
    doubtful(judge.cluster, boundsOf(judge, direction, from, to).unclear, direction, from, to),
  );
  return nothing(
    unclear.length > 0
      ? notAllKnown(unclear)
      : 'No edit of the policies cuts it: no policy applies to either end, or their text cannot be edited here.',
  );
}

function* proposals(judge: Judge, direction: Direction, asked: Connection): Steps<readonly Proposal[]> {
  const sight = sightOf(direction, asked);
  if (sight === undefined || sight.own.hostNetwork) return [];
  const { own, other } = sight;
  const allowing = allowingRules(judge, direction, asked);
  const narrowed: (Proposal | undefined)[] = [];
  for (const { applied } of allowing) {
    const each: { readonly proposal: Proposal; readonly rank: readonly number[] }[] = [];
    for (const proposal of narrowings(judge, direction, asked, other, applied)) {
      const tried = yield* attempt(judge, proposal.draft, direction);
      if (tried === undefined) continue;
      each.push({ proposal, rank: [tried.opens.length, ...breadth(beyond(tried.blocks, asked), asked), tried.size] });
    }
    narrowed.push(each.toSorted((a, b) => compare(a.rank, b.rank))[0]?.proposal);
  }
  const all = narrowed.filter((each) => each !== undefined);
  const together =
    all.length === 0 || all.length < narrowed.length
      ? []
      : [{ direction, draft: joinDrafts(all.map(({ draft }) => draft)), where: list(all.map(({ where }) => where)) }];
  return [
    ...together,
    ...denyingDrafts(judge, direction, asked, own, other, allowing),
    ...isolatingDrafts(judge, direction, own),
  ];
}

function surelyDenies(judge: Judge, { from, to, ports }: Connection): boolean {
  const [egress, ingress] = (['egress', 'ingress'] as const).map((each) => boundsOf(judge, each, from, to).most);
  const { none } = judge.table;
  return !overlaps(ports, judge.table.setOf(judge.table.intersect(egress ?? none, ingress ?? none)));
}

function titleOf(
  { direction, where }: Proposal,
  { from, to, ports }: Connection,
  extra: readonly Connection[],
): string {
  const [source, target] = [endWords(from), endWords(to)];
  const ends = direction === 'egress' ? `${source} to ${target}` : `${target} from ${source}`;
  const more = extra.length === 0 ? '' : `. It also cuts ${list(extra.map(connectionWords), 3)}`;
  return `Cut ${direction} of ${ends} on ${printPorts(ports)} (${where})${more}`;
}
