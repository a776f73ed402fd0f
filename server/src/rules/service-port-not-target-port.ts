import { workloadName } from '../engine/describe.js';
import type { Policy, Rule } from '../model/policy.js';
import { includes } from '../model/ports.js';
import { list } from '../model/print.js';
import type { Service, ServicePort, Workload } from '../model/workload.js';
import { insertItem, replaceScalar } from '../text/edits.js';
import { editOnly, type Fix } from '../text/fix.js';
import { keyText } from '../text/tree.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { clauseNode, portsNode } from './policy-nodes.js';
import { destinationsOf, isBehind, isSinglePort, type SinglePort, surelyNotOn, targetOf } from './port-destinations.js';
import { asPort, isOf, portNode } from './port-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

/** A service that hands the port on to another port of the pods. */
interface Translation {
  readonly service: Placed<Service>;
  readonly port: ServicePort;
  readonly workload: Placed<Workload>;
  /** The pods' port. */
  readonly target: number;
}

export const servicePortNotTargetPort = definePolicyRule({
  id: 'service-port-not-target-port',
  group: 'Ports',
  severity: 'warning',
  summary: 'A rule names the port of a Service where the pods listen on another.',
  alone: true,
  *check(context) {
    const { scope, policy } = context;
    for (const rule of policy.value.rules) {
      const single = rule.clauses.filter(isSinglePort);
      if (single.length === 0 || rule.action === 'Deny' || !policy.value.isolates.includes(rule.direction)) continue;
      const matched = destinationsOf(scope, policy, rule);
      if (matched === undefined) continue;
      const everyone = [...matched.sure, ...matched.possible];
      for (const clause of single) {
        if (!everyone.every(({ value }) => surelyNotOn(value, clause))) continue;
        const translations = translationsOf(scope, matched.sure, clause);
        if (translations.length > 0) yield* finding(context, rule, clause, translations);
      }
    }
  },
});

export const servicePortNotTargetPortPage: RulePage = {
  what: `Reports a numeric port in a rule that none of the destination pods declares, while a Service in front of them has exactly that port and hands it on to another (\`targetPort\`).

Nothing is reported where a destination pod declares no ports at all, where some Service hands the port on unchanged, or where the rule opens the pods' port as well.`,
  why: `Policies judge connections as they arrive at the pods, after the address and port of the Service have been replaced. A rule for port 80 does not let anyone reach pods that listen on 8080 behind a Service of port 80.

The AWS VPC CNI is the exception: it judges egress before and after the replacement, so there both ports are needed.`,
  bad: /* @__PURE__ */ example(80),
  good: /* @__PURE__ */ example(8080),
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
    'https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports',
    'https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html',
  ],
};

/** What the services in front of the workloads do with the port; none when some service hands it on unchanged. */
function translationsOf(
  scope: Scope,
  workloads: readonly Placed<Workload>[],
  { from, protocol }: SinglePort,
): readonly Translation[] {
  const found: Translation[] = [];
  for (const workload of workloads) {
    for (const service of contentOf(scope, workload.namespace).services) {
      // A headless service gives the pods' own addresses out: nothing is replaced.
      if (service.value.headless || !service.value.ports.some((port) => port.port === from || port.targetPort === from))
        continue;
      if (!isBehind(workload.value, service.value)) continue;
      for (const port of service.value.ports) {
        if (!isOf(port.protocol, protocol)) continue;
        const target = targetOf(port, workload.value);
        if (target === from) return [];
        if (port.port === from && target !== undefined) found.push({ service, port, workload, target });
      }
    }
  }
  return found;
}

function* finding(
  { policy, profile }: PolicyContext,
  rule: Rule,
  clause: SinglePort,
  translations: readonly Translation[],
): Iterable<Finding> {
  const { from, protocol } = clause;
  const targets = [...new Set(translations.map(({ target }) => target))];
  const opened = targets.filter((target) => opens(rule, clause, target, translations));
  if (opened.length === targets.length) return;
  const [first] = translations;
  if (first === undefined) return;
  const both = rule.direction === 'egress' && profile.cni.egressJudged === 'before-and-after-dnat';
  const ports = list(targets.map(String));
  const name = first.service.value.name;
  const advice = both
    ? `With ${profile.cni.title}, egress is judged before and after that: allow ${protocol} ${ports} as well.`
    : `Policies judge the pods' port, so this entry opens nothing on them. Use ${ports}.`;
  yield {
    at: clause.portAt ?? clause.at,
    message: `Port ${from} is the port of Service ${name}, which hands it on to port ${ports} of the pods. ${advice}`,
    ...(both ? { severity: 'info' } : {}),
    related: relatedTo(translations, protocol),
    fixes: targets.map((target) =>
      both
        ? addPort(policy, rule, clause, target, targets.length === 1)
        : changePort(policy, rule, clause, target, targets.length === 1),
    ),
  };
}

/** Another entry of the rule opens the pods' port, by number or by the name the pods give it. */
function opens(rule: Rule, clause: SinglePort, target: number, translations: readonly Translation[]): boolean {
  const protocol = clause.protocol === 'UDP' || clause.protocol === 'SCTP' ? clause.protocol : 'TCP';
  if (includes(rule.ports, protocol, target)) return true;
  return rule.ports.named.some((named) =>
    translations.some(({ workload }) =>
      workload.value.ports.some(
        (port) => port.port === target && port.name === named.name && port.protocol === named.protocol,
      ),
    ),
  );
}

function relatedTo(translations: readonly Translation[], protocol: string) {
  const services = new Map(translations.map((each) => [each.port, each]));
  const workloads = new Map(translations.map((each) => [each.workload, each]));
  return [
    ...[...services.values()].slice(0, 4).map(({ service, port, target }) => ({
      at: port.at,
      message: `Service ${service.value.name} hands ${protocol} ${port.port} on to ${target}.`,
    })),
    ...[...workloads.values()].slice(0, 4).flatMap(({ workload, target }) => {
      const declared = workload.value.ports.find((port) => port.port === target && isOf(port.protocol, protocol));
      return declared === undefined
        ? []
        : [{ at: declared.at, message: `${workloadName(workload)} listens on ${protocol} ${target}.` }];
    }),
  ];
}

function changePort(policy: Placed<Policy>, rule: Rule, clause: SinglePort, target: number, only: boolean): Fix {
  return {
    title: `Change port ${clause.from} to ${target}, the pods' port`,
    // The pods meant are plain, and the port as written reaches none of them.
    ...(only ? { preferred: true, safe: true } : {}),
    changes() {
      const node = portNode(policy, rule, clause);
      return node === undefined ? undefined : editOnly(replaceScalar(node, asPort(policy, target)));
    },
  };
}

function addPort(policy: Placed<Policy>, rule: Rule, clause: SinglePort, target: number, only: boolean): Fix {
  return {
    title: `Allow ${clause.protocol} ${target} as well, the pods' port`,
    ...(only ? { preferred: true } : {}),
    changes() {
      const list = portsNode(policy, rule);
      const keys = clauseNode(policy, rule, clause)?.entries.map(keyText) ?? [];
      if (list === undefined) return undefined;
      const { protocol } = clause;
      // In the order of the entry that is there, and without the default where that leaves it out.
      if (protocol === 'TCP' && !keys.includes('protocol')) return editOnly(insertItem(list, { port: target }));
      return editOnly(insertItem(list, keys[0] === 'port' ? { port: target, protocol } : { protocol, port: target }));
    },
  };
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
apiVersion: v1
kind: Service
metadata:
  name: api
  namespace: shop
spec:
  selector:
    app: api
  ports:
    - port: 80
      targetPort: 8080
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
        - protocol: TCP
          port: ${port}
`;
}
