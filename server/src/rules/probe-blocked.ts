import { ambientProbes, inAmbientMesh } from '../engine/ambient.js';
import { networkProbes, opensToNodes, type ResolvedProbe } from '../engine/probes.js';
import type { Policy } from '../model/policy.js';
import { list } from '../model/print.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Workload } from '../model/workload.js';
import type { YamlData } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import type { Placed } from '../workspace/scope.js';
import { insertRule } from './family-words.js';
import { type IsolatedPods, isolatedPods, plainestFirst } from './isolation.js';
import { isolationPlace } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { countedNames } from './subject-words.js';

/** A workload with those of its probes that no policy opens to the nodes. */
interface Probed {
  readonly workload: Placed<Workload>;
  readonly probes: readonly ResolvedProbe[];
}

export const probeBlocked = definePolicyRule({
  id: 'probe-blocked',
  group: 'Needed traffic',
  severity: 'info',
  summary: 'Only the exemption of the own node keeps the kubelet’s probes working.',
  *check(given) {
    const { scope, policy } = given;
    const ordered = plainestFirst(scope, 'ingress');
    // The plugin in use lets them through, unless the mesh changes where they come from: there is nothing else to say.
    const ofMesh = given.profile.cni.ownNodeIngress === 'allowed';
    if (ofMesh && (given.profile.cni.ambientProbes !== 'blocked' || ambientProbes === undefined)) return;
    const profile = ofMesh && ambientProbes ? { ...given.profile, nodeCidrs: [ambientProbes] } : given.profile;
    const blocked = isolatedPods(given, 'ingress')
      .filter(({ workload }) => !ofMesh || (workload && inAmbientMesh(scope, profile, workload) === 'yes'))
      .filter(({ certain }) => ordered(certain.isolatedBy)[0] === policy)
      // What is denied as well is not said by the rules that allow.
      .filter(({ possible }) => possible.admin.every((each) => each.policy.value.family === 'cluster'))
      .flatMap((pods) => probedOf(profile, pods));
    if (blocked.length > 0) yield finding({ ...given, profile }, blocked);
  },
});

export const probeBlockedPage: RulePage = {
  what: `Reports a policy that isolates the ingress of pods with HTTP, TCP or gRPC probes whose ports no policy of the scope opens to the nodes. A port is open to the nodes where a rule admits everyone, or the address ranges configured as \`cluster.nodeCIDRs\`.

With most network plugins this is information, since the API exempts traffic from a pod's own node. It is a warning where the configured plugin is known to block probes, or does so in some versions and settings, and for pods of Istio's ambient mesh with Cilium, which no longer knows their probes (they come from 169.254.7.127). Exec probes run inside the container, meet no policy and are never reported.`,
  why: `The kubelet probes a pod from its node, and no selector ever matches a node. The Kubernetes documentation promises that traffic between a pod and its own node is always allowed, and current plugins keep that promise for probes: a default-deny does *not* break them there. Some did not: early versions of kube-router, of kube-network-policies and of the AWS agent dropped probes, and Istio's ambient mode changes their source to 169.254.7.127, which the exemption does not cover.

Where probes are dropped, pods that work are restarted over and over, or never become ready. If you do not want to depend on the exemption, allow the nodes' addresses on the probe ports, or use exec probes.`,
  bad: /* @__PURE__ */ example(''),
  good: /* @__PURE__ */ example(`
    - ports:
        - protocol: TCP
          port: 8080`),
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
    'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
    'https://istio.io/latest/docs/ambient/usage/networkpolicy/',
  ],
};

function probedOf(profile: ClusterProfile, { workload, possible }: IsolatedPods): readonly Probed[] {
  if (workload === undefined || workload.value.probes.length === 0) return [];
  const probes = networkProbes(workload.value).filter(
    ({ port }) => opensToNodes(profile, workload.value, possible, port) === 'no',
  );
  return probes.length === 0 ? [] : [{ workload, probes }];
}

function finding({ policy, profile }: PolicyContext, blocked: readonly Probed[]): Finding {
  const workloads = blocked.map(({ workload }) => workload);
  const ports = portsOf(blocked);
  const who = countedNames(workloads, policy.namespace);
  const opened = `No policy opens the probe ${ports.length === 1 ? 'port' : 'ports'} (TCP ${list(ports.map(String), 4)}) of ${who} to the nodes`;
  const exempt = profile.cni.ownNodeIngress === 'by-contract';
  return {
    at: isolationPlace(policy, 'ingress'),
    message: `${opened}. ${exempt ? exemptText : blockedText(profile)}`,
    ...(exempt ? {} : { severity: 'warning' }),
    related: blocked
      .flatMap(({ workload, probes }) => probes.map(({ probe, port }) => ({ workload, probe, port })))
      .slice(0, 8)
      .map(({ workload, probe, port }) => ({
        at: probe.at,
        message: `The ${probe.kind} probe of ${workload.value.name} comes from the node to TCP ${port}.`,
      })),
    fixes: profile.nodeCidrs.length === 0 ? [] : [allowNodes(policy, profile, ports)],
  };
}

const exemptText =
  'The API exempts the pod’s own node, so the probes pass on current network plugins; Istio’s ambient mode (source 169.254.7.127) and some older versions block them. To be independent of that, allow the node addresses on these ports, or use exec probes.';

function blockedText({ cni }: ClusterProfile): string {
  if (cni.ownNodeIngress === 'allowed') {
    return `These pods are in Istio's ambient mesh, which lets their probes come from 169.254.7.127, and ${cni.title} exempts the node only: pods whose probes fail are restarted or taken out of service. Allow that address on these ports, or use exec probes.`;
  }
  const does =
    cni.ownNodeIngress === 'depends' ? 'may block probes, depending on the version and settings' : 'blocks probes';
  return `With ${cni.title}, this ${does}, and pods whose probes fail are restarted or taken out of service. Allow the addresses the probes come from (the nodes, or 169.254.7.127 in Istio’s ambient mode) on these ports, or use exec probes.`;
}

function portsOf(blocked: readonly Probed[]): readonly number[] {
  return [...new Set(blocked.flatMap(({ probes }) => probes.map(({ port }) => port)))].sort((a, b) => a - b);
}

function allowNodes(policy: Placed<Policy>, profile: ClusterProfile, ports: readonly number[]): Fix {
  return {
    title: `Allow ${profile.cni.ownNodeIngress === 'allowed' ? 'probes of the ambient mesh (169.254.7.127)' : 'the node addresses'} on TCP ${list(ports.map(String))}`,
    preferred: true,
    changes() {
      const rule: YamlData = {
        from: profile.nodeCidrs.map(({ canonical }) => ({ ipBlock: { cidr: canonical } })),
        ports: ports.map((port) => ({ protocol: 'TCP', port })),
      };
      return editOnly(insertRule(policy, 'ingress', rule));
    },
  };
}

function example(rule: string): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: api
  namespace: shop
  labels:
    app: api
spec:
  containers:
    - name: api
      image: api
      ports:
        - containerPort: 8080
      readinessProbe:
        httpGet:
          path: /ready
          port: 8080
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
  policyTypes:
    - Ingress
  ingress:${rule === '' ? ' []' : rule}
`;
}
