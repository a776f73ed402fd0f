import { policyObjects, workloadNames } from '../engine/describe.js';
import { effectiveOfWorkload } from '../engine/effective.js';
import { blockersOf } from '../engine/ingress-controller.js';
import { podsSelected } from '../engine/matching.js';
import { type NeededConnection, type NeededServer, neededConnection } from '../engine/needed-connections.js';
import { needsOf, type OutsideNeed, outsideNeedsOf } from '../engine/needs.js';
import { pairOf } from '../engine/pair.js';
import { beyond, repairs } from '../engine/repair.js';
import type { Direction, Policy } from '../model/policy.js';
import { includes, printPorts } from '../model/ports.js';
import { list } from '../model/print.js';
import type { Fix } from '../text/fix.js';
import type { Placed, Scope } from '../workspace/scope.js';
import { isVariant } from './applied-together.js';
import { blockWords } from './ip-blocks.js';
import { perhapsInNamespaceOf } from './isolation.js';
import { isolationPlace } from './policy-nodes.js';
import { defineWorkloadRule, type Finding, type RulePage, type WorkloadContext } from './rule.js';

export const neededConnectionBlocked = defineWorkloadRule({
  id: 'needed-connection-blocked',
  group: 'Needed traffic',
  severity: 'warning',
  summary: 'A workload’s settings name a service that the policies keep it from.',
  concerns: ({ settings }) => settings.length > 0,
  *check(context) {
    const { scope, profile, workload } = context;
    for (const need of needsOf(scope, workload)) {
      const connection = neededConnection(scope, profile, need);
      if (connection.allowed !== 'no') continue;
      const found = finding(context, connection);
      if (found !== undefined) yield found;
    }
    for (const need of outsideNeedsOf(scope, workload)) {
      const found = outsideFinding(context, need);
      if (found !== undefined) yield found;
    }
  },
});

export const neededConnectionBlockedPage: RulePage = {
  what: `Reports a workload whose environment variables, arguments or ConfigMaps name a service of the manifests, while the policies surely deny the connection: on the workload's egress, on the ingress of the pods behind the service, or on both.

A name counts as a need only where it stands as something to connect to: in a URL or a connection string, as \`host:port\`, as a cluster name such as \`api.shop.svc\`, or as the value of a setting that is called a host (\`DB_HOST\`, \`--upstream-addr\`), and where the manifests have exactly one such service. A port counts where the service has it; without one, every port of the service has to be cut off. What may call the workload (\`ALLOWED_ORIGINS\`), what it is called itself, \`NO_PROXY\`, images and comments are no needs; neither is what a switch beside it turns off (\`TRACING_ENABLED=false\`). Secrets are not read.

The finding stands at the host in the workload, or at the reference to the ConfigMap that names it.

Of a host with a public name (\`https://api.example.com\`) the addresses are not known: it is information where the policies open its port to no address at all, and the settings name no proxy.

The rule stays silent where a template, an unknown label or a policy that cannot be read might allow the connection, where the pods behind the service are not known, and where only some of them are cut off.`,
  why: 'The application starts, waits for its database or its backend, and reports a timeout that names neither policy. Its settings already say what it will connect to, so the gap can be seen before anything is applied.',
  bad: /* @__PURE__ */ example('other'),
  good: /* @__PURE__ */ example('web'),
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
    'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/',
    'https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/',
  ],
};

/** The policies that keep both ends apart, by direction. */
type Blockers = ReadonlyMap<Direction, readonly Placed<Policy>[]>;

function finding(context: WorkloadContext, { need, servers }: NeededConnection): Finding | undefined {
  const { scope, workload } = context;
  const [first] = servers;
  if (first === undefined) return undefined;
  const blockers = blockersBetween(first);
  for (const [direction, policies] of blockers) {
    if (mayBeOther(scope, direction === 'egress' ? [workload] : servers.map((each) => each.workload), policies)) return;
  }
  const { setting, written, at, source } = need.evidence;
  const names = workloadNames(
    servers.map((server) => server.workload),
    workload.namespace,
  );
  const [port] = need.ports;
  const translated = need.ports.length === 1 && port !== undefined && !includes(first.ports, port.protocol, port.port);
  const through = translated ? `, which port ${port.port} of service ${need.service.value.name} leads to` : '';
  const blocked = [...blockers].map(([direction, policies]) => {
    const by = `(${policyList(policies)})`;
    return direction === 'egress'
      ? `the egress policies of ${workload.value.name} ${by} do not let it out`
      : `the ingress policies of ${names} ${by} do not let it in`;
  });
  return {
    at,
    message: `${workload.value.name} needs ${names} on ${printPorts(first.ports)}${through}: ${setting} names ${written}. But ${list(blocked)}, so it will fail. Allow it${blocked.length > 1 ? ' at both ends' : ' there'}, or take the setting out if nothing uses it.`,
    related: [
      ...(source === undefined ? [] : [{ at: source, message: `The ConfigMap names ${written} here.` }]),
      ...[...blockers].flatMap(([direction, policies]) =>
        policyObjects(policies)
          .slice(0, 3)
          .map((policy) => ({
            at: isolationPlace(policy, direction),
            message: `${policy.value.name} isolates ${direction === 'egress' ? workload.value.name : names} for ${direction}.`,
          })),
      ),
    ],
    fixes: servers.length === 1 ? [allow(context, first)] : [],
  };
}

function blockersBetween({ closed, pair }: NeededServer): Blockers {
  if (pair === undefined) return new Map();
  return new Map(
    closed.map((direction) => [
      direction,
      blockersOf(pair.judge, (direction === 'egress' ? pair.from : pair.to).pods, direction).map(
        ({ placed }) => placed,
      ),
    ]),
  );
}

/** Of a host outside the addresses are not known, so that only a port that no rule opens to any address is closed to it. */
function outsideFinding(
  { scope, workload, profile }: WorkloadContext,
  { host, port, evidence }: OutsideNeed,
): Finding | undefined {
  const { egress, partial } = effectiveOfWorkload(scope, workload, profile.cni);
  if (!egress.isolated || egress.uncertain || partial.length > 0 || egress.admin.length > 0) return undefined;
  const open = egress.allowances.some(
    ({ peer, ports }) => (peer.kind !== 'pods' || peer.uncertain) && includes(ports, 'TCP', port),
  );
  if (open || mayBeOther(scope, [workload], egress.isolatedBy)) return undefined;
  const { name } = workload.value;
  const [first] = egress.isolatedBy;
  const outside =
    first?.value.family === 'cilium'
      ? 'its name (toFQDNs) or addresses'
      : `its addresses (${first === undefined ? 'an ipBlock' : blockWords(first.value).block})`;
  return {
    at: evidence.at,
    severity: 'info',
    message: `${name} is set up to connect to ${host} on TCP ${port} (${evidence.setting}), but its egress policies (${policyList(egress.isolatedBy)}) open that port to no address. If it is outside of the cluster, allow ${outside} on TCP ${port}.`,
    related: [
      ...(evidence.source === undefined ? [] : [{ at: evidence.source, message: `The ConfigMap names ${host} here.` }]),
      ...policyObjects(egress.isolatedBy)
        .slice(0, 3)
        .map((policy) => ({
          at: isolationPlace(policy, 'egress'),
          message: `${policy.value.name} isolates ${name} for egress.`,
        })),
    ],
  };
}

function policyList(policies: readonly Placed<Policy>[]): string {
  return list(
    policyObjects(policies).map(({ value }) => value.name),
    3,
  );
}

/** Whether other policies than these may hold: variants of which one is chosen, or a namespace that is left open. */
function mayBeOther(
  scope: Scope,
  pods: readonly WorkloadContext['workload'][],
  policies: readonly Placed<Policy>[],
): boolean {
  return policies.some(
    (policy) =>
      isVariant(scope, policy) ||
      perhapsInNamespaceOf(scope, policy).some(({ value }) =>
        pods.some((each) => podsSelected(value.subject.pods, each.value) !== 'no'),
      ),
  );
}

/** What opens this connection and nothing else, at each end that is closed. It has to be tried to be known. */
function allow({ scope, profile, workload }: WorkloadContext, { workload: server, ports, closed }: NeededServer): Fix {
  const other = workloadNames([server], workload.namespace);
  const sides = closed.map((direction) =>
    direction === 'egress'
      ? `egress of ${workload.value.name} to ${other}`
      : `ingress of ${other} from ${workload.value.name}`,
  );
  return {
    title: `Allow ${list(sides)} on ${printPorts(ports)}`,
    preferred: true,
    costly: true,
    changes() {
      const pair = pairOf(scope, profile, [workload, server], 'namespaces');
      if (pair === undefined) return undefined;
      const asked = { from: pair.from, to: pair.to, ports };
      return repairs(pair.judge, pair.from, pair.to, ports).repairs.find(
        ({ opens }) => beyond(opens, asked).length === 0,
      )?.changes;
    },
  };
}

function example(client: string): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  labels:
    app: web
spec:
  containers:
    - name: web
      image: web
      env:
        - name: API_URL
          value: http://api:8080
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
    - port: 8080
---
apiVersion: v1
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
---
apiVersion: v1
kind: Pod
metadata:
  name: other
  namespace: shop
  labels:
    app: other
spec:
  containers:
    - name: other
      image: other
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
        - podSelector:
            matchLabels:
              app: ${client}
      ports:
        - protocol: TCP
          port: 8080
`;
}
