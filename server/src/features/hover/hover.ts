import type { Hover } from 'vscode-languageserver-types';
import { describeEnds, describePeer, describePorts, workloadNames } from '../../engine/describe.js';
import { type MatchedWorkloads, peerMatches, workloadsOfPeer, workloadsWhere } from '../../engine/matching.js';
import { fieldAt } from '../../kinds/field.js';
import type { Peer, PodPeer } from '../../model/peer.js';
import type { Policy, Rule } from '../../model/policy.js';
import { printPorts } from '../../model/ports.js';
import { count } from '../../model/print.js';
import type { ClusterProfile } from '../../model/profile.js';
import { any } from '../../model/three.js';
import { ruleNode } from '../../rules/policy-nodes.js';
import type { Netpol } from '../../service.js';
import { covers } from '../../text/range.js';
import { valueAt, type YamlPath } from '../../text/tree.js';
import type { Placed, Scope } from '../../workspace/scope.js';
import { isSettingsFile } from '../../workspace/settings-file.js';
import { isTestFile } from '../../workspace/test-file.js';
import { type Cursor, cursorAt, membersAt, policyAt } from '../cursor.js';
import { defineFeature, type PlaceParams, placeIn } from '../feature.js';
import { plainHover } from '../markup.js';
import { linksInto, toLspRange } from '../places.js';
import { configHover } from './config-hover.js';
import { effectiveMarkdown, escapeMarkdown, type LinkTo } from './effective-markdown.js';
import { viewOfPolicy, viewOfWorkload } from './effective-view.js';
import { exposureSentences } from './exposure-words.js';
import { describeField } from './field-doc.js';
import { testHover } from './test-hover.js';

export const hoverFeature = defineFeature({
  method: 'textDocument/hover',
  doc: 'What a policy allows, whom a peer matches, what a rule or a field means.',
  capability: () => ({ hoverProvider: true }),
  answer({ netpol, client }, params: PlaceParams) {
    const at = placeIn(netpol, params);
    const hover = at === undefined ? undefined : hoverAt(netpol, at.uri, at.offset);
    if (hover === undefined) return null;
    return client.markdown.hover ? hover : plainHover(hover);
  },
});

export const effectiveFeature = defineFeature({
  method: 'netpol/effective',
  doc: 'What is allowed for the policy or workload at a place, as a document.',
  answer({ netpol }, params: PlaceParams) {
    const at = placeIn(netpol, params);
    return at === undefined ? null : (effectiveAt(netpol, at.uri, at.offset) ?? null);
  },
});

/**
 * On `kind`, the name or the subject's selector: the effective allow set. On a peer: whom it matches, with AND and OR
 * said aloud. On any field: what it means. Undefined outside our objects.
 */
export function hoverAt(netpol: Netpol, uri: string, offset: number): Hover | undefined {
  if (isSettingsFile(uri)) return configHover(netpol, uri, offset);
  if (isTestFile(uri)) return testHover(netpol, uri, offset);
  const cursor = cursorAt(netpol.workspace, uri, offset);
  const file = netpol.workspace.file(uri);
  if (cursor === undefined || file === undefined) return undefined;
  const entry = cursor.location.entry;
  const node = cursor.location.onKey && entry !== undefined ? entry.key : cursor.location.node;
  const meant = meaning(netpol, cursor);
  // What `kind` and `name` are is known; behind the table it would only be in the way.
  const parts = meant.length > 0 && isHead(cursor) ? meant : [...meant, ...fieldDoc(cursor)];
  if (parts.length === 0) return undefined;
  const range = node.kind === 'scalar' ? file.toFile({ document: node.document, range: node.range }) : undefined;
  return {
    contents: { kind: 'markdown', value: parts.join('\n\n---\n\n') },
    ...(range === undefined ? {} : { range: toLspRange(file, range) }),
  };
}

/** The effective allow set of the policy or workload under the cursor, wherever in it the cursor is. */
export function effectiveAt(
  netpol: Netpol,
  uri: string,
  offset: number,
): { title: string; markdown: string } | undefined {
  const cursor = cursorAt(netpol.workspace, uri, offset);
  if (cursor === undefined) return undefined;
  const shown = effectiveOf(netpol, cursor);
  if (shown.length === 0) return undefined;
  const name = cursor.resource.object?.type === 'policy' ? cursor.resource.object.value.name : undefined;
  const workload = cursor.resource.object?.type === 'workload' ? cursor.resource.object.value.name : undefined;
  return { title: name ?? workload ?? cursor.resource.kind.kind, markdown: shown.join('\n\n---\n\n') };
}

/** On the lines that say which object it is. */
export function isHead({ path: [first, second, ...rest] }: Cursor): boolean {
  return first === 'kind' || (first === 'metadata' && rest.length === 0 && (second === undefined || second === 'name'));
}

function meaning(netpol: Netpol, cursor: Cursor): readonly string[] {
  const [first, second, third] = cursor.path;
  const isSubject =
    first === 'spec' &&
    (second === 'podSelector' ||
      (cursor.resource.object?.type === 'policy' && (second === 'selector' || second === 'endpointSelector')));
  const isLabels = cursor.resource.object?.type === 'workload' && cursor.path.includes('labels');
  if (isHead(cursor) || isSubject || isLabels) return effectiveOf(netpol, cursor);
  if (first !== 'spec' || typeof second !== 'string' || typeof third !== 'number') return [];
  const [, direction, deny] = /^(ingress|egress)(Deny)?$/.exec(second) ?? [];
  if (direction !== 'ingress' && direction !== 'egress') return [];
  const { object } = cursor.resource;
  const family = object?.type === 'policy' ? object.value.family : undefined;
  if (family === 'calico' || family === 'cilium') {
    return ruleMeaning(cursor, (rule) =>
      isIn(rule, direction, family === 'cilium' ? deny !== undefined : undefined, third),
    );
  }
  return peerMeaning(cursor, direction, third, cursor.path.slice(3));
}

function effectiveOf(netpol: Netpol, cursor: Cursor): readonly string[] {
  const link = linksInto(netpol.workspace);
  const members = membersAt(netpol.workspace, cursor);
  return members.flatMap(({ scope, policy, workload }) => {
    const profile = netpol.profileOf(scope);
    const view =
      policy !== undefined
        ? viewOfPolicy(scope, profile, policy)
        : workload !== undefined
          ? viewOfWorkload(scope, profile, workload)
          : undefined;
    if (view === undefined) return [];
    const heading = members.length > 1 ? `In ${escapeMarkdown(scope.title)}:\n\n` : '';
    const beyond = workload === undefined ? [] : exposureSentences(scope, profile, workload);
    return [
      [heading + effectiveMarkdown(view, link), ...beyond.map(escapeMarkdown), ...network(profile, link)].join('\n\n'),
    ];
  });
}

/** Which plugin the answer is for, where that was told from the manifests, or where it makes the answer void. */
function network({ cni, cniSource }: ClusterProfile, link: LinkTo): readonly string[] {
  const found = typeof cniSource === 'string' ? undefined : cniSource;
  const target = found && link({ label: found.name, at: found.at })?.target;
  const why = found && `, which ${target === undefined ? found.name : `[${found.name}](${target})`} installs`;
  if (cni.enforces === 'none') return [`⚠ The network is ${cni.title}${why ?? ''}: nothing enforces policies.`];
  return why === undefined ? [] : [`_The network is taken to be ${cni.title}${why}._`];
}

/** Whether a rule is the one at this place; of Cilium's, what denies stands in lists of its own. */
function isIn(rule: Rule, direction: Rule['direction'], denies: boolean | undefined, index: number): boolean {
  return (
    rule.direction === direction &&
    rule.index === index &&
    (denies === undefined || (rule.action === 'Deny') === denies)
  );
}

/** A rule of Calico or Cilium as a whole: its parts stand in several places, and all of them have to hold. */
function ruleMeaning(cursor: Cursor, isMeant: (rule: Rule) => boolean): readonly string[] {
  const [scope] = cursor.scopes;
  const policy = scope === undefined ? undefined : policyAt(cursor, scope);
  if (scope === undefined || policy === undefined) return [];
  const rules = policy.value.rules.filter(isMeant);
  const lines = rules.map((rule) => {
    const who = escapeMarkdown(describeEnds(rule, policy.namespace));
    return `**${verbOf(rule)}** ${who}, on ${escapeMarkdown(describePorts(rule.ports, rule))}.`;
  });
  const [first] = rules;
  const pods = first?.peers.some(({ kind }) => kind === 'pods' || kind === 'all of' || kind === 'service');
  if (first === undefined || pods !== true) return lines.length === 0 ? [] : [lines.join('\n\n')];
  const found = workloadsWhere(scope.workloads, (workload) =>
    any(first.peers.map((peer) => peerMatches(scope, policy, peer, workload))),
  );
  return [[...lines, matchedWords(policy, found)].join('\n\n')];
}

function peerMeaning(
  cursor: Cursor,
  direction: Policy['rules'][number]['direction'],
  index: number,
  rest: YamlPath,
): readonly string[] {
  const scope = cursor.scopes[0];
  const policy = scope === undefined ? undefined : policyAt(cursor, scope);
  const rule = policy?.value.rules.find((each) => each.direction === direction && each.index === index);
  if (scope === undefined || policy === undefined || rule === undefined) return [];
  const [list, place] = rest;
  if (list !== (direction === 'ingress' ? 'from' : 'to')) return [];
  if (typeof place !== 'number') return [listMeaning(scope, policy, rule)];
  const items = valueAt(ruleNode(policy, rule), list);
  const item = items?.kind === 'sequence' ? items.items[place] : undefined;
  // Each range of a `networks` item is a peer of its own.
  const peers = rule.peers.filter(({ at }) => item !== undefined && covers(item.range, at.range));
  const [peer, ...others] = peers;
  if (peer === undefined) return [];
  return [others.length > 0 ? listMeaning(scope, policy, rule, peers) : onePeer(scope, policy, rule, peer)];
}

function verbOf({ action, direction }: Rule): string {
  const verb = { Allow: 'Allows', Deny: 'Denies', Pass: 'Passes on', Log: 'Logs' }[action];
  return `${verb} ${action === 'Pass' ? 'what is ' : ''}${direction === 'ingress' ? 'from' : 'to'}`;
}

function onePeer(scope: Scope, policy: Placed<Policy>, rule: Rule, peer: Peer): string {
  const lines = [
    `**${verbOf(rule)}** ${escapeMarkdown(describePeer(peer, policy.namespace, rule.direction))}, on ${escapeMarkdown(printPorts(rule.ports))}.`,
  ];
  if (peer.kind === 'pods') {
    lines.push(matched(scope, policy, peer));
    if (peer.podSource !== undefined && peer.namespaceSource !== undefined) {
      lines.push('podSelector **AND** namespaceSelector stand in one item: both must hold.');
    } else if (peer.podSource === undefined) {
      lines.push('There is no podSelector in this item, so every pod of these namespaces is meant.');
    } else if (!peer.namespaces.own) {
      lines.push('There is no namespaceSelector in this item, so every namespace is meant.');
    } else lines.push('There is no namespaceSelector in this item, so only the policy’s own namespace is meant.');
  }
  if (peer.kind === 'addresses') {
    lines.push(
      policy.value.family === 'cluster'
        ? 'Addresses are meant wherever they are: those of pods and nodes as well.'
        : 'Addresses are meant for what is outside the cluster; pods are chosen by selectors.',
    );
  }
  if (rule.peers.length > 1) {
    lines.push(`One of ${count(rule.peers.length, 'item')} of this list; any of them is enough (**OR**).`);
  }
  return lines.join('\n\n');
}

function listMeaning(scope: Scope, policy: Placed<Policy>, rule: Rule, peers = rule.peers): string {
  const parts = peers.map((peer) => {
    const who = escapeMarkdown(describePeer(peer, policy.namespace, rule.direction));
    return `- ${who}${peer.kind === 'pods' ? ` — ${matched(scope, policy, peer)}` : ''}`;
  });
  return `**${verbOf(rule)} any of these** (${peers.length > 1 ? '**OR**' : 'one item'}), on ${escapeMarkdown(printPorts(rule.ports))}:\n\n${parts.join('\n')}`;
}

function matched(scope: Scope, policy: Placed<Policy>, peer: PodPeer): string {
  return matchedWords(policy, workloadsOfPeer(scope, policy, peer));
}

function matchedWords(policy: Placed<Policy>, { sure, possible }: MatchedWorkloads): string {
  if (sure.length > 0)
    return `_matches ${count(sure.length, 'workload')}: ${escapeMarkdown(workloadNames(sure, policy.namespace, 8))}_`;
  if (possible.length > 0) return `_may match ${escapeMarkdown(workloadNames(possible, policy.namespace, 8))}_`;
  return '_matches no workload of this workspace_';
}

function fieldDoc(cursor: Cursor): readonly string[] {
  const [last] = cursor.path.slice(-1);
  if (typeof last !== 'string') return [];
  const field = fieldAt(cursor.resource.kind.fields, cursor.path);
  if (field === undefined || field.doc === '') return [];
  return [describeField(last, field)];
}
