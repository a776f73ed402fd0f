import type { TextDocumentIdentifier, WorkspaceEdit } from 'vscode-languageserver-types';
import type { PortQuestion } from '../../engine/endpoints.js';
import { list } from '../../model/print.js';
import type { Netpol } from '../../service.js';
import { keyOf } from '../../workspace/files.js';
import type { Scope } from '../../workspace/scope.js';
import { workspaceEdit } from '../actions/code-actions.js';
import { type Asked, defineFeature, inSteps } from '../feature.js';
import { escapeMarkdown } from '../hover/effective-markdown.js';
import { linksInto } from '../places.js';
import { explanations, isAllowed, type ScopeAnswer } from './explain-answers.js';
import { explainMarkdown } from './explain-markdown.js';
import { explainView, type Verdict, verdictOf } from './explain-view.js';

/** `netpol/explain`: ends as the command line takes them, asked in the scopes of a document. */
export interface ExplainParams {
  readonly textDocument: TextDocumentIdentifier;
  readonly from: string;
  readonly to: string;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
  /** A number from 1 to 65535 or a name; every port when it is missing. */
  readonly port?: number | string;
}

/** The answer, or in a sentence why there is none. */
export type ExplainResult =
  | {
      /** Both ends in short, for a tab. */
      readonly title: string;
      readonly verdict: Verdict;
      readonly answer: string;
      readonly markdown: string;
      /** Whether it makes sense to ask `netpol/repairs`. */
      readonly repairable: boolean;
    }
  | { readonly problem: string };

export const explainFeature = defineFeature({
  method: 'netpol/explain',
  doc: 'Whether one end may connect to another, with every line that decides it.',
  afterLoad: true,
  answer: (asked, params: ExplainParams) => explainRequest(asked, keyOf(params.textDocument.uri), params),
});

export const repairsFeature = defineFeature({
  method: 'netpol/repairs',
  doc: 'The edits that would allow or cut a connection, best first.',
  afterLoad: true,
  answer: (asked, params: ExplainParams) => repairsRequest(asked, keyOf(params.textDocument.uri), params),
});

export const repairFeature = defineFeature({
  method: 'netpol/repair',
  doc: 'One of these edits, by its title.',
  answer: (asked, params: ExplainParams & { readonly title: string }) =>
    repairRequest(asked, keyOf(params.textDocument.uri), params),
});

/** In clusters of more kinds of pods than this, what would allow it is looked for only when it is asked for. */
const quicklyRepaired = 500;

async function explainRequest(asked: Asked, uri: string, params: ExplainParams): Promise<ExplainResult> {
  const found = await answersTo(asked, uri, params, quicklyRepaired);
  if ('problem' in found) return found;
  const views = found.answers.map(({ explained }) => explainView(explained));
  const link = linksInto(asked.netpol.workspace);
  const parts = views.map((view) => explainMarkdown(view, link));
  const verdict = verdictOf(found.answers.flatMap(({ explained }) => explained.parts));
  const none = found.answers.every(({ repairs }) => repairs?.repairs.length === 0);
  const denied = verdict !== 'allowed';
  if (denied && params.port === undefined) parts.push('_Ask about one port to see what would allow it._');
  else if (denied && none) parts.push(`_No edit is offered. ${escapeMarkdown(whyNone(found.answers))}_`);
  return {
    title: `${shortName(params.from)} → ${shortName(params.to)}`,
    verdict,
    answer: views.map(({ answer }) => answer).join(' '),
    markdown: parts.join('\n\n---\n\n'),
    repairable: params.port !== undefined && !none && (denied || verdict === 'allowed'),
  };
}

/** `netpol/repairs`: the edits that would allow it, or cut it where it is allowed, best first; where there are none, why in a sentence. */
export interface RepairsResult {
  readonly aim: 'allow' | 'cut';
  readonly repairs: readonly {
    readonly title: string;
    /** What is edited, in short: "policy web, rule 2 and policy api, a new rule". */
    readonly where: string;
  }[];
  readonly why?: string;
}

async function repairsRequest(asked: Asked, uri: string, params: ExplainParams): Promise<RepairsResult> {
  const found = await answersTo(asked, uri, params);
  if ('problem' in found) return { aim: 'allow', repairs: [], why: found.problem };
  const aim = found.answers.every(({ explained }) => isAllowed(explained.parts)) ? 'cut' : 'allow';
  const all = found.answers.flatMap((answer) => answer.repairs?.repairs ?? []);
  const byTitle = new Map(all.map(({ title, where }) => [title, { title, where: list(where) }]));
  return byTitle.size > 0 ? { aim, repairs: [...byTitle.values()] } : { aim, repairs: [], why: whyNone(found.answers) };
}

/** `netpol/repair`: the edit behind one of the titles; null where the answer is no longer the same. */
async function repairRequest(
  asked: Asked,
  uri: string,
  { title, ...params }: ExplainParams & { readonly title: string },
): Promise<WorkspaceEdit | null> {
  const found = await answersTo(asked, uri, params);
  if ('problem' in found) return null;
  const all = found.answers.flatMap(({ repairs }) => repairs?.repairs ?? []);
  const repair = all.find((each) => each.title === title);
  return repair === undefined ? null : (workspaceEdit(asked.netpol, repair.changes) ?? null);
}

function whyNone(answers: readonly ScopeAnswer[]): string {
  const [why = 'The question is about several kinds of pods.'] = answers.flatMap(({ repairs }) =>
    repairs !== undefined && 'why' in repairs ? [repairs.why] : [],
  );
  return why;
}

async function answersTo(asked: Asked, uri: string, params: ExplainParams, repairable?: number) {
  const { netpol } = asked;
  const { from, to, protocol, port } = params;
  const question: PortQuestion = { protocol, port };
  if (typeof port === 'number' && !(Number.isInteger(port) && port >= 1 && port <= 65535)) {
    return { problem: `${port} is no port: use a number from 1 to 65535, or a name` };
  }
  const connection = { from, to, question, namespace: undefined };
  const profileOf = (scope: Scope) => netpol.profileOf(scope);
  return inSteps(asked, () => explanations(scopesFor(netpol, uri), profileOf, connection, repairable));
}

/** "api" for "shop/api[Deployment]"; a block of addresses stays whole. */
function shortName(end: string): string {
  return /^[\d.:a-f]+\/\d+$/i.test(end) ? end : end.replace(/^.*\//, '').replace(/\[\w+\]$/, '');
}

/** The scopes that a document is asked about: its own, or all where it is in none. */
export function scopesFor({ workspace: { index } }: Netpol, uri: string): readonly Scope[] {
  const own = index.scopesOf(uri);
  return own.length > 0 ? own : [...index.scopes];
}
