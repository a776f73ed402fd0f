import type { Expectation, ExpectedEnd } from '../model/expectation.js';
import { union as joinPorts, type PortSet } from '../model/ports.js';
import type { Cluster, Pods } from './cluster.js';
import { type Misnamed, targetsOf } from './endpoints.js';
import { type Context, type ResolvedEnd, resolveEnd, without } from './expected-ends.js';
import { explain, limitsOf, type Part } from './explain.js';
import { groupBy } from './group-by.js';
import type { PodClass } from './pod-classes.js';
import { reachSteps } from './reach.js';
import type { Endpoint } from './stages.js';
import { finished, type Steps } from './steps.js';
import { Judge } from './verdict.js';

/** What became of an expectation. Only 'passed' is good news: nothing that is not known counts as it. */
export interface Outcome {
  /** 'not certain': as far as is known it holds, or what decides is not known. 'not asked': a name that means nothing here. */
  readonly verdict: 'passed' | 'failed' | 'not certain' | 'not asked';
  /** How many pairs were judged, and how many of them are not as expected. */
  readonly pairs: number;
  readonly failing: number;
  /** The first of those that fail. */
  readonly failures: readonly Failure[];
  /** Why it was not asked. */
  readonly problem: ExpectationProblem | undefined;
  readonly notes: readonly string[];
}

export interface Failure {
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** All that was asked of this pair. */
  readonly ports: PortSet;
  /** The parts that are not as expected; never empty. */
  readonly parts: readonly Part[];
}

export interface ExpectationProblem {
  /** Which value of the test is meant; `index` where it is a list. */
  readonly field: 'from' | 'to' | 'except' | 'port';
  readonly index: number;
  readonly message: string;
}

const shownFailures = 3;

/** Judges expectations about one cluster; what it works out about the cluster it keeps. */
export class Expectations {
  readonly judge: Judge;
  readonly #context: Context;
  #classes: ReadonlyMap<unknown, PodClass> | undefined;

  constructor(context: Context) {
    this.#context = context;
    this.judge = new Judge(context.cluster);
  }

  get cluster(): Cluster {
    return this.judge.cluster;
  }

  /** What an end stands for in this cluster. */
  resolve(end: ExpectedEnd): ResolvedEnd | Misnamed {
    return resolveEnd(this.#context, end);
  }

  /**
   * Whether each connection that an expectation names is surely allowed, or surely denied: the source's egress and the
   * destination's ingress together. Workloads that a wildcard or selector matches are not asked about themselves.
   */
  outcomeOf(expectation: Expectation): Outcome {
    return finished(this.outcomeSteps(expectation));
  }

  /** The same in steps: a wildcard stands for thousands of workloads. */
  *outcomeSteps(expectation: Expectation): Steps<Outcome> {
    const asked = questionsOf(this.#context, expectation);
    if ('problem' in asked) return { ...nothing, verdict: 'not asked', problem: asked.problem };
    const { sources, targets } = asked;
    const wrong: { readonly pairs: readonly Pair[]; readonly count: number; readonly sure: boolean }[] = [];
    let pairs = 0;
    // To find out what is told apart costs more than to ask of a few.
    if (sources.length * targets.length > fewPairs) this.#classes ??= yield* classesOf(this.judge.cluster);
    yield;
    const sourceGroups = groupBy(sources, ({ end }) => this.#groupOf(end));
    const targetGroups = groupBy(targets, (each) => `${this.judge.table.idOf(each.ports)} ${this.#idOf(each.end)}`);
    for (const from of sourceGroups.values()) {
      for (const to of targetGroups.values()) {
        yield;
        const found = pairsOf(from, to);
        for (const group of [found.different, found.same]) {
          const [first] = group.shown;
          if (first === undefined) continue;
          pairs += group.count;
          const holds = this.#holds(expectation.expect, first);
          if (holds !== 'yes') wrong.push({ pairs: group.shown, count: group.count, sure: holds === 'no' });
        }
      }
    }
    if (pairs === 0) {
      const message = 'names no connection: what is left is one workload and itself.';
      return { ...nothing, verdict: 'not asked', problem: { field: 'to', index: 0, message }, notes: asked.notes };
    }
    const sureFirst = wrong.toSorted((a, b) => Number(b.sure) - Number(a.sure));
    const failures = sureFirst
      .flatMap((group) => group.pairs)
      .slice(0, shownFailures)
      .map((pair) => this.#failure(expectation.expect, pair));
    const verdict = wrong.length === 0 ? 'passed' : wrong.some(({ sure }) => sure) ? 'failed' : 'not certain';
    const notes = verdict === 'passed' ? asked.notes : [...asked.notes, ...asked.targetNotes];
    const failing = wrong.reduce((sum, { count }) => sum + count, 0);
    return { verdict, pairs, failing, failures, problem: undefined, notes };
  }

  /** The pairs that an expectation names, `most` at most, and how many there are. */
  pairsOf(
    asked: ExpectedPairs,
    most: number,
  ): ExpectationProblem | { readonly pairs: readonly Pair[]; readonly count: number } {
    const found = questionsOf(this.#context, asked);
    if ('problem' in found) return found.problem;
    const { different, same } = pairsOf(found.sources, found.targets, most);
    return { pairs: [...same.shown, ...different.shown].slice(0, most), count: same.count + different.count };
  }

  #holds(expect: Expectation['expect'], { from, to, ports }: Pair): 'yes' | 'no' | 'unknown' {
    const { table } = this.judge;
    const asked = table.idOf(ports);
    const parts = limitsOf(this.judge, from, to);
    const [lacking, possible] =
      expect === 'allowed'
        ? [parts.map(({ least }) => table.subtract(asked, least)), parts.map(({ most }) => table.subtract(asked, most))]
        : [
            parts.map(({ most }) => table.intersect(asked, most)),
            parts.map(({ least }) => table.intersect(asked, least)),
          ];
    if (lacking.every((ports) => ports === table.none)) return 'yes';
    return possible.some((ports) => ports !== table.none) ? 'no' : 'unknown';
  }

  #failure(expect: Expectation['expect'], { from, to, ports }: Pair): Failure {
    const parts = explain(this.judge.cluster, from, to, ports, this.judge);
    return { from, to, ports, parts: parts.filter((part) => part.allowed !== (expect === 'allowed') || !part.certain) };
  }

  /** Pods that no policy tells apart have one answer. */
  #groupOf(end: Endpoint): unknown {
    if (end.kind !== 'pods') return end;
    return this.#classes?.get(end.pods) ?? end.pods;
  }

  readonly #ids = new Map<unknown, number>();

  #idOf(end: Endpoint): number {
    const group = this.#groupOf(end);
    const id = this.#ids.get(group) ?? this.#ids.size;
    this.#ids.set(group, id);
    return id;
  }
}

const fewPairs = 100;

function* classesOf(cluster: Cluster): Steps<ReadonlyMap<Pods, PodClass>> {
  const { classes } = yield* reachSteps(cluster);
  return new Map(classes.flatMap((each) => each.members.map((pods) => [pods, each] as const)));
}

const nothing = { pairs: 0, failing: 0, failures: [], notes: [] };

export interface Pair {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly ports: PortSet;
}

interface Source {
  readonly end: Endpoint;
  /** A wildcard or selector stands for it, and for others. */
  readonly many: boolean;
}

interface Destination extends Source {
  readonly ports: PortSet;
}

/** Pairs of one group and another: between different workloads, and of those that were named twice. */
function pairsOf(sources: readonly Source[], targets: readonly Destination[], most = shownFailures) {
  const different: Pair[] = [];
  const same: Pair[] = [];
  let equal = 0;
  const podsOf = ({ end }: Source) => (end.kind === 'pods' ? end.pods : undefined);
  const own = new Map(sources.map((source) => [podsOf(source), source]));
  for (const target of targets) {
    const source = podsOf(target) === undefined ? undefined : own.get(podsOf(target));
    if (source === undefined) continue;
    equal++;
    if (!source.many && !target.many) same.push({ from: source.end, to: target.end, ports: target.ports });
  }
  search: for (const source of sources) {
    for (const target of targets) {
      if (podsOf(source) !== undefined && podsOf(source) === podsOf(target)) continue;
      different.push({ from: source.end, to: target.end, ports: target.ports });
      if (different.length === most) break search;
    }
  }
  return {
    different: { shown: different, count: sources.length * targets.length - equal },
    same: { shown: same.slice(0, most), count: same.length },
  };
}

/** What an expectation is about, without what is expected. */
export type ExpectedPairs = Pick<Expectation, 'from' | 'to' | 'except' | 'ports'>;

/** The ends of an expectation and the ports, as they are asked about. */
function questionsOf(
  context: Context,
  { from, to, except, ports }: ExpectedPairs,
):
  | { readonly problem: ExpectationProblem }
  | {
      readonly sources: readonly Source[];
      readonly targets: readonly Destination[];
      readonly notes: readonly string[];
      /** Which ports of its pods a service sends to. */
      readonly targetNotes: readonly string[];
    } {
  const resolved = new Map<ExpectedEnd, ResolvedEnd>();
  for (const [field, ends] of [
    ['from', from],
    ['to', to],
    ['except', except],
  ] as const) {
    for (const [index, end] of ends.entries()) {
      const found = resolveEnd(context, end);
      if ('problem' in found) return { problem: { field, index, message: found.problem } };
      resolved.set(end, found);
    }
  }
  const endsOf = (list: readonly ExpectedEnd[]) => list.flatMap((each) => resolved.get(each) ?? []);
  const left = endsOf(except).flatMap(({ ends }) => ends);
  const isRange = (end: Endpoint) => end.kind === 'addresses';
  // What is named by itself is meant.
  const keep = ({ many, ends }: ResolvedEnd) => (many || ends.some(isRange) ? without(ends, left) : ends);
  const sources = endsOf(from).flatMap((end) => keep(end).map((each): Source => ({ end: each, many: end.many })));
  if (sources.length === 0) return { problem: { field: 'except', index: 0, message: 'leaves nothing of `from`.' } };
  const notes = [...resolved.values()].flatMap((end) => end.notes);
  const targetNotes: string[] = [];
  const targets: Destination[] = [];
  for (const end of endsOf(to)) {
    const ends = keep(end);
    const reached = new Map<Endpoint, PortSet>();
    for (const [index, { protocol, port }] of (ports.length === 0 ? [everyPort] : ports).entries()) {
      const found = targetsOf({ ...end, ends }, { protocol, port });
      if ('problem' in found) return { problem: { field: 'port', index, message: found.problem } };
      for (const target of found.targets) {
        const known = reached.get(target.to);
        reached.set(target.to, known === undefined ? target.ports : joinPorts(known, target.ports));
      }
      if (end.service !== undefined) targetNotes.push(...found.notes);
      const lacking = ends.length - found.targets.length;
      if (lacking > 0) notes.push(`${end.name}: ${lacking} of ${ends.length} workloads declare no port ${port}.`);
    }
    targets.push(...[...reached].map(([each, set]) => ({ end: each, many: end.many, ports: set })));
  }
  if (targets.length === 0) return { problem: { field: 'except', index: 0, message: 'leaves nothing of `to`.' } };
  return { sources: distinct(sources), targets, notes: [...new Set(notes)], targetNotes: [...new Set(targetNotes)] };
}

const everyPort = { protocol: undefined, port: undefined };

/** Each workload once: as one that was named, where it was. */
function distinct(sources: readonly Source[]): readonly Source[] {
  const byEnd = new Map<unknown, Source>();
  for (const source of sources) {
    const key = source.end.kind === 'pods' ? source.end.pods : source.end;
    if (byEnd.get(key)?.many !== false) byEnd.set(key, source);
  }
  return [...byEnd.values()];
}
