import { workloadNames } from '../engine/describe.js';
import { portNameProblem } from '../kinds/kubernetes/names.js';
import { nearest } from '../kinds/nearest.js';
import type { Policy, PortClause, Rule } from '../model/policy.js';
import { count, list } from '../model/print.js';
import { isEverything } from '../model/selector.js';
import type { Workload } from '../model/workload.js';
import { replaceScalar } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import type { Placed } from '../workspace/scope.js';
import { scalarAt } from './node-at.js';
import { declaredPorts, destinationsOf } from './port-destinations.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

/** A port given by name, with the places to point at. */
type NamedClause = PortClause & { readonly name: string };

export const namedPortUnresolved = definePolicyRule({
  id: 'named-port-unresolved',
  group: 'Ports',
  severity: 'warning',
  summary: 'A port name that no destination pod declares opens nothing.',
  alone: true,
  *check(context) {
    const { rules, isolates, directions, family } = context.policy.value;
    for (const rule of rules) {
      if (!(directions ?? isolates).includes(rule.direction)) continue;
      const named = rule.clauses.filter(isNamed);
      if (named.length === 0) continue;
      if (rule.direction === 'egress' && rule.peers.every((peer) => peer.kind === 'addresses')) {
        // For Calico pods are addresses as well.
        if (family !== 'calico') for (const clause of named) yield toAddresses(rule, clause);
        continue;
      }
      const matched = destinationsOf(context.scope, context.policy, rule);
      if (matched === undefined) continue;
      const everyPort = declaredPorts([...matched.sure, ...matched.possible]);
      for (const clause of named) {
        // Under another protocol it is declared after all: named-port-protocol-mismatch.
        if (!everyPort.some(({ name }) => name === clause.name)) yield unresolved(context, rule, clause, matched.sure);
      }
    }
  },
});

export const namedPortUnresolvedPage: RulePage = {
  what: `Reports a port given by name in a rule where none of the pods it leads to declares a container port of that name. For ingress these are the pods the policy selects, for egress the pods its peers choose.

As soon as one of the workloads declares the name, nothing is reported: a policy over many pods may name a port that only some have. A name for an address range is reported too, since only pods have port names.`,
  why: `A name stands for whatever number each destination pod declares under it in \`containers[].ports[].name\`. A pod that does not declare it is not reached by that entry, and the API server accepts any name. After a port is renamed in a Deployment the policy goes on looking right, and lets nothing through.`,
  bad: `apiVersion: apps/v1
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
            - name: http
              containerPort: 8080
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
    - ports:
        - port: https
`,
  good: `apiVersion: apps/v1
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
            - name: http
              containerPort: 8080
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
    - ports:
        - port: http
`,
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
    'https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/',
  ],
};

function isNamed(clause: PortClause): clause is NamedClause {
  return clause.name !== undefined && portNameProblem(clause.name) === undefined;
}

function toAddresses(rule: Rule, clause: NamedClause): Finding {
  return {
    at: clause.portAt ?? clause.at,
    message: `Port name "${clause.name}" leads nowhere: this rule is about addresses only, and only pods have port names, so this entry ${idle(rule)}. Give the port's number.`,
  };
}

function unresolved(
  { policy }: PolicyContext,
  rule: Rule,
  clause: NamedClause,
  workloads: readonly Placed<Workload>[],
): Finding {
  const declared = declaredPorts(workloads);
  const any = clause.protocol === 'any';
  const usable = declared.filter(({ protocol }) => any || protocol === clause.protocol);
  const names = [...new Set(usable.flatMap(({ name }) => name ?? []))];
  const numbers = [...new Set(usable.map(({ port }) => port))];
  const meant = nearest(clause.name, names);
  // Calico has no numbers without a protocol.
  const number = numbers.length === 1 && !(any && policy.value.family === 'calico') ? numbers[0] : undefined;
  const by = rule.direction === 'ingress' ? 'this policy selects' : 'this rule leads to';
  const who = workloadNames(workloads, policy.namespace);
  const kind = any ? 'port' : `${clause.protocol} port`;
  const nobody =
    workloads.length === 1
      ? `workload ${who}, which ${by}, declares no ${kind} of that name`
      : `none of the ${count(workloads.length, 'workload')} that ${by} (${who}) declares a ${kind} of that name`;
  const wide = rule.direction === 'ingress' && isEverything(policy.value.subject.pods);
  return {
    at: clause.portAt ?? clause.at,
    message: `Port name "${clause.name}" leads nowhere: ${nobody}, so this entry ${idle(rule)}. ${adviceFor(meant, names, number, clause.name)}`,
    // A policy over every pod may be waiting for one that is not among the manifests.
    ...(wide ? { severity: 'info' } : {}),
    related: declarations(workloads),
    fixes: [
      ...(meant === undefined ? [] : [replacePort(policy, clause, meant, true)]),
      ...(number === undefined ? [] : [replacePort(policy, clause, number, meant === undefined)]),
    ],
  };
}

function idle({ action }: Rule): string {
  return action === 'Allow' ? 'opens nothing' : 'takes in nothing';
}

function adviceFor(
  meant: string | undefined,
  names: readonly string[],
  number: number | undefined,
  name: string,
): string {
  if (meant !== undefined) return `Did you mean "${meant}"?`;
  if (names.length > 0) {
    const quoted = names.map((each) => `"${each}"`);
    return `The names there are ${list(quoted, 4)}: use one of these, or a number.`;
  }
  if (number !== undefined) return `Use the declared number, ${number}, or name that port "${name}" in the pods.`;
  return `Name the port "${name}" in the pods, or give its number.`;
}

/** What some workloads declare, each port at its place. */
export function declarations(workloads: readonly Placed<Workload>[]) {
  return workloads.slice(0, 4).flatMap(({ value }) => {
    if (value.ports.length === 0) return [{ at: value.at, message: `${value.kind} ${value.name} declares no ports.` }];
    return value.ports.slice(0, 4).map(({ at, name, port, protocol }) => ({
      at,
      message: `${value.kind} ${value.name} declares ${protocol} ${port}${name === undefined ? ' without a name' : ` as "${name}"`}.`,
    }));
  });
}

/** Writes another port into a clause. */
export function replacePort(
  policy: Placed<Policy>,
  clause: PortClause,
  port: string | number,
  preferred: boolean,
): Fix {
  return {
    title: typeof port === 'string' ? `Use port name ${port}` : `Use port number ${port}`,
    ...(preferred ? { preferred } : {}),
    changes() {
      const node = clause.portAt === undefined ? undefined : scalarAt(policy.resource.node, clause.portAt);
      // Cilium's ports are strings.
      const written = policy.value.family === 'cilium' ? String(port) : port;
      return node === undefined ? undefined : editOnly(replaceScalar(node, written));
    },
  };
}
