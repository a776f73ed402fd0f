import type { Direction } from '../model/policy.js';
import { isSubset, overlaps } from '../model/ports.js';
import { count, list } from '../model/print.js';
import { insertEntry, insertItem, type TextEdit, type YamlData } from '../text/edits.js';
import { entryOf, valueAt } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { namesOf, textBeside } from './append-object.js';
import type { AppliedPolicy, Pods } from './cluster.js';
import { endWords } from './connection-words.js';
import { identified, identityOf, isOutside } from './identities.js';
import type { AppliedRule } from './layers.js';
import { rulesData } from './own-words.js';
import { portsNode, ruleListKey, ruleNode, specOf } from './policy-nodes.js';
import type { Connection } from './reach.js';
import { labelsFor, matching, peersData, portsData, ruleData } from './rule-data.js';
import { type Endpoint, portsOn, ruleTakes, selectsPods } from './stages.js';
import type { Draft } from './trial.js';
import type { Judge } from './verdict.js';

/** One way to change what one direction says; what comes of it is still to be tried. */
export interface Proposal {
  readonly direction: Direction;
  readonly draft: Draft;
  /** Which policy it changes, and how: "policy api, rule 2". */
  readonly where: string;
}

/** Both ends of a connection as one direction sees them. */
export interface Sight {
  readonly own: Pods;
  readonly other: Endpoint;
}

export function sightOf(direction: Direction, { from, to }: Pick<Connection, 'from' | 'to'>): Sight | undefined {
  const [own, other] = direction === 'egress' ? [from, to] : [to, from];
  return own.kind === 'pods' ? { own: own.pods, other } : undefined;
}

/**
 * How one direction, which denies the connection's ports, could allow them: by rules that exist, by a new one in a policy
 * that isolates the pods, by a new policy beside; before the rule where a Deny decides.
 */
export function allowingDrafts(
  judge: Judge,
  direction: Direction,
  asked: Connection,
): readonly Proposal[] | { readonly why: string } {
  const sight = sightOf(direction, asked);
  if (sight === undefined) return [];
  const { own, other } = sight;
  if (other.kind === 'pods' && other.pods.hostNetwork) {
    return {
      why: `${endWords(other)} uses its node's network: no pod selector matches it, and the API leaves open what does.`,
    };
  }
  const deny = denying(judge, direction, asked)[0];
  if (deny?.policy.placed.value.family === 'cilium') {
    return {
      why: `${deny.policy.placed.value.name} denies it, and in Cilium no rule allows what another denies: the denying rule has to be narrowed or removed.`,
    };
  }
  if (deny !== undefined) {
    const proposal = beforeDeny(judge, direction, asked, other, deny);
    if (proposal !== undefined) return [proposal];
    return {
      why:
        cannotSay(judge, direction, other) ??
        `The rule of ${deny.policy.placed.value.name} that denies it cannot be edited here.`,
    };
  }
  const isolating = judge.stages(own, direction).flatMap(({ isolatedBy }) => isolatedBy);
  const unsayable = isolating[0] && rulesFor(judge, direction, 'Allow', isolating[0], asked, other) === undefined;
  if (unsayable === true) return { why: cannotSay(judge, direction, other) ?? 'No rule can name the other end.' };
  const editable = isolating.filter(({ placed }) => placed.value.family !== 'cluster' && !placed.value.uncertain);
  return [
    ...editable.flatMap((policy) => inPolicy(judge, direction, asked, sight, policy)),
    ...besidePolicies(judge, direction, asked, sight, editable),
  ];
}

function cannotSay({ cluster }: Judge, direction: Direction, other: Endpoint): string | undefined {
  if (other.kind === 'addresses') {
    if (isOutside(cluster, other)) return 'A rule of this kind cannot name these addresses.';
    const entities = new Set(identified(cluster, other).flatMap((part) => identityOf(part).places));
    const words = [...entities].filter((each) => each !== 'world').join(' and ');
    return `${endWords(other)} is a node's address, which Cilium's blocks never match, and no rule names one node: ${direction === 'ingress' ? 'fromEntities' : 'toEntities'} ${words} of a CiliumNetworkPolicy would allow it with others.`;
  }
  return other.kind === 'pods' && other.pods.labels.size === 0
    ? `${endWords(other)} has no labels by which a rule could choose it: give its pods one.`
    : undefined;
}

/** The Deny rules that decide about some of the ports, in the order in which they are asked. */
function denying(judge: Judge, direction: Direction, { from, to, ports }: Connection): readonly AppliedRule[] {
  const found: AppliedRule[] = [];
  judge.side(direction, from, to, (_stage, applied, decided) => {
    if (applied.rule.action !== 'Deny' || !overlaps(judge.table.setOf(decided), ports)) return;
    found.push(applied);
  });
  return found;
}

function beforeDeny(
  judge: Judge,
  direction: Direction,
  asked: Connection,
  other: Endpoint,
  { policy, rule }: AppliedRule,
): Proposal | undefined {
  const { value } = policy.placed;
  const written = rulesFor(judge, direction, 'Allow', policy, asked, other);
  const edits = insertRules(policy, direction, written, rule.index);
  if (edits === undefined) return undefined;
  const baseline = value.order.tier === 'baseline' ? '; a NetworkPolicy would isolate the pods' : '';
  return proposal(direction, edits, `${policyWords(policy)}, before rule ${rule.index + 1}${baseline}`);
}

function inPolicy(
  judge: Judge,
  direction: Direction,
  asked: Connection,
  { own, other }: Sight,
  policy: AppliedPolicy,
): readonly Proposal[] {
  const { placed } = policy;
  const { to, ports } = asked;
  const declared = to.kind === 'pods' ? to.pods.ports : [];
  if (placed.value.family !== 'kubernetes') {
    const edits = insertRules(policy, direction, rulesFor(judge, direction, 'Allow', policy, asked, other));
    return edits === undefined ? [] : [proposal(direction, edits, `${policyWords(policy)}, a new rule`)];
  }
  const clauses = portsData('NetworkPolicy', ports, namesPorts(policy, direction) ? declared : []);
  const peers = peersData(judge.cluster, policy, direction, other);
  if (clauses === undefined || peers === undefined) return [];
  const others = judge.cluster.pods.filter((pods) => pods !== own && selectsPods(policy, pods) === 'yes');
  const also = others.length === 0 ? '' : `, which also selects ${othersWords(others)}`;
  const found: Proposal[] = [];
  const add = (edits: readonly (TextEdit | undefined)[], how: string) => {
    const sound = edits.filter((edit) => edit !== undefined);
    if (sound.length === edits.length && sound.length > 0) {
      found.push(proposal(direction, sound, `${policyWords(policy)}, ${how}${also}`));
    }
  };
  for (const rule of placed.value.rules) {
    if (rule.direction !== direction || rule.uncertain) continue;
    const how = `rule ${rule.index + 1}`;
    const list = portsNode(placed, rule);
    if (list !== undefined && rule.clauses.length > 0 && ruleTakes(judge.cluster, { policy, rule }, other) === 'yes') {
      add(
        clauses.map((item) => insertItem(list, item)),
        how,
      );
    }
    const peerList = valueAt(ruleNode(placed, rule), direction === 'ingress' ? 'from' : 'to');
    if (peerList?.kind === 'sequence' && isSubset(ports, portsOn(rule.ports, declared))) {
      add(
        peers.map((item) => insertItem(peerList, item)),
        how,
      );
    }
  }
  const rule = ruleData('NetworkPolicy', 'Allow', direction, peers, clauses);
  add(insertRules(policy, direction, [rule]) ?? [], 'a new rule');
  return found;
}

/** A policy of its own, where none of those that isolate the pods is about them alone. */
function besidePolicies(
  judge: Judge,
  direction: Direction,
  { ports }: Connection,
  { own, other }: Sight,
  isolating: readonly AppliedPolicy[],
): readonly Proposal[] {
  const { cluster } = judge;
  const selectsOthers = (policy: AppliedPolicy) =>
    cluster.pods.some((pods) => pods !== own && selectsPods(policy, pods) === 'yes');
  const labels = labelsFor(cluster, own);
  const beside = isolating.find(({ placed }) => textBeside(placed, {}) !== undefined);
  const written =
    beside && beside.placed.value.family === 'kubernetes'
      ? rulesFor(judge, direction, 'Allow', beside, { ports }, other)?.[0]
      : undefined;
  if (beside === undefined || written === undefined || labels === undefined) return [];
  if (!isolating.every(selectsOthers)) return [];
  const end = other.kind === 'pods' ? other.pods.name : 'outside';
  const beneath = cluster.policies.filter(({ namespace }) => namespace === own.namespace);
  const taken = namesOf(beneath.map(({ placed }) => placed));
  const name = freeName(direction === 'egress' ? `${own.name}-to-${end}` : `${own.name}-from-${end}`, taken);
  const text = policyText(beside.placed, name, direction, labels, [written]);
  if (text === undefined) return [];
  return [{ direction, draft: { edits: [], added: [{ beside: beside.placed, text }] }, where: `new policy ${name}` }];
}

/** A NetworkPolicy that isolates the pods with these labels in one direction, for the file and namespace of another. */
export function policyText(
  beside: Placed<{ readonly namespace: string | undefined }>,
  name: string,
  direction: Direction,
  labels: ReadonlyMap<string, string>,
  rules: readonly YamlData[],
): string | undefined {
  const { namespace } = beside.value;
  return textBeside(beside, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: {
      podSelector: matching(labels),
      policyTypes: [direction === 'ingress' ? 'Ingress' : 'Egress'],
      ...(rules.length === 0 ? {} : { [direction]: rules }),
    },
  });
}

/** As a name of an object may be written, and that no other has. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const base = wanted
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, '-')
    .slice(0, 200)
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  let name = base;
  for (let n = 2; taken.includes(name); n++) name = `${base}-${n}`;
  return name;
}

/** Rules of the policy's own kind that allow or deny the other end the ports; undefined where it cannot say that. */
export function rulesFor(
  judge: Judge,
  direction: Direction,
  action: 'Allow' | 'Deny',
  policy: AppliedPolicy,
  { ports }: Pick<Connection, 'ports'>,
  end: Endpoint,
): readonly YamlData[] | undefined {
  return rulesData(judge.cluster, policy, { action, direction, end, ports, declared: [] });
}

/** Puts rules into a policy's list, from an index on or last; the list is made where there is none. */
export function insertRules(
  policy: AppliedPolicy,
  direction: Direction,
  rules: readonly YamlData[] | undefined,
  at?: number,
  action: 'Allow' | 'Deny' = 'Allow',
): readonly TextEdit[] | undefined {
  const spec = specOf(policy.placed);
  const key = ruleListKey(policy.placed.value, { direction, action });
  const [first] = rules ?? [];
  if (spec === undefined || rules === undefined || first === undefined) return undefined;
  const entry = entryOf(spec, key);
  const after = ['podSelector', 'subject', 'endpointSelector', 'selector', 'types', 'policyTypes', 'ingress'];
  // What denies in Cilium is a list of its own, whose order says nothing.
  const place = at === undefined || key !== direction ? {} : { at };
  const edits =
    entry === undefined
      ? [insertEntry(spec, key, rules, { after })]
      : rules.map((rule) => insertItem(entry, rule, place));
  return edits.every((edit) => edit !== undefined) ? edits : undefined;
}

export function proposal(direction: Direction, edits: readonly TextEdit[], where: string): Proposal {
  return { direction, draft: { edits, added: [] }, where };
}

/** "policy api", and for a cluster-wide kind "AdminNetworkPolicy guard". */
export function policyWords({ placed: { value } }: AppliedPolicy): string {
  return `${value.clusterWide ? value.kind : 'policy'} ${value.name === '' ? '(unnamed)' : value.name}`;
}

function namesPorts({ placed }: AppliedPolicy, direction: Direction): boolean {
  return placed.value.rules.some(
    (rule) => rule.direction === direction && rule.clauses.some(({ name }) => name !== undefined),
  );
}

function othersWords(pods: readonly Pods[]): string {
  return pods.length > 3 ? count(pods.length, 'other workload') : list(pods.map(({ name }) => name));
}
