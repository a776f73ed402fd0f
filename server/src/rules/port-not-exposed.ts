import { effectiveOfPolicy } from '../engine/effective.js';
import type { Rule } from '../model/policy.js';
import { includes, type PortSet, resolveNamed } from '../model/ports.js';
import { list } from '../model/print.js';
import type { ClusterProfile } from '../model/profile.js';
import { isEverything } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { isTransposed } from './did-you-mean.js';
import { declarations, replacePort } from './named-port-unresolved.js';
import {
  declaredPorts,
  destinationsOf,
  isBehind,
  isSinglePort,
  type SinglePort,
  surelyNotOn,
} from './port-destinations.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { workloadWords } from './subject-words.js';

export const portNotExposed = definePolicyRule({
  id: 'port-not-exposed',
  group: 'Ports',
  severity: 'info',
  summary: 'A rule opens a port that none of the pods it leads to declares.',
  alone: true,
  *check(context) {
    const { scope, policy, profile } = context;
    for (const rule of policy.value.rules) {
      if (rule.action !== 'Allow' && policy.value.family !== 'cluster') continue;
      const single = rule.clauses.filter(isSinglePort).filter(({ from }) => !isDns(profile, from));
      if (single.length === 0 || !policy.value.isolates.includes(rule.direction) || isWide(context, rule)) continue;
      const matched = destinationsOf(scope, policy, rule);
      if (matched === undefined) continue;
      const everyone = [...matched.sure, ...matched.possible];
      for (const clause of single) {
        if (everyone.every((workload) => showsNothingOf(scope, workload, clause))) {
          yield finding(context, rule, clause, matched.sure);
        }
      }
    }
  },
});

export const portNotExposedPage: RulePage = {
  what: `Reports a port, given as a number, that none of the pods a rule leads to declares: for ingress the pods the policy selects, for egress the pods its peers choose.

It is a **warning** where the pods declare one single port, of which the number is a slip: two digits that have changed places, or one too many or too few. Otherwise it is information, and a hint where the same rule opens declared ports, too.

A container may listen on a port that it does not declare. So nothing is reported where any of the pods declares no port at all, has the number anywhere in its manifest (a probe, an annotation, an argument, an environment variable) or has a Service of that port; about ports of service meshes and of DNS; about ranges; and about rules for every pod of a namespace.`,
  why: 'A rule for a port on which nobody listens helps no one, and the connection it was written for is still refused. The list of container ports is only information to Kubernetes, but people keep it: a number that stands nowhere else was likely mistyped, or is left from an earlier version.',
  bad: /* @__PURE__ */ example(8008),
  good: /* @__PURE__ */ example(8080),
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
    'https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports',
  ],
};

/** Which pods it leads to is not known from the manifests alone: every pod of a namespace. */
function isWide({ policy }: PolicyContext, rule: Rule): boolean {
  if (rule.direction === 'ingress') return isEverything(policy.value.subject.pods);
  return rule.peers.some((peer) => peer.kind === 'pods' && isEverything(peer.pods));
}

/** Whether DNS gets through is the matter of dns-port-mismatch and dns-egress-missing. */
function isDns({ dns }: ClusterProfile, port: number): boolean {
  return port === 53 || dns.some((pods) => pods.port === port);
}

/** Ports that meshes and their agents open in pods beside the containers of the manifest. FACTS D1, D2. */
const injected: ReadonlySet<number> = new Set([
  4143, 4190, 4191, 15001, 15004, 15006, 15008, 15020, 15021, 15053, 15090,
]);

/** The workload lists its ports, and nothing around it speaks of this one. */
function showsNothingOf(scope: Scope, workload: Placed<Workload>, clause: SinglePort): boolean {
  if (injected.has(clause.from) || !surelyNotOn(workload.value, clause)) return false;
  if (new RegExp(`(?<![\\d.])${clause.from}(?![\\d.])`).test(workload.value.at.document.text)) return false;
  // Where a service has the port, service-port-not-target-port tells more.
  return !contentOf(scope, workload.namespace).services.some(
    ({ value }) =>
      isBehind(workload.value, value) &&
      value.ports.some(({ port, targetPort }) => port === clause.from || targetPort === clause.from),
  );
}

function finding(
  { scope, policy, profile }: PolicyContext,
  rule: Rule,
  clause: SinglePort,
  workloads: readonly Placed<Workload>[],
): Finding {
  const { from, protocol } = clause;
  const declared = declaredPorts(workloads);
  const numbers = [...new Set(declared.filter((port) => port.protocol === protocol).map(({ port }) => port))];
  const [only, ...more] = numbers;
  const opens = (ports: PortSet, port: number) => includes(resolveNamed(ports, declared), protocolOf(protocol), port);
  const candidate = more.length > 0 || only === undefined || opens(rule.ports, only) ? undefined : only;
  // What another rule opens already was not forgotten here.
  const { allowances } = effectiveOfPolicy(scope, policy, profile.cni)[rule.direction];
  const slip =
    candidate !== undefined &&
    isSlip(String(from), String(candidate)) &&
    !allowances.some(({ ports }) => opens(ports, candidate));
  const opensOthers = numbers.some((port) => opens(rule.ports, port));
  const ports = `${protocol} ${list(numbers.map(String), 4)} ${numbers.length === 1 ? 'is' : 'are'}`;
  const advice = slip
    ? `Did you mean ${candidate}?`
    : 'If something listens on it all the same, add it to containers[].ports; else change or remove this entry.';
  return {
    at: clause.portAt ?? clause.at,
    severity: slip ? 'warning' : opensOthers ? 'hint' : 'info',
    message: `Likely nothing listens on ${protocol} ${from}: ${numbers.length === 0 ? `no ${protocol} port is` : `only ${ports}`} declared by ${workloadWords(workloads, policy.namespace)}, and ${from} stands nowhere else in the manifest of these pods. ${advice}`,
    related: declarations(workloads),
    fixes: candidate === undefined ? [] : [replacePort(policy, clause, candidate, slip)],
  };
}

function protocolOf(protocol: string): 'TCP' | 'UDP' | 'SCTP' {
  return protocol === 'UDP' || protocol === 'SCTP' ? protocol : 'TCP';
}

/** Two digits that have changed places, or one that is missing or there twice. 443 and 8443 are two ports that people use. */
function isSlip(port: string, meant: string): boolean {
  if (isTransposed(port, meant)) return true;
  const [short, long] = port.length < meant.length ? [port, meant] : [meant, port];
  if (short.length < 3 || long.length !== short.length + 1 || short.charAt(0) !== long.charAt(0)) return false;
  return [...long].some((_, index) => long.slice(0, index) + long.slice(index + 1) === short);
}

function example(port: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: shop
spec:
  template:
    metadata:
      labels:
        app: api
    spec:
      containers:
        - name: api
          ports:
            - containerPort: 8080
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
  ingress:
    - from:
        - podSelector: {}
      ports:
        - port: ${port}
`;
}
