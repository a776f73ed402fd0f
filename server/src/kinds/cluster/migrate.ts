import { columnAt } from '../../text/columns.js';
import { documentBehind } from '../../text/document.js';
import { insertEntry, replaceKey, replaceScalar, type TextEdit } from '../../text/edits.js';
import { type Change, editOnly } from '../../text/fix.js';
import { flowValue } from '../../text/flow.js';
import { renderBlock, type YamlData } from '../../text/render.js';
import { editAt, siteOf, touchesShared } from '../../text/site.js';
import {
  entryOf,
  keyText,
  stringOf,
  valueAt,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
  type YamlSequence,
} from '../../text/tree.js';
import type { Resource } from '../kind.js';

/** How a policy of v1alpha1 becomes one of v1alpha2, or why it does not. */
export interface Migration {
  /** Undefined where there is no equivalent, or no sound edit: the notes say why. */
  readonly changes: readonly Change[] | undefined;
  /** Whole sentences for the person who migrates. */
  readonly notes: readonly string[];
}

/** The limit of v1alpha2 for rules, peers and ports; v1alpha1 takes 100. */
const maxItems = 25;

/**
 * A default that other Baseline policies make exceptions from is judged last, and lower numbers are judged first.
 * BaselineAdminNetworkPolicy has no priority: there is only one.
 */
const baselinePriority = 1000;

/** True for the kinds that ClusterNetworkPolicy replaces. */
export function isSuperseded(resource: Resource): boolean {
  return resource.kind.kind === 'AdminNetworkPolicy' || resource.kind.kind === 'BaselineAdminNetworkPolicy';
}

/**
 * An AdminNetworkPolicy or BaselineAdminNetworkPolicy as the ClusterNetworkPolicy v1alpha2 that means the same, by edits
 * that keep names, selectors, order and comments. Undefined for other kinds.
 * Source: kubernetes-sigs/network-policy-api apis/v1alpha1 and apis/v1alpha2, CHANGELOG of v0.2.0.
 */
export function migrateToClusterNetworkPolicy(resource: Resource): Migration | undefined {
  if (!isSuperseded(resource)) return undefined;
  const refusal = refusalOf(resource);
  if (refusal !== undefined) return { changes: undefined, notes: [refusal] };
  const edits = editsOf(resource);
  const complete = edits.filter((edit) => edit !== undefined);
  if (complete.length < edits.length) {
    return {
      changes: undefined,
      notes: ['Anchors, aliases or comments within brackets leave no sound edit: rewrite it by hand.'],
    };
  }
  const baseline = resource.kind.kind === 'BaselineAdminNetworkPolicy';
  return {
    changes: editOnly(complete),
    notes: [
      `It is another object with the same name: delete the ${resource.kind.kind} after the ClusterNetworkPolicy is applied.`,
      ...(baseline
        ? [`It has priority ${baselinePriority}: other policies of the tier Baseline are judged before it.`]
        : []),
    ],
  };
}

/** Why no edit is tried, in a sentence. */
function refusalOf({ kind, node, path, object }: Resource): string | undefined {
  const root = documentBehind(node.document)?.root;
  if (path.length > 0 && stringOf(valueAt(root, 'kind')) !== 'List') {
    return 'A typed list holds objects of one kind only: make it a plain List first.';
  }
  const spec = valueAt(node, 'spec');
  for (const rule of rulesOf(spec)) {
    for (const key of ['from', 'to', 'ports']) {
      if (itemsOf(rule, key).length > maxItems) {
        return `A list \`${key}\` has more than ${maxItems} items, which v1alpha2 does not take: split the rule in two.`;
      }
    }
    for (const port of itemsOf(rule, 'ports')) {
      const why = portRefusal(port);
      if (why !== undefined) return why;
    }
  }
  for (const direction of ['ingress', 'egress']) {
    if (itemsOf(spec, direction).length > maxItems) {
      return `There are more than ${maxItems} ${direction} rules, which v1alpha2 does not take: split the policy in two.`;
    }
  }
  const faulty = kind.check?.(node, { kubernetesVersion: undefined }).some(({ severity }) => severity === undefined);
  return faulty === true || object?.type !== 'policy' || object.value.uncertain
    ? 'Part of the policy is wrong or not known (a template): mend that first.'
    : undefined;
}

function portRefusal(port: YamlNode): string | undefined {
  const range = valueAt(port, 'portRange');
  const protocol = valueAt(range ?? valueAt(port, 'portNumber'), 'protocol');
  const text = stringOf(protocol);
  if (text !== undefined && !Object.hasOwn(transports, text)) {
    return `v1alpha2 has no protocol "${text}": use TCP, UDP or SCTP, or leave ports out.`;
  }
  const [start, end] = [numberOf(valueAt(range, 'start')), numberOf(valueAt(range, 'end'))];
  return start !== undefined && end !== undefined && start > end
    ? `The range ${start} to ${end} is reversed and holds no port, which v1alpha2 does not take.`
    : undefined;
}

function editsOf({ kind, node }: Resource): readonly (TextEdit | undefined)[] {
  const spec = valueAt(node, 'spec');
  const baseline = kind.kind === 'BaselineAdminNetworkPolicy';
  return [
    scalarEdit(node, 'apiVersion', 'policy.networking.k8s.io/v1alpha2'),
    scalarEdit(node, 'kind', 'ClusterNetworkPolicy'),
    ...orderEdits(spec, baseline ? { tier: 'Baseline', priority: baselinePriority } : { tier: 'Admin' }),
    ...rulesOf(spec).flatMap(ruleEdits),
  ];
}

function scalarEdit(map: YamlNode | undefined, key: string, text: string): TextEdit | undefined {
  const node = valueAt(map, key);
  return node === undefined ? undefined : replaceScalar(node, text);
}

/** New entries in front of the others; several at one place are one edit. */
function orderEdits(spec: YamlNode | undefined, entries: Readonly<Record<string, YamlData>>) {
  if (spec === undefined) return [undefined];
  const before = ['priority', 'subject', 'ingress', 'egress'];
  const edits = Object.entries(entries).map(([key, data]) => insertEntry(spec, key, data, { before }));
  const [first, second] = edits;
  if (first === undefined || second === undefined) return edits;
  return [{ ...first, newText: first.newText + second.newText }];
}

function ruleEdits(rule: YamlNode): readonly (TextEdit | undefined)[] {
  const action = stringOf(valueAt(rule, 'action'));
  const ports = entryOf(rule, 'ports');
  return [
    ...(action === 'Allow' ? [scalarEdit(rule, 'action', 'Accept')] : []),
    ...(ports === undefined ? [] : [replaceKey(ports, 'protocols'), ...itemsOf(rule, 'ports').flatMap(portEdits)]),
  ];
}

const transports = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

function portEdits(port: YamlNode): readonly (TextEdit | undefined)[] {
  const [entry, other] = port.kind === 'map' ? port.entries : [];
  // A second one can only be null, and would be unknown to v1alpha2.
  if (port.kind !== 'map' || entry === undefined || other !== undefined) return [undefined];
  if (keyText(entry) === 'namedPort') return [replaceKey(entry, 'destinationNamedPort')];
  const text = stringOf(valueAt(entry.value, 'protocol')) ?? 'TCP';
  const transport = Object.entries(transports).find(([known]) => known === text)?.[1];
  const first = numberOf(valueAt(entry.value, keyText(entry) === 'portNumber' ? 'port' : 'start'));
  const last = numberOf(valueAt(entry.value, 'end')) ?? first;
  if (transport === undefined || first === undefined || last === undefined) return [undefined];
  const data = { destinationPort: first === last ? { number: first } : { range: { start: first, end: last } } };
  return entry.value.kind === 'map' && entry.value.flow
    ? [replaceKey(entry, transport), flowEdit(entry.value, data)]
    : [blockEdit(port, entry, transport, data)];
}

/** Within brackets nothing but the value is written anew. */
function flowEdit(node: YamlMap, data: YamlData): TextEdit | undefined {
  const site = siteOf(node);
  const { start, end } = node.range;
  if (site === undefined || touchesShared(site.document, node.range) || commentsIn(node).length > 0) return undefined;
  return editAt(site.document, start, end, flowValue(site, data));
}

/** The item's only entry written anew; comments within it go behind its key. */
function blockEdit(port: YamlMap, entry: YamlEntry, key: string, data: YamlData): TextEdit | undefined {
  const site = siteOf(port);
  if (site === undefined || entry.merged || touchesShared(site.document, port.range)) return undefined;
  const { document, text, style } = site;
  const [head, ...rest] = renderBlock({ [key]: data }, style);
  const comments = commentsIn(port).map((comment) => ` ${comment}`);
  const pad = style.eol + ' '.repeat(columnAt(text, port.range.start));
  return editAt(document, port.range.start, port.range.end, [`${head}${comments.join('')}`, ...rest].join(pad));
}

function commentsIn(node: YamlNode): readonly string[] {
  const document = documentBehind(node.document);
  const { start, end } = node.range;
  return (document?.comments ?? [])
    .filter(({ range }) => start <= range.start && range.end <= end)
    .map(({ range }) => node.document.text.slice(range.start, range.end).trimEnd());
}

function rulesOf(spec: YamlNode | undefined): readonly YamlNode[] {
  return ['ingress', 'egress'].flatMap((direction) => itemsOf(spec, direction));
}

function itemsOf(node: YamlNode | undefined, key: string): readonly YamlNode[] {
  const list: YamlSequence | undefined = sequence(valueAt(node, key));
  return (list?.items ?? []).map(({ value }) => value);
}

function sequence(node: YamlNode | undefined): YamlSequence | undefined {
  return node?.kind === 'sequence' ? node : undefined;
}

function numberOf(node: YamlNode | undefined): number | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'number' ? node.value : undefined;
}
