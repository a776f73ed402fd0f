import { hbonePort, inAmbientMesh, meshLabel, namespaceInAmbientMesh } from '../engine/ambient.js';
import { describePeer } from '../engine/describe.js';
import type { Allowance } from '../engine/effective.js';
import { peerMatches, workloadsOfPeer } from '../engine/matching.js';
import type { Peer, PodPeer } from '../model/peer.js';
import type { Direction, Rule } from '../model/policy.js';
import { includes, resolveNamed } from '../model/ports.js';
import { disjoint, equalsRequired } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import { insertItem } from '../text/edits.js';
import { editOnly } from '../text/fix.js';
import { entryOf, keySpan, keyText } from '../text/tree.js';
import { perList } from '../workspace/per-list.js';
import { contentOf, type NamespaceRef, type Placed } from '../workspace/scope.js';
import { isolatedPods } from './isolation.js';
import { portsNode, ruleNode } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { subjectWords, workloadWords } from './subject-words.js';

/** Pods of the mesh that a rule admits and the tunnel's port does not; none of them known where only selectors tell. */
interface CutOff {
  readonly workloads: Set<Placed<Workload>>;
  readonly peer: Peer;
}

const directions: readonly Direction[] = ['ingress', 'egress'];

export const ambientHboneMissing = definePolicyRule({
  id: 'ambient-hbone-missing',
  group: 'Needed traffic',
  severity: 'warning',
  summary: 'A rule between pods of Istio’s ambient mesh leaves out TCP 15008, on which they meet.',
  *check(context) {
    for (const direction of directions) {
      for (const [rule, cut] of cutBy(context, direction)) yield finding(context, rule, cut);
    }
  },
});

export const ambientHboneMissingPage: RulePage = {
  what: `Reports a rule that allows TCP ports between pods which are both in Istio's ambient mesh, while no policy of the scope allows TCP 15008 between the same pods in that direction.

Pods are known to be in the mesh by the label \`istio.io/dataplane-mode: ambient\` on them or on the Namespace object among the manifests, or by \`cluster.istioAmbient: true\` in \`.netpol.yaml\`. Host-network pods, pods with a sidecar, and those that opt out with \`istio.io/dataplane-mode: none\` are not. Rules for peers outside of the mesh, such as an ingress controller or addresses, need no such port and are not reported, nor are rules for UDP, which the mesh leaves alone.`,
  why: `In ambient mode the node's ztunnel carries the connections between pods of the mesh through a tunnel (HBONE). What arrives at the destination pod, and leaves the source pod, is a connection to TCP 15008, whatever port the application uses. A network policy sees 15008 only: a rule for 8080 no longer matches, and a namespace that worked is cut off on the day it joins the mesh.

A rule for 15008 opens every port between pods of the mesh. Which of them may be used is for Istio's AuthorizationPolicy to say.`,
  bad: /* @__PURE__ */ example(''),
  good: /* @__PURE__ */ example(`
        - protocol: TCP
          port: 15008`),
  references: [
    'https://istio.io/latest/docs/ambient/usage/networkpolicy/',
    'https://istio.io/latest/docs/ambient/install/platform-prerequisites/',
  ],
};

/** The policy's own rules that leave the tunnel out. */
function cutBy(context: PolicyContext, direction: Direction): ReadonlyMap<Rule, CutOff> {
  const { scope, profile, policy } = context;
  const found = new Map<Rule, CutOff>();
  const { workloads } = contentOf(scope, policy.namespace);
  if (!anyNamesMesh(workloads) && namespaceInAmbientMesh(scope, profile, policy.namespace) === 'no') return found;
  for (const { workload, certain, possible } of isolatedPods(context, direction)) {
    const mesh =
      workload === undefined
        ? namespaceInAmbientMesh(scope, profile, policy.namespace)
        : inAmbientMesh(scope, profile, workload);
    if (mesh !== 'yes' || possible.uncertain || certain.admin.length > 0) continue;
    const tunnels = possible.allowances.filter(isTunnel);
    // Open to everyone; or to addresses, which hold pods or not as the network plugin has it.
    if (tunnels.some(({ peer }) => peer.kind !== 'pods')) continue;
    for (const allowance of certain.allowances) {
      if (allowance.policy !== policy || isTunnel(allowance) || !opensTcp(allowance)) continue;
      const cut = cutOff(context, direction, workload, allowance, tunnels);
      if (cut === undefined) continue;
      const known = found.get(allowance.rule) ?? { workloads: new Set(), peer: allowance.peer };
      for (const each of cut) known.workloads.add(each);
      found.set(allowance.rule, known);
    }
  }
  return found;
}

const anyNamesMesh = perList((workloads: readonly Placed<Workload>[]) =>
  workloads.some(({ value }) => value.labels.has(meshLabel)),
);

function isTunnel({ ports }: Allowance): boolean {
  return includes(ports, 'TCP', hbonePort);
}

function opensTcp({ ports }: Allowance): boolean {
  return ports.byProtocol.has('TCP') || ports.named.some(({ protocol }) => protocol === 'TCP');
}

/** The other ends that are cut off: none where only the selectors tell; undefined where nothing is known to be. */
function cutOff(
  { scope, profile, policy }: PolicyContext,
  direction: Direction,
  own: Placed<Workload> | undefined,
  allowance: Allowance,
  tunnels: readonly Allowance[],
): readonly Placed<Workload>[] | undefined {
  const { peer } = allowance;
  if (peer.uncertain || (peer.kind !== 'pods' && peer.kind !== 'anything')) return undefined;
  const matched =
    peer.kind === 'anything' ? { sure: scope.workloads, possible: [] } : workloadsOfPeer(scope, policy, peer);
  const cut = matched.sure.filter(
    (other) =>
      other !== own &&
      inAmbientMesh(scope, profile, other) === 'yes' &&
      isMeant(allowance, direction === 'ingress' ? own : other) &&
      tunnels.every((tunnel) => peerMatches(scope, tunnel.policy, tunnel.peer, other) === 'no'),
  );
  if (cut.length > 0) return cut;
  // Without a workload to show it, only the selectors tell.
  if (peer.kind === 'anything' || matched.sure.length > 0 || matched.possible.length > 0) return undefined;
  const where = namespaceOf(peer, policy.namespace);
  if (where === undefined || contentOf(scope, where).workloads.length > 0) return undefined;
  if (namespaceInAmbientMesh(scope, profile, where) !== 'yes') return undefined;
  const open = tunnels.some((tunnel) => tunnel.peer.kind === 'pods' && disjoint(tunnel.peer.pods, peer.pods) !== 'yes');
  return open ? undefined : [];
}

/** The one namespace a peer looks in. */
function namespaceOf({ namespaces }: PodPeer, own: NamespaceRef): NamespaceRef | undefined {
  if (namespaces.own) return own;
  const name = equalsRequired(namespaces.selector).get('kubernetes.io/metadata.name');
  return name === undefined ? undefined : { key: name, name };
}

/** The rule opens a port that the destination has, as far as it says which it has. */
function isMeant({ ports, peer }: Allowance, destination: Placed<Workload> | undefined): boolean {
  const declared = destination?.value.ports.filter(({ protocol }) => protocol === 'TCP') ?? [];
  if (declared.length === 0) return peer.kind === 'pods';
  const resolved = resolveNamed(ports, declared);
  return declared.some(({ port }) => includes(resolved, 'TCP', port));
}

function finding({ scope, policy }: PolicyContext, rule: Rule, { workloads, peer }: CutOff): Finding {
  const ingress = rule.direction === 'ingress';
  const others =
    workloads.size > 0
      ? workloadWords([...workloads], policy.namespace)
      : describePeer(peer, policy.namespace, rule.direction);
  const [from, to] = ingress ? [others, subjectWords(scope, policy)] : [subjectWords(scope, policy), others];
  const entry = entryOf(ruleNode(policy, rule), 'ports');
  const namespace = policy.namespace.name === undefined ? undefined : scope.namespaceObjects.get(policy.namespace.name);
  return {
    at: entry === undefined ? rule.at : keySpan(entry),
    message: `This rule lets ${from} connect to ${to}, but both are in Istio's ambient mesh, where such connections go to TCP 15008 of the destination pod, and no policy allows that: they are cut. Allow TCP 15008 as well. It carries every port between pods of the mesh; which of them may be used is for an AuthorizationPolicy to say.`,
    related:
      namespace?.value.labels.get(meshLabel) === 'ambient'
        ? [{ at: namespace.value.at, message: `Namespace ${namespace.value.name} puts its pods into the mesh.` }]
        : [],
    fixes: [
      {
        title: 'Allow TCP 15008, the mesh’s tunnel, as well in this rule',
        preferred: true,
        changes() {
          const list = portsNode(policy, rule);
          const first = list?.items[0]?.value;
          if (list === undefined) return undefined;
          const portFirst =
            first?.kind === 'map' && first.entries[0] !== undefined && keyText(first.entries[0]) === 'port';
          return editOnly(
            insertItem(list, portFirst ? { port: hbonePort, protocol: 'TCP' } : { protocol: 'TCP', port: hbonePort }),
          );
        },
      },
    ],
  };
}

function example(port: string): string {
  return `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio.io/dataplane-mode: ambient
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: frontend
      ports:
        - protocol: TCP
          port: 8080${port}
`;
}
