import { admits } from '../engine/senders.js';
import { list } from '../model/print.js';
import type { Scope } from '../workspace/scope.js';
import { type CutOff, cutOffOn, evidenceOf, letInFixes, portsOf, whereCutOff } from './cut-off.js';
import { type EntryNeed, entryNeeds } from './entry-needs.js';
import { blockWords } from './ip-blocks.js';
import { isolationPlace } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const ingressControllerBlocked = definePolicyRule({
  id: 'ingress-controller-blocked',
  group: 'Needed traffic',
  severity: 'warning',
  summary: 'An Ingress or route hands traffic to pods that no policy lets its controller reach.',
  *check(context) {
    if (!context.policy.value.isolates.includes('ingress')) return;
    const cut = cutOffOn(context, entryNeeds(context));
    // What no NetworkPolicy can name may be let in by a policy of the plugin's own kind, which netpol does not see.
    for (const unnamed of [false, true]) {
      const part = cut.filter(({ need }) => (need.controller.product?.unnamed === true) === unnamed);
      if (part.length > 0) yield finding(context, part, unnamed);
    }
  },
});

export const ingressControllerBlockedPage: RulePage = {
  what: `Reports a policy that isolates the ingress of pods to which an Ingress, a route of the Gateway API or an OpenShift Route hands traffic, while no policy of the scope lets the controller reach the pods on the port that the Service translates to. All policies that select the pods are judged together; where several isolate them, the broadest one carries the finding.

Which controller it is comes from the class (\`ingressClassName\`, the old annotation, the IngressClass or GatewayClass behind it). Where its pods run is taken from the workloads of the scope, else from \`cluster.ingressControllers\` in the configuration. Where neither tells, nothing is taken for granted: the finding is raised only if every rule for the port is surely meant for others. An address range, a namespace of which nothing is known and a template keep the rule silent.

It is information where the controller is Cilium's own: no NetworkPolicy can name it, and a CiliumNetworkPolicy with \`fromEntities: [ingress]\` may let it in.`,
  why: `The controller is a pod like any other, in a namespace of its own. After a default-deny it can no longer open connections to the backends, and users see 502 or 504 though every pod is healthy and ready: probes come from the node, which is exempt.

The rule needs the controller's pods as its peer and the port of the pods: policies never see the port of the Service.`,
  bad: /* @__PURE__ */ example(''),
  good: /* @__PURE__ */ example(`
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: ingress-nginx
          podSelector:
            matchLabels:
              app.kubernetes.io/name: ingress-nginx
      ports:
        - protocol: TCP
          port: 8080`),
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/',
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
    'https://gateway-api.sigs.k8s.io/geps/gep-1762/',
    'https://docs.cilium.io/en/stable/network/servicemesh/ingress/',
  ],
};

function finding(context: PolicyContext, cut: readonly CutOff<EntryNeed>[], unnamed: boolean): Finding {
  const { policy } = context;
  return {
    at: isolationPlace(policy, 'ingress'),
    message: messageFor(context, cut, unnamed),
    ...(unnamed ? { severity: 'info' } : {}),
    related: evidenceOf(cut),
    fixes: unnamed ? [] : letInFixes(context, cut, 'allow-ingress-controller'),
  };
}

function messageFor({ scope, policy }: PolicyContext, cut: readonly CutOff<EntryNeed>[], unnamed: boolean): string {
  const entries = [...new Set(cut.map(({ need }) => need.handed.entry.value))];
  const senders = list(
    entries.map(({ kind, name }) => `${kind} ${name}`),
    3,
  );
  const services = [...new Set(cut.map(({ need }) => need.handed.service.name))];
  const controllers = list([...new Set(cut.map(({ need }) => need.title))]);
  const fault = `${senders} ${entries.length === 1 ? 'hands' : 'hand'} traffic to ${whereCutOff(cut, policy)} through Service ${list(services, 3)}`;
  const http = entries.some(({ kind }) => ['Ingress', 'HTTPRoute', 'GRPCRoute', 'Route'].includes(kind));
  const symptom = http ? 'users will see 502 or 504' : 'connections will time out';
  if (unnamed) {
    return `${fault}, and this policy isolates ingress. ${controllers} sends it from no pod${policy.value.family === 'kubernetes' ? ', so no NetworkPolicy can name it' : ''}: without a CiliumNetworkPolicy with \`fromEntities: [ingress]\`, ${symptom}.`;
  }
  const wrongPort = wrongPortText(scope, cut);
  const advice = cut.some(({ need }) => need.controller.product?.addresses !== undefined)
    ? `Allow its addresses (${blockWords(policy.value).block})`
    : 'Allow its pods';
  return `${fault}, but this policy isolates ingress and no policy lets ${controllers} in on ${cut.length === 1 && cut[0]?.need.targets.length === 1 ? 'that port' : 'these ports'}: ${symptom}.${wrongPort} ${advice} on ${portsOf(cut)}.`;
}

/** The controller is let in, but on the service's port. */
function wrongPortText(scope: Scope, cut: readonly CutOff<EntryNeed>[]): string {
  for (const { need, pods } of cut) {
    const { service, backend } = need.handed;
    const [target] = need.targets;
    const port = service.ports.find(
      (each) => backend.port === undefined || each.port === backend.port || each.name === backend.port,
    );
    if (port === undefined || target === undefined || need.targets.some((each) => each.port === port.port)) continue;
    const onServicePort = { protocol: target.protocol, port: port.port };
    if (admits(scope, pods.possible, need.senders, need.workload, onServicePort) === 'no') continue;
    return ` A rule opens ${port.port}, the port of Service ${service.name}, but policies judge the pods' port, ${target.port}.`;
  }
  return '';
}

function example(rule: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  namespace: shop
spec:
  ingressClassName: nginx
  defaultBackend:
    service:
      name: web
      port:
        number: 80
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  selector:
    app: web
  ports:
    - port: 80
      targetPort: 8080
---
apiVersion: v1
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
      ports:
        - containerPort: 8080
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: web
  policyTypes:
    - Ingress
  ingress:${rule === '' ? ' []' : rule}
`;
}
