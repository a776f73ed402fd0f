import type { Direction } from '../model/policy.js';
import { hasNamed, isEmpty, isSubset, type PortSet, printPorts, subtract } from '../model/ports.js';
import { list } from '../model/print.js';
import type { Change } from '../text/fix.js';
import { boundsOf } from './certainty.js';
import { connectionWords, endWords } from './connection-words.js';
import { type Doubtful, doubtful, doubtWords } from './doubts.js';
import { isItself } from './explain.js';
import type { Connection } from './reach.js';
import { allowingDrafts, type Proposal } from './repair-drafts.js';
import { portsData } from './rule-data.js';
import type { Endpoint } from './stages.js';
import { finished, type Steps } from './steps.js';
import { changesOf, clusterAfter, type Draft, type Effects, effectsOf, joinDrafts } from './trial.js';
import { Judge } from './verdict.js';

/** Edits that, made together, allow (or cut) a connection. */
export interface Repair {
  /** What becomes allowed (or blocked) by it, and where it is written. */
  readonly title: string;
  /** The places that it edits, one for each end: "policy api, rule 2". */
  readonly where: readonly string[];
  readonly changes: readonly Change[];
  /** All that becomes allowed, what was asked for with it; between pods of the cluster, and pods and addresses. */
  readonly opens: readonly Connection[];
  /** All that becomes blocked. */
  readonly blocks: readonly Connection[];
}

/** The repairs, best first; where there are none: why, in a sentence for who asked. */
export type Repairs =
  | { readonly repairs: readonly [Repair, ...Repair[]] }
  | { readonly repairs: readonly []; readonly why: string };

/** How many proposals of each end are tried together, and how many repairs are given. */
const triedPerSide = 4;
const given = 4;

/**
 * The smallest edits after which a connection that is surely denied is surely allowed, at the source's egress and the
 * destination's ingress together: those that open the least to others first, then the shortest. Nothing becomes blocked by
 * any of them. Each is tried on the text, and what it opens is read off the result.
 */
export function repairs(judge: Judge, from: Endpoint, to: Endpoint, ports: PortSet): Repairs {
  return finished(repairSteps(judge, from, to, ports));
}

/** The same in steps: among thousands of pods it takes seconds. */
export function* repairSteps(judge: Judge, from: Endpoint, to: Endpoint, ports: PortSet): Steps<Repairs> {
  const asked: Connection = { from, to, ports };
  const nothing = (why: string): Repairs => ({ repairs: [], why });
  if (isItself(from, to)) return nothing('A pod may always connect to itself.');
  const sides: (readonly Ranked[])[] = [];
  for (const direction of ['egress', 'ingress'] as const) {
    const missing = subtract(ports, judge.table.setOf(judge.side(direction, from, to)));
    if (isEmpty(missing)) continue;
    const { most, unclear } = boundsOf(judge, direction, from, to);
    if (!isEmpty(subtract(missing, subtract(missing, judge.table.setOf(most))))) {
      return nothing(notAllKnown(doubtful(judge.cluster, unclear, direction, from, to)));
    }
    // What is allowed already may be said again, where the rest cannot be said by itself.
    const opened = portsData('NetworkPolicy', missing) === undefined ? ports : missing;
    if (portsData('NetworkPolicy', opened) === undefined || hasNamed(opened)) {
      return nothing(`No rule can say ${printPorts(missing)}: ask about one port.`);
    }
    const proposals = allowingDrafts(judge, direction, { from, to, ports: opened });
    if ('why' in proposals) return nothing(proposals.why);
    sides.push(yield* narrowest(judge, direction, proposals));
  }
  if (sides.length === 0) return nothing('It is allowed already.');
  const found: (Repair & { readonly rank: readonly number[] })[] = [];
  for (const parts of combinations(sides)) {
    const tried = yield* attempt(judge, joinDrafts(parts.map(({ proposal }) => proposal.draft)));
    if (tried === undefined || tried.blocks.length > 0 || !surelyAllows(tried.after, asked)) continue;
    const extra = beyond(tried.opens, asked);
    const width = parts.reduce((sum, part) => sum + part.width, 0);
    const title = titleOf(
      parts.map(({ proposal }) => proposal),
      asked,
      extra,
    );
    found.push({
      title,
      where: parts.map(({ proposal }) => proposal.where),
      changes: tried.changes,
      opens: tried.opens,
      blocks: [],
      rank: [...breadth(extra, asked), width, tried.size],
    });
  }
  const [best, ...others] = found.toSorted((a, b) => compare(a.rank, b.rank)).slice(0, given);
  if (best === undefined) {
    return nothing(
      'No edit of one rule or one new policy allows it: its text cannot be edited here, or several policies stand in the way.',
    );
  }
  return { repairs: [best, ...others] };
}

interface Ranked {
  readonly proposal: Proposal;
  /** How many pairs its side alone opens, whatever the other side says. */
  readonly width: number;
}

function* narrowest(judge: Judge, direction: Direction, proposals: readonly Proposal[]): Steps<readonly Ranked[]> {
  const found: (Ranked & { readonly rank: readonly number[] })[] = [];
  for (const proposal of proposals) {
    const tried = yield* attempt(judge, proposal.draft, direction);
    if (tried === undefined || tried.blocks.length > 0) continue;
    const width = tried.opens.length;
    found.push({ proposal, width, rank: [width, tried.size] });
  }
  return found.toSorted((a, b) => compare(a.rank, b.rank)).slice(0, triedPerSide);
}

interface Attempt extends Effects {
  readonly after: Judge;
  readonly changes: readonly Change[];
  readonly size: number;
}

/** What a draft does; undefined where it cannot be read, or touches too much. */
export function* attempt(judge: Judge, draft: Draft, direction?: Direction): Steps<Attempt | undefined> {
  yield;
  const cluster = clusterAfter(judge.cluster, draft);
  if (cluster === undefined) return undefined;
  const after = new Judge(cluster);
  yield;
  const effects = yield* effectsOf(judge, after, direction);
  if (effects === undefined) return undefined;
  const written = [...draft.edits.map(({ newText }) => newText), ...draft.added.map(({ text }) => text)];
  return { ...effects, after, changes: changesOf(draft), size: written.join('').length };
}

function surelyAllows(judge: Judge, { from, to, ports }: Connection): boolean {
  return (['egress', 'ingress'] as const).every((direction) =>
    isSubset(ports, judge.table.setOf(boundsOf(judge, direction, from, to).least)),
  );
}

/** What is opened but was not asked for. */
export function beyond(opens: readonly Connection[], asked: Connection): readonly Connection[] {
  return opens.flatMap((each) => {
    const ports = sameEnds(each, asked) ? subtract(each.ports, asked.ports) : each.ports;
    return isEmpty(ports) ? [] : [{ ...each, ports }];
  });
}

/** How many other pairs are touched, and how many pairs at all: what is nearest to the question comes first. */
export function breadth(extra: readonly Connection[], asked: Connection): readonly number[] {
  return [extra.filter((each) => !sameEnds(each, asked)).length, extra.length];
}

function sameEnds(a: Connection, b: Connection): boolean {
  return sameEnd(a.from, b.from) && sameEnd(a.to, b.to);
}

function sameEnd(a: Endpoint, b: Endpoint): boolean {
  // Most are other pods, which is cheaper to see than to put in words.
  if (a.kind === 'pods' && b.kind === 'pods' && a.pods.name !== b.pods.name) return false;
  return endWords(a) === endWords(b);
}

function titleOf(
  proposals: readonly Proposal[],
  { from, to, ports }: Connection,
  extra: readonly Connection[],
): string {
  const [own, other] = [endWords(from), endWords(to)];
  const said = proposals.map(({ direction, where }, i) => {
    const on = i === 0 ? ` on ${printPorts(ports)}` : '';
    return `${direction} of ${direction === 'egress' ? `${own} to ${other}` : `${other} from ${own}`}${on} (${where})`;
  });
  const more = extra.length === 0 ? '' : `. It also opens ${list(extra.map(connectionWords), 3)}`;
  return `Allow ${said.join(', and ')}${more}`;
}

/** Why no edit is sure to do it. */
export function notAllKnown(unclear: readonly Doubtful[]): string {
  const names = list(
    unclear.map(({ policy }) => policy.placed.value.name),
    4,
  );
  return `Not all about ${names} is known: ${doubtWords(unclear.flatMap(({ doubts }) => doubts))}.`;
}

function combinations<T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] {
  return lists.reduce<readonly (readonly T[])[]>(
    (all, own) => all.flatMap((head) => own.map((item) => [...head, item])),
    [[]],
  );
}

export function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
