import type { AppliedPolicy } from '../../engine/cluster.js';
import { podsName } from '../../engine/connection-names.js';
import { describePeer, describePorts } from '../../engine/describe.js';
import { doubtWords } from '../../engine/doubts.js';
import type { NamedEnd } from '../../engine/endpoints.js';
import type { Because, Layer, Part, Side } from '../../engine/explain.js';
import { isNode } from '../../engine/identities.js';
import type { NearMiss } from '../../engine/near-misses.js';
import { ruleName, titleOf } from '../../engine/policy-title.js';
import { isAll as isAllPorts, type PortSet, printPorts } from '../../model/ports.js';
import { count, list } from '../../model/print.js';
import type { NamedPlace } from '../hover/view.js';
import { endName } from './end-name.js';
import { reasonWords } from './reason-words.js';

/** An explanation in words, ready to be laid out as Markdown or as text. */
export interface ExplainView {
  /** The answer in one line, for who reads nothing else. */
  readonly answer: string;
  readonly verdict: Verdict;
  readonly notes: readonly string[];
  readonly sections: readonly Section[];
  /** Titles of the edits that would allow it, best first. */
  readonly fixes: readonly string[];
  /** The titles of edits that would cut what is allowed. */
  readonly cuts: readonly string[];
}

export type Verdict = 'allowed' | 'blocked' | 'partly allowed' | 'not certain';

export interface Section {
  readonly title: string;
  readonly lines: readonly ViewLine[];
}

/** A line below a title: `depth` 0 is the outermost. A place is named behind it, and its line of text can be shown. */
export interface ViewLine {
  readonly depth: number;
  readonly words: string;
  readonly place?: NamedPlace;
}

/** What was asked: all parts are about the same two names. */
export interface Explained {
  readonly from: NamedEnd;
  readonly to: NamedEnd;
  /** The ports in the words of the asker, or undefined for all of them. */
  readonly asked: string | undefined;
  readonly parts: readonly Part[];
  readonly notes: readonly string[];
  readonly fixes: readonly string[];
  readonly cuts: readonly string[];
}

/** How many near misses are shown of each direction. */
const shownMisses = 3;

export function verdictOf(parts: readonly Part[]): Verdict {
  if (parts.some(({ certain }) => !certain)) return 'not certain';
  if (parts.every(({ allowed }) => allowed)) return 'allowed';
  return parts.some(({ allowed }) => allowed) ? 'partly allowed' : 'blocked';
}

export function explainView({ from, to, asked, parts, notes, fixes, cuts }: Explained): ExplainView {
  const verdict = verdictOf(parts);
  const on = asked === undefined ? '' : ` on ${asked}`;
  const answer = `${sentenceCase(verdict)}: ${from.name} -> ${to.name}${on}. ${summary(verdict, parts)}`;
  return {
    answer,
    verdict,
    notes: [...notes, ...parts.flatMap(specialNotes).filter((note, i, all) => all.indexOf(note) === i)],
    sections: parts.flatMap((part) => sectionsOf(part, parts)),
    fixes,
    cuts,
  };
}

function summary(verdict: Verdict, parts: readonly Part[]): string {
  if (verdict === 'not certain') {
    const written = parts.every(({ allowed }) => allowed)
      ? 'allowed'
      : parts.some(({ allowed }) => allowed)
        ? 'partly allowed'
        : 'blocked';
    return `As written it is ${written}, but what decides is not fully known.`;
  }
  if (verdict === 'partly allowed') {
    const passing = parts.filter(({ allowed }) => allowed).map((part) => partWords(part, parts));
    return `Allowed: ${list(passing, 4)}. The rest is blocked.`;
  }
  const [part] = parts;
  if (part === undefined) return '';
  if (verdict === 'blocked') {
    const denying = [part.egress, part.ingress].filter(({ allowed }) => !allowed);
    if (parts.some((each) => !denying.some(({ direction }) => !each[direction].allowed))) {
      return 'What the egress of one end allows, the ingress of the other denies.';
    }
    return `${sentenceCase(list(denying.map((side) => `${side.direction} of ${ownName(part, side)}`)))} ${denying.length === 1 ? 'denies' : 'both deny'} it.`;
  }
  if (part.egress.judged === 'itself') return 'It is the same pod, which may always connect to itself.';
  const allowing = [part.egress, part.ingress].filter(({ layers }) =>
    layers.some(({ outcome }) => outcome === 'allows'),
  );
  const names = sentenceCase(list(allowing.map((side) => `${side.direction} of ${ownName(part, side)}`)));
  const conditions = [...new Set([...part.egress.conditions, ...part.ingress.conditions])];
  if (conditions.length > 0)
    return `${names} ${allowing.length === 1 ? 'allows' : 'both allow'} it, ${list(conditions, 3)} only.`;
  return allowing.length === 0
    ? 'No policy stands in the way.'
    : `${names} ${allowing.length === 1 ? 'allows' : 'both allow'} it.`;
}

/** What makes a part different from the others: its ports, its ends. */
function partWords(part: Part, parts: readonly Part[]): string {
  const others = parts.filter((each) => each !== part);
  const words: string[] = [];
  const ports = printPorts(part.ports);
  const rest = ports.startsWith('every port except') ? 'every other port' : ports;
  if (others.some((each) => printPorts(each.ports) !== ports)) words.push(rest);
  const differs = (end: 'from' | 'to') => others.some((each) => endName(each[end]) !== endName(part[end]));
  if (differs('from')) words.push(`from ${endName(part.from)}`);
  if (differs('to')) words.push(`to ${endName(part.to)}`);
  return words.length === 0 ? portsInWords(part.ports) : words.join(' ');
}

function portsInWords(ports: PortSet): string {
  return isAllPorts(ports) ? 'every port' : printPorts(ports);
}

function specialNotes(part: Part): readonly string[] {
  const notes: string[] = [];
  for (const end of [part.from, part.to]) {
    if (end.kind === 'pods' && end.pods.hostNetwork) {
      notes.push(
        `${podsName(end.pods)} uses its node's network. What policies do to such pods is not defined by the API: most plugins apply none to them, match them by no selector, and always let a node reach its own pods.`,
      );
    }
  }
  const { from, to, egress } = part;
  if (from.kind === 'pods' && to.kind === 'pods' && from.pods === to.pods && egress.judged !== 'itself') {
    notes.push('This is about two different pods of it: one pod may always connect to itself.');
  }
  return notes;
}

function sectionsOf(part: Part, parts: readonly Part[]): readonly Section[] {
  const prefix =
    parts.length === 1
      ? ''
      : `${partWords(part, parts)}: ${part.allowed ? 'allowed' : 'blocked'}${part.certain ? '' : ', not certain'}. `;
  return [part.egress, part.ingress].map((side, index) => ({
    title: `${index === 0 ? prefix : ''}${sentenceCase(side.direction)} of ${ownName(part, side)}: ${side.allowed ? 'allowed' : 'blocked'}${side.certain ? '' : ' as written, but not certain'}`,
    lines: sideLines(part, side, parts),
  }));
}

function sideLines(part: Part, side: Side, parts: readonly Part[]): readonly ViewLine[] {
  if (side.judged === 'itself') return [line(0, 'no policy keeps a pod from itself')];
  if (side.judged === 'own node') return [line(0, 'a node reaches its own pods, whatever the policies say')];
  if (side.judged === 'outside') {
    const own = side.direction === 'egress' ? part.from : part.to;
    const onNode = own.kind === 'addresses' && isNode(own);
    return [line(0, onNode ? 'a node: no policy of pods applies' : 'outside of the cluster: no policy applies')];
  }
  if (side.judged === 'host network') return [line(0, 'on its node’s network: policies usually do not apply')];
  const lines = side.layers.flatMap((layer) => layerLines(layer, side));
  if (!side.layers.some(({ outcome }) => outcome === 'allows' || outcome === 'denies')) {
    lines.push(
      line(0, `nothing decides: without a policy that isolates these pods for ${side.direction}, all is allowed`),
    );
  }
  if (!side.certain) {
    for (const { policy, doubts } of side.unclear) {
      lines.push(line(0, `not certain by ${titleOf(policy)}: ${doubtWords(doubts)}`, placeOf(policy)));
    }
  }
  // Of a rule that lets another part through it is known which ports it opens.
  const opening = new Set(parts.flatMap((each) => (each.allowed ? each[side.direction].layers.flatMap(rulesOf) : [])));
  const nearest = side.nearest.filter(
    ({ rule, reasons }) => !opening.has(rule.rule) || reasons.some(({ kind }) => kind !== 'ports'),
  );
  const shown = nearest.slice(0, shownMisses);
  if (shown.length > 0) lines.push(line(0, 'nearest to allowing it:'));
  for (const miss of shown) lines.push(...missLines(miss, part, side));
  if (nearest.length > shown.length) {
    lines.push(line(1, `and ${count(nearest.length - shown.length, 'rule')} that match less`));
  }
  return lines;
}

function rulesOf({ because }: Layer) {
  return because.map(({ rule }) => rule);
}

const tierNames = {
  admin: 'admin tier',
  namespaced: 'network policies',
  baseline: 'baseline tier',
  tiered: 'tier',
  denies: 'deny rules',
} as const;

function layerLines({ tier, name: own, outcome, policies, because }: Layer, { direction }: Side): ViewLine[] {
  const name = own === undefined ? tierNames[tier] : `${tierNames[tier]} ${own}`;
  const names = list(policies.map(titleOf), 4);
  if (outcome === 'not asked') return [line(0, `${name}: not asked, since the decision is made (${names})`)];
  if (outcome === 'silent') {
    const why = tier === 'namespaced' ? `they do not isolate for ${direction}` : 'no rule matches';
    return [line(0, `${name}: ${why} (${names})`)];
  }
  if (because[0]?.rule === undefined) {
    const why =
      tier === 'tiered'
        ? 'no rule matches, and the tier ends with Deny'
        : `isolated for ${direction}, and no rule matches`;
    return [
      line(0, `${name}: ${why}`),
      ...because.map(({ policy }) =>
        line(1, `${titleOf(policy)} ${tier === 'tiered' ? 'is about these pods' : 'isolates'}`, placeOf(policy, true)),
      ),
    ];
  }
  return [
    line(0, `${name}: ${outcome === 'passes' ? 'handed on' : outcome}`),
    ...because.map((each) => becauseLine(each)),
  ];
}

function becauseLine({ policy, effect, rule, peer }: Because): ViewLine {
  if (rule === undefined) return line(1, `${titleOf(policy)} isolates`, placeOf(policy, true));
  const who =
    peer === undefined
      ? ''
      : ` ${rule.direction === 'ingress' ? 'from' : 'to'} ${describePeer(peer, policy.placed.namespace, rule.direction)}`;
  const effects = { allows: 'allows', denies: 'denies', passes: 'passes on' };
  return line(1, `${ruleName({ policy, rule })} ${effects[effect]} ${describePorts(rule.ports, rule)}${who}`, {
    label: policy.placed.value.name,
    at: rule.at,
  });
}

function missLines(miss: NearMiss, part: Part, side: Side): readonly ViewLine[] {
  const { rule, peer, reasons } = miss;
  const place = { label: rule.policy.placed.value.name, at: peer.kind === 'anything' ? rule.rule.at : peer.at };
  return [
    line(1, ruleName(rule), place),
    ...(reasons.length === 0
      ? ['it matches, but is not asked: the decision is made before it']
      : reasons.map((reason) => reasonWords(reason, rule, part, side))
    ).map((words) => line(2, words)),
  ];
}

function placeOf({ placed: { value } }: AppliedPolicy, isolation = false): NamedPlace {
  return { label: value.name, at: (isolation ? value.isolatesAt : undefined) ?? value.at };
}

function ownName(part: Part, side: Side): string {
  return endName(side.direction === 'egress' ? part.from : part.to);
}

function line(depth: number, words: string, place?: NamedPlace): ViewLine {
  return place === undefined ? { depth, words } : { depth, words, place };
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
