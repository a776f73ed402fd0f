import { isBehind } from '../engine/needs.js';
import { type Sender, sendersAt, targetsOf } from '../engine/senders.js';
import type { ApiServerCalls, CalledService } from '../model/called-service.js';
import { targetPorts } from '../model/ports.js';
import { list } from '../model/print.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Workload } from '../model/workload.js';
import { contentOf, type Placed } from '../workspace/scope.js';
import { cutOffOn, evidenceOf, letInFixes, type NeededEntry, portsOf, whereCutOff } from './cut-off.js';
import { blockWords } from './ip-blocks.js';
import { isolationPlace } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const webhookBlocked = definePolicyRule({
  id: 'webhook-blocked',
  group: 'Needed traffic',
  severity: 'warning',
  summary: 'A webhook or aggregated API leads to pods that no policy lets the API server reach.',
  *check(context) {
    if (!context.policy.value.isolates.includes('ingress') || context.scope.apiServerCalls.length === 0) return;
    const cut = cutOffOn(context, needsOf(context));
    if (cut.length > 0) yield finding(context, cut);
  },
});

export const webhookBlockedPage: RulePage = {
  what: `Reports a policy that isolates the ingress of pods behind the service of a ValidatingWebhookConfiguration, a MutatingWebhookConfiguration or an APIService, while no policy of the scope can let the API server in on the port that the Service translates to. All policies that select the pods are judged together; where several isolate them, the broadest one carries the finding.

The API server is no pod: it connects from the address of a control-plane node, or through a tunnel whose agents (konnectivity) run in \`kube-system\`. So a rule for that port without peers, any address range, and any rule that may let in pods of \`kube-system\` keep the rule silent.

The fix allows the addresses configured as \`cluster.apiServer\` or \`cluster.nodeCIDRs\`; where neither is configured it opens the port to everyone, and its title says so.`,
  why: `The API server calls a webhook whenever an object is created or changed. Cut off, each such call waits for its timeout; with \`failurePolicy: Fail\` nothing that the webhook is about can be created any more, not even the pods that would serve it. An aggregated API that cannot be reached takes \`kubectl top\` or the autoscaler with it, and holds up the deletion of namespaces.

Only the pod's own node is exempt from policies, so it also happens that it works, until the pod moves to another node than the API server's.`,
  bad: /* @__PURE__ */ example(''),
  good: /* @__PURE__ */ example(`
    - ports:
        - protocol: TCP
          port: 9443`),
  references: [
    'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/',
    'https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/',
    'https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/',
    'https://kubernetes.io/docs/tasks/extend-kubernetes/setup-konnectivity/',
  ],
};

interface CallNeed extends NeededEntry {
  readonly by: ApiServerCalls;
  readonly called: CalledService;
}

/** The agents of the tunnel; what they are labelled differs. */
const tunnel: Sender = sendersAt({
  title: 'konnectivity',
  namespace: 'kube-system',
  namespaceLabels: new Map(),
  labels: new Map(),
});

/** What the API server calls in the policy's namespace. */
function needsOf({ scope, policy, profile }: PolicyContext): ReadonlyMap<Placed<Workload>, readonly CallNeed[]> {
  const { name } = policy.namespace;
  const { services, workloads } = contentOf(scope, policy.namespace);
  const found = new Map<Placed<Workload>, CallNeed[]>();
  const blocks = (profile.apiServer.length > 0 ? profile.apiServer : profile.nodeCidrs).map(({ canonical }) => ({
    ipBlock: { cidr: canonical },
  }));
  for (const { value: by } of scope.apiServerCalls) {
    for (const called of by.calls) {
      const [service, ...others] = services.filter(({ value }) => value.name === called.service);
      if (called.namespace !== name || service === undefined || others.length > 0) continue;
      const ports = service.value.ports.filter(({ port, protocol }) => port === called.port && protocol === 'TCP');
      for (const workload of workloads) {
        if (isBehind(service.value, workload, service) !== 'yes') continue;
        const targets = ports.flatMap((port) => targetsOf(targetPorts(port, workload.value.ports)));
        if (targets.length === 0) continue;
        const need: CallNeed = {
          workload,
          targets,
          senders: [{ kind: 'outside' }, tunnel],
          title: 'the API server',
          peersTitle: peersTitle(profile),
          peers: blocks,
          evidence: [{ at: called.at, message: `${by.kind} ${by.name} makes the API server call ${called.service}.` }],
          by,
          called,
        };
        found.set(workload, [...(found.get(workload) ?? []), need]);
      }
    }
  }
  return found;
}

function peersTitle({ apiServer, nodeCidrs }: ClusterProfile): string {
  if (apiServer.length > 0) return 'the API server’s addresses';
  return nodeCidrs.length > 0 ? 'the node addresses' : 'everyone (the API server’s addresses are not configured)';
}

function finding(context: PolicyContext, cut: ReturnType<typeof cutOffOn<CallNeed>>): Finding {
  const { policy, profile } = context;
  const callers = [...new Set(cut.map(({ need }) => need.by))];
  const webhook = callers.some(({ kind }) => kind !== 'APIService');
  const who = list(
    callers.map(({ kind, name }) => `${kind} ${name}`),
    3,
  );
  const services = [...new Set(cut.map(({ need }) => need.called.service))];
  const known = profile.apiServer.length + profile.nodeCidrs.length > 0;
  return {
    at: isolationPlace(policy, 'ingress'),
    message: `${who} ${callers.length === 1 ? 'makes' : 'make'} the API server call ${whereCutOff(cut, policy)} through Service ${list(services, 3)}, but this policy isolates their ingress and no policy lets it in: it comes from a control-plane node, which no selector matches. ${webhook ? 'Creating or changing objects will wait and fail' : 'Requests for this API will fail'}. Allow ${policy.value.family === 'cilium' ? 'it (fromEntities: [kube-apiserver, remote-node, host])' : known ? 'its addresses' : `its addresses (${blockWords(policy.value).block}), or everyone,`} on ${portsOf(cut)}.`,
    related: evidenceOf(cut),
    // With Cilium no address matches a node.
    fixes: policy.value.family === 'cilium' ? [] : letInFixes(context, cut, 'allow-api-server'),
  };
}

function example(rule: string): string {
  return `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: guard
webhooks:
  - name: guard.example.com
    clientConfig:
      service:
        name: guard
        namespace: guard
    rules: []
    sideEffects: None
    admissionReviewVersions: [v1]
---
apiVersion: v1
kind: Service
metadata:
  name: guard
  namespace: guard
spec:
  selector:
    app: guard
  ports:
    - port: 443
      targetPort: 9443
---
apiVersion: v1
kind: Pod
metadata:
  name: guard
  namespace: guard
  labels:
    app: guard
spec:
  containers:
    - name: guard
      image: guard
      ports:
        - containerPort: 9443
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: guard
  namespace: guard
spec:
  podSelector:
    matchLabels:
      app: guard
  policyTypes:
    - Ingress
  ingress:${rule === '' ? ' []' : rule}
`;
}
