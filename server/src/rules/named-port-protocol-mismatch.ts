import { workloadName } from '../engine/describe.js';
import type { Policy, PortClause, Rule } from '../model/policy.js';
import { list } from '../model/print.js';
import type { ContainerPort, TransportProtocol, Workload } from '../model/workload.js';
import { insertEntry, replaceScalar } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { valueAt } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { clauseNode } from './policy-nodes.js';
import { declaredPorts, destinationsOf } from './port-destinations.js';
import { definePolicyRule, type Finding, type RulePage } from './rule.js';
import { countedNames } from './subject-words.js';

export const namedPortProtocolMismatch = definePolicyRule({
  id: 'named-port-protocol-mismatch',
  group: 'Ports',
  severity: 'warning',
  summary: 'A port name is declared by the destination pods, but under another protocol.',
  alone: true,
  *check({ scope, policy }) {
    for (const rule of policy.value.rules) {
      if (!policy.value.isolates.includes(rule.direction)) continue;
      if (rule.action !== 'Allow' && policy.value.family !== 'cluster') continue;
      if (!rule.clauses.some(({ name }) => name !== undefined)) continue;
      const matched = destinationsOf(scope, policy, rule);
      if (matched === undefined) continue;
      const everyPort = declaredPorts([...matched.sure, ...matched.possible]);
      for (const clause of rule.clauses) {
        // A name alone stands for the port in every protocol.
        if (clause.protocol === 'any') continue;
        const bearers = everyPort.filter(({ name }) => name !== undefined && name === clause.name);
        if (bearers.length === 0 || bearers.some(({ protocol }) => protocol === clause.protocol)) continue;
        const surely = matched.sure.filter(({ value }) => value.ports.some((port) => bearers.includes(port)));
        if (surely.length > 0) yield mismatch(policy, rule, clause, bearers, surely);
      }
    }
  },
});

export const namedPortProtocolMismatchPage: RulePage = {
  what: `Reports a port given by name where the destination pods declare that name only under another protocol than the one the entry has, or has by default. An entry without \`protocol\` means TCP.`,
  why: `A name is looked up for one protocol. \`port: dns\` without a protocol asks for a TCP port named \`dns\`; where the pods declare \`dns\` for UDP, the entry opens nothing, and the API server does not object.`,
  bad: `apiVersion: v1
kind: Pod
metadata:
  name: syslog
  namespace: logging
  labels:
    app: syslog
spec:
  containers:
    - name: syslog
      image: syslog
      ports:
        - name: syslog
          containerPort: 5514
          protocol: UDP
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: syslog
  namespace: logging
spec:
  podSelector:
    matchLabels:
      app: syslog
  policyTypes:
    - Ingress
  ingress:
    - ports:
        - port: syslog
`,
  good: `apiVersion: v1
kind: Pod
metadata:
  name: syslog
  namespace: logging
  labels:
    app: syslog
spec:
  containers:
    - name: syslog
      image: syslog
      ports:
        - name: syslog
          containerPort: 5514
          protocol: UDP
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: syslog
  namespace: logging
spec:
  podSelector:
    matchLabels:
      app: syslog
  policyTypes:
    - Ingress
  ingress:
    - ports:
        - port: syslog
          protocol: UDP
`,
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
    'https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/',
  ],
};

function mismatch(
  policy: Placed<Policy>,
  rule: Rule,
  clause: PortClause,
  bearers: readonly ContainerPort[],
  workloads: readonly Placed<Workload>[],
): Finding {
  const protocols = [...new Set(bearers.map(({ protocol }) => protocol))];
  const who = countedNames(workloads, policy.namespace);
  const asked = clause.protocolAt === undefined ? `${clause.protocol}, the default` : clause.protocol;
  const only = protocols.length === 1 ? protocols[0] : undefined;
  // Where the rule has the right entry beside this one, another of the same would say nothing new.
  const given = rule.clauses.some(({ name, protocol }) => name === clause.name && protocol === only);
  return {
    at: clause.protocolAt ?? clause.portAt ?? clause.at,
    message: `Port "${clause.name}" is ${list(protocols)} in ${who}, but this entry asks for ${asked}, so it opens nothing. Set \`protocol: ${protocols[0]}\`.`,
    related: workloads.slice(0, 4).flatMap((workload) =>
      workload.value.ports
        .filter((port) => bearers.includes(port))
        .map(({ at, port, protocol }) => ({
          at,
          message: `${workloadName(workload)} declares "${clause.name}" as ${protocol} ${port}.`,
        })),
    ),
    fixes: only === undefined || given ? [] : [setProtocol(policy, rule, clause, only)],
  };
}

function setProtocol(policy: Placed<Policy>, rule: Rule, clause: PortClause, protocol: TransportProtocol): Fix {
  return {
    title: `Set protocol to ${protocol}`,
    preferred: true,
    // The name says which port is meant, and it has no other protocol.
    safe: true,
    changes() {
      const node = clauseNode(policy, rule, clause);
      if (node === undefined) return undefined;
      const written = valueAt(node, 'protocol');
      return editOnly(
        written === undefined
          ? insertEntry(node, 'protocol', protocol, { after: ['port'] })
          : replaceScalar(written, protocol),
      );
    },
  };
}
