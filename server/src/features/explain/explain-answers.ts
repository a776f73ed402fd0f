import { type Cluster, clusterOf } from '../../engine/cluster.js';
import { cutSteps } from '../../engine/cuts.js';
import {
  endNamed,
  type Misnamed,
  type NamedEnd,
  type PortQuestion,
  type Target,
  targetsOf,
} from '../../engine/endpoints.js';
import { explain as explainConnection, type Part } from '../../engine/explain.js';
import { type Repairs, repairSteps } from '../../engine/repair.js';
import { finished, type Steps } from '../../engine/steps.js';
import { Judge } from '../../engine/verdict.js';
import type { ClusterProfile } from '../../model/profile.js';
import type { Scope } from '../../workspace/scope.js';
import type { Explained } from './explain-view.js';
import { meshNotes } from './mesh-notes.js';

/** A question as it is written. */
export interface Asked {
  readonly from: string;
  readonly to: string;
  readonly question: PortQuestion;
  readonly namespace: string | undefined;
}

/** The answer of one scope. */
export interface ScopeAnswer {
  readonly scope: Scope;
  readonly explained: Explained;
  /**
   * What the titles of `explained.fixes` stand for, or of `explained.cuts` where all is allowed; undefined where it was
   * not looked for.
   */
  readonly repairs: Repairs | undefined;
}

/**
 * One answer for each scope in which both ends are; never none. Objects without a namespace are in `namespace`. What would
 * allow it is looked for in clusters of up to `repairable` kinds of pods: trying edits takes seconds among thousands.
 */
export function* explanations(
  scopes: readonly Scope[],
  profileOf: (scope: Scope) => ClusterProfile,
  asked: Asked,
  repairable = Number.POSITIVE_INFINITY,
): Steps<{ readonly answers: readonly ScopeAnswer[] } | Misnamed> {
  const problems: { readonly problem: string; readonly both: boolean }[] = [];
  const answers: ScopeAnswer[] = [];
  for (const scope of scopes) {
    yield;
    const profile = profileOf(scope);
    const cluster = clusterOf([scope], { profile, unset: asked.namespace ?? 'default' });
    const from = endNamed(cluster, asked.from, asked.namespace);
    const to = endNamed(cluster, asked.to, asked.namespace);
    if (isMisnamed(from) || isMisnamed(to)) {
      const problem = isMisnamed(from) ? from.problem : isMisnamed(to) ? to.problem : '';
      problems.push({ problem, both: isMisnamed(from) && isMisnamed(to) });
      continue;
    }
    yield;
    const answer = yield* answerSteps(scope, cluster, { from, to }, asked.question, repairable);
    if ('problem' in answer) problems.unshift({ problem: answer.problem, both: false });
    else answers.push(withNotes(answer, meshNotes(scope, profile, cluster, answer.explained.parts)));
  }
  if (answers.length > 0) return { answers };
  // Where one end is known, the other one's problem is what to say.
  const told = problems.find(({ both }) => !both) ?? problems[0];
  return { problem: told?.problem ?? 'there are no manifests here' };
}

function withNotes(answer: ScopeAnswer, more: readonly string[]): ScopeAnswer {
  const { explained } = answer;
  return { ...answer, explained: { ...explained, notes: [...explained.notes, ...more] } };
}

/** The answer of one scope, whose cluster is given, about ends that were found in it; the others are as above. */
export function answerOf(
  scope: Scope,
  cluster: Cluster,
  { from, to }: { readonly from: NamedEnd; readonly to: NamedEnd },
  question: PortQuestion,
  repairable = Number.POSITIVE_INFINITY,
): ScopeAnswer | Misnamed {
  return finished(answerSteps(scope, cluster, { from, to }, question, repairable));
}

function* answerSteps(
  scope: Scope,
  cluster: Cluster,
  { from, to }: { readonly from: NamedEnd; readonly to: NamedEnd },
  question: PortQuestion,
  repairable: number,
): Steps<ScopeAnswer | Misnamed> {
  const found = targetsOf(to, question);
  if (isMisnamed(found)) return found;
  const parts: Part[] = [];
  for (const source of from.ends) {
    for (const target of found.targets) {
      parts.push(...explainConnection(cluster, source, target.to, target.ports));
      yield;
    }
  }
  const notes = [...from.notes, ...to.notes, ...found.notes];
  const offered =
    cluster.pods.length > repairable ? undefined : yield* editsFor(cluster, from, found.targets, question, parts);
  const titles = offered?.repairs.map(({ title }) => title) ?? [];
  const [fixes, severing] = isAllowed(parts) ? [[], titles] : [titles, []];
  return {
    scope,
    explained: { from, to, asked: portWords(question), parts, notes, fixes, cuts: severing },
    repairs: offered,
  };
}

/**
 * What would allow it, or cut it where it is allowed: of one pair on a port that was named, since an edit for more than
 * that is seldom meant.
 */
function* editsFor(
  cluster: Cluster,
  from: NamedEnd,
  targets: readonly Target[],
  { port }: PortQuestion,
  parts: readonly Part[],
): Steps<Repairs | undefined> {
  const [source, ...sources] = from.ends;
  const [target, ...others] = targets;
  if (port === undefined || source === undefined || target === undefined || sources.length + others.length > 0)
    return undefined;
  const edits = isAllowed(parts) ? cutSteps : repairSteps;
  return yield* edits(new Judge(cluster), source, target.to, target.ports);
}

export function isAllowed(parts: readonly Part[]): boolean {
  return parts.length > 0 && parts.every(({ allowed, certain }) => allowed && certain);
}

function isMisnamed(value: NamedEnd | Misnamed | ReturnType<typeof targetsOf>): value is Misnamed {
  return 'problem' in value;
}

function portWords({ protocol, port }: PortQuestion): string | undefined {
  if (port === undefined) return protocol;
  return typeof port === 'number' ? `${protocol ?? 'TCP'} ${port}` : `the port named ${port}`;
}
