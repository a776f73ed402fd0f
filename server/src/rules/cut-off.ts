import { hbonePort, inAmbientMesh } from '../engine/ambient.js';
import { workloadNames } from '../engine/describe.js';
import { admits, type Sender, type Target } from '../engine/senders.js';
import type { Policy } from '../model/policy.js';
import { includes, resolveNamed } from '../model/ports.js';
import { list } from '../model/print.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Place, Workload } from '../model/workload.js';
import { insertItem, type YamlData } from '../text/edits.js';
import { type Change, editOnly, type Fix } from '../text/fix.js';
import { entryOf } from '../text/tree.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { appendPolicy, freeName } from './append-policy.js';
import { identifyingLabels } from './identifying-labels.js';
import { type IsolatedPods, isolatedPods, plainestFirst } from './isolation.js';
import { ruleNode } from './policy-nodes.js';
import type { PolicyContext } from './rule.js';
import { countedNames } from './subject-words.js';

/** What some object shows: that somebody connects to a workload's pods. */
export interface NeededEntry {
  readonly workload: Placed<Workload>;
  /** The pods' ports, one of which has to be open; never empty. */
  readonly targets: readonly Target[];
  readonly senders: readonly Sender[];
  /** Who sends, in a few words. */
  readonly title: string;
  /** Whom `peers` let in: where there is a choice, with the namespace. */
  readonly peersTitle: string;
  /**
   * How a rule names the senders, seen from the workload's namespace: none for everyone; undefined where no rule can, or it
   * is not known.
   */
  readonly peers: readonly YamlData[] | undefined;
  /** The lines that show it. */
  readonly evidence: readonly { readonly at: Place; readonly message: string }[];
}

/** A need that the policies surely cut off. */
export interface CutOff<N extends NeededEntry> {
  readonly need: N;
  readonly pods: IsolatedPods;
}

/** What is cut off, at whichever end. */
type Cut = Pick<CutOff<NeededEntry>, 'need'>;

/** The needs of a policy's pods that no policy lets in, as far as they are reported on this policy. */
export function cutOffOn<N extends NeededEntry>(
  context: PolicyContext,
  needs: ReadonlyMap<Placed<Workload>, readonly N[]>,
): readonly CutOff<N>[] {
  const { scope, policy, profile } = context;
  if (needs.size === 0) return [];
  const ordered = plainestFirst(scope, 'ingress');
  return isolatedPods(context, 'ingress').flatMap((pods) => {
    const found = pods.workload === undefined ? [] : (needs.get(pods.workload) ?? []);
    if (found.length === 0 || ordered(pods.certain.isolatedBy)[0] !== policy) return [];
    return found.filter((need) => isCutOff(scope, profile, pods, need)).map((need) => ({ need, pods }));
  });
}

function isCutOff(
  scope: Scope,
  profile: ClusterProfile,
  { possible }: IsolatedPods,
  { workload, senders, targets }: NeededEntry,
): boolean {
  const isShut = (target: Target) => admits(scope, possible, senders, workload, target) === 'no';
  // To pods of an ambient mesh, the mesh hands connections on over a port of its own.
  return (
    targets.every(isShut) &&
    (inAmbientMesh(scope, profile, workload) === 'no' || isShut({ protocol: 'TCP', port: hbonePort }))
  );
}

/** "3 workloads (a, b and c) on TCP 80 and 8080". */
export function whereCutOff(cut: readonly Cut[], policy: Placed<Policy>): string {
  const workloads = [...new Set(cut.map(({ need }) => need.workload))];
  return `${countedNames(workloads, policy.namespace)} on ${portsOf(cut)}`;
}

/** "TCP 80 and 8080". */
export function portsOf(cut: readonly Cut[]): string {
  const targets = cut.flatMap(({ need }) => need.targets);
  const protocols = [...new Set(targets.map(({ protocol }) => protocol))];
  return list(
    protocols.map((protocol) => {
      const numbers = targets.filter((target) => target.protocol === protocol).map(({ port }) => port);
      return `${protocol} ${list([...new Set(numbers)].sort((a, b) => a - b).map(String), 4)}`;
    }),
  );
}

/** Every line that shows a need, each once, the first few. */
export function evidenceOf(cut: readonly Cut[]): readonly NeededEntry['evidence'][number][] {
  const all = cut.flatMap(({ need }) => need.evidence);
  return [
    ...new Map(all.map((each) => [`${each.at.document.uri} ${each.at.range.start} ${each.message}`, each])).values(),
  ].slice(0, 8);
}

/**
 * Lets the senders in: into a rule that opens the port already, where it is only one port of one workload, and by a policy of its own
 * for each workload. Nothing where no rule can name the senders.
 */
export function letInFixes(
  { scope, policy }: PolicyContext,
  cut: readonly CutOff<NeededEntry>[],
  name: string,
): readonly Fix[] {
  const [first] = cut;
  if (first === undefined || cut.some(({ need }) => need.peers === undefined)) return [];
  // In Calico's order, what is denied elsewhere may come before anything that is written beside it.
  if (cut.some(({ pods }) => pods.possible.admin.some((each) => each.policy.value.family === 'calico'))) return [];
  const who = list([...new Set(cut.map(({ need }) => need.peersTitle))]);
  const workloads = [...new Set(cut.map(({ need }) => need.workload))];
  const names = workloadNames(workloads, policy.namespace);
  const ports = new Set(cut.flatMap(({ need }) => need.targets.map(({ protocol, port }) => `${protocol} ${port}`)));
  const one = workloads.length === 1 && ports.size === 1 && first.need.peers?.length === 1;
  const rules = one ? ruleFixes(first, who) : [];
  return [
    ...rules,
    {
      title: `Allow ${who} to ${names} on ${portsOf(cut)} only, by ${workloads.length === 1 ? 'a policy of its own' : 'a policy for each'}`,
      ...(rules.length === 0 ? { preferred: true } : {}),
      changes: () => appendPolicies(scope, policy, cut, name),
    },
  ];
}

function ruleFixes({ need, pods }: CutOff<NeededEntry>, who: string): readonly Fix[] {
  const [target] = need.targets;
  if (target === undefined) return [];
  const { protocol, port } = target;
  const open = pods.certain.allowances.find(
    ({ rule, ports, peer }) =>
      !rule.uncertain &&
      peer.kind !== 'anything' &&
      includes(resolveNamed(ports, need.workload.value.ports), protocol, port),
  );
  if (open === undefined) return [];
  return [
    {
      title: `Add ${who} to the rule of policy ${open.policy.value.name} for ${protocol} ${port}`,
      preferred: true,
      changes() {
        const node = ruleNode(open.policy, open.rule);
        const from = node === undefined ? undefined : entryOf(node, 'from');
        if (from?.value?.kind !== 'sequence') return undefined;
        const edits = (need.peers ?? []).map((peer) => insertItem(from, peer));
        return edits.length === 1 ? editOnly(edits[0]) : undefined;
      },
    },
  ];
}

function appendPolicies(
  scope: Scope,
  policy: Placed<Policy>,
  cut: readonly CutOff<NeededEntry>[],
  name: string,
): readonly Change[] | undefined {
  const { workloads } = contentOf(scope, policy.namespace);
  const texts: string[] = [];
  for (const workload of new Set(cut.map(({ need }) => need.workload))) {
    const needs = cut.filter(({ need }) => need.workload === workload).map(({ need }) => need);
    const labels = identifyingLabels(workload.value, workloads);
    if (labels === undefined) return undefined;
    const from = distinct(needs.flatMap(({ peers }) => peers ?? []));
    const ports = needs.flatMap(({ targets }) => targets.map(({ protocol, port }) => ({ protocol, port })));
    const [change] =
      appendPolicy(policy, freeName(scope, policy, `${name}-${workload.value.name}`), {
        podSelector: { matchLabels: Object.fromEntries(labels) },
        policyTypes: ['Ingress'],
        ingress: [{ ...(from.length === 0 ? {} : { from }), ports: distinct(ports) }],
      }) ?? [];
    if (change?.kind !== 'append') return undefined;
    texts.push(change.text);
  }
  return [{ kind: 'append', uri: policy.uri, text: texts.join('---\n') }];
}

export function distinct<T extends YamlData>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
