import { namespaceNamed } from '../engine/cluster-peers.js';
import { admits } from '../engine/senders.js';
import { list } from '../model/print.js';
import type { Workload } from '../model/workload.js';
import type { YamlData } from '../text/edits.js';
import type { Fix } from '../text/fix.js';
import { contentOf, type Placed } from '../workspace/scope.js';
import { appendPolicy, freeName } from './append-policy.js';
import { type CutOff, cutOffOn, distinct, evidenceOf, letInFixes, portsOf, whereCutOff } from './cut-off.js';
import { identifyingLabels } from './identifying-labels.js';
import { isolatedPods, plainestFirst } from './isolation.js';
import { isolationPlace } from './policy-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { prometheusAmong, type ScrapeNeed, scrapeNeeds } from './scrape-needs.js';

export const metricsScrapeBlocked = definePolicyRule({
  id: 'metrics-scrape-blocked',
  group: 'Needed traffic',
  severity: 'warning',
  summary: 'Pods are to be scraped for metrics, and no policy lets the monitoring reach them.',
  *check(context) {
    const { scope, policy, profile } = context;
    if (policy.value.isolates.includes('egress')) yield* fromPrometheus(context);
    if (!policy.value.isolates.includes('ingress')) return;
    const cut = cutOffOn(context, scrapeNeeds(scope, profile, policy.namespace));
    const told = cut.filter(({ need }) => need.shownBy === 'monitor');
    const workloads = new Set(told.map(({ need }) => need.workload));
    const annotated = cut.filter(({ need }) => need.shownBy === 'annotation' && !workloads.has(need.workload));
    if (told.length > 0) yield finding(context, told);
    if (annotated.length > 0) yield { ...finding(context, annotated), severity: 'info' };
  },
});

export const metricsScrapeBlockedPage: RulePage = {
  what: `Reports a policy that isolates the ingress of pods that a ServiceMonitor or PodMonitor has scraped, while no policy of the scope lets the monitoring reach them on the port of the metrics. All policies that select the pods are judged together; where several isolate them, the broadest one carries the finding.

Where Prometheus runs is taken from the workloads and Prometheus objects of the scope, else from \`cluster.monitoring\` in the configuration. Where neither tells, the finding is raised only if every rule for the port is surely meant for others: an address range, a namespace of which nothing is known and a template keep the rule silent. Where Prometheus itself is in the scope and its egress is isolated, that end is judged as well.

Where only the annotation \`prometheus.io/scrape\` shows it, the finding is information: charts set it whether or not anybody looks for it.`,
  why: `Prometheus opens a connection to each pod that it scrapes, from a namespace of its own. After a default-deny the pods go on working, while their metrics and the alerts that rest on them are gone: the targets are shown as down with a timeout, and nothing in the application's namespace tells why.

Policies judge the pods' port: a ServiceMonitor names the port of a Service, which may be another number.`,
  bad: /* @__PURE__ */ example(''),
  good: /* @__PURE__ */ example(`
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: monitoring
          podSelector:
            matchLabels:
              app.kubernetes.io/name: prometheus
      ports:
        - protocol: TCP
          port: 9102`),
  references: [
    'https://prometheus-operator.dev/docs/developer/getting-started/',
    'https://prometheus.io/docs/prometheus/latest/configuration/configuration/#kubernetes_sd_config',
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  ],
};

function finding(context: PolicyContext, cut: readonly CutOff<ScrapeNeed>[]): Finding {
  const { policy } = context;
  const titles = list([...new Set(cut.map(({ need }) => need.title))]);
  return {
    at: isolationPlace(policy, 'ingress'),
    message: `The metrics of ${whereCutOff(cut, policy)} are to be scraped, but this policy isolates ingress and no policy lets ${titles} in: the targets will be down, and alerts on them silent. Allow its pods on ${portsOf(cut)}.`,
    related: evidenceOf(cut),
    fixes: letInFixes(context, cut, 'allow-prometheus-scrape'),
  };
}

/** The other end: Prometheus is among the manifests, its egress is isolated, and it cannot reach what it is to scrape. */
function* fromPrometheus(context: PolicyContext): Iterable<Finding> {
  const { scope, policy, profile } = context;
  const servers = prometheusAmong(scope.workloads);
  const ordered = plainestFirst(scope, 'egress');
  const isolated = servers.some(({ namespace }) => namespace.key === policy.namespace.key)
    ? isolatedPods(context, 'egress').filter(
        ({ workload, certain }) =>
          workload !== undefined && servers.includes(workload) && ordered(certain.isolatedBy)[0] === policy,
      )
    : [];
  for (const { workload, possible } of isolated) {
    if (workload === undefined) continue;
    const cut = [...scope.namespaces.values()].flatMap(({ ref }) =>
      [...scrapeNeeds(scope, profile, ref).values()].flat().flatMap((need) => {
        const others = [{ kind: 'workload', workload: need.workload }] as const;
        const blocked = need.targets.every((target) => admits(scope, possible, others, need.workload, target) === 'no');
        return need.shownBy === 'monitor' && blocked ? [{ need }] : [];
      }),
    );
    if (cut.length === 0) continue;
    yield {
      at: isolationPlace(policy, 'egress'),
      message: `${workload.value.kind} ${workload.value.name} is to scrape ${whereCutOff(cut, policy)}, but this policy isolates its egress and no policy lets it connect there: the targets will be down, and alerts on them silent. Allow egress to these pods on ${portsOf(cut)}.`,
      related: evidenceOf(cut),
      fixes: [allowScrapes(context, workload, cut)],
    };
  }
}

function allowScrapes(
  { scope, policy }: PolicyContext,
  server: Placed<Workload>,
  cut: readonly { readonly need: ScrapeNeed }[],
): Fix {
  const name = freeName(scope, policy, `allow-scrapes-from-${server.value.name}`);
  return {
    title: `Let ${server.value.name} connect to these pods on ${portsOf(cut)} only, by policy ${name}`,
    preferred: true,
    changes() {
      const labelsOf = ({ value, namespace }: Placed<Workload>) =>
        identifyingLabels(value, contentOf(scope, namespace).workloads);
      const own = labelsOf(server);
      const rules = [...new Set(cut.map(({ need }) => need.workload))].map((workload): YamlData | undefined => {
        const labels = labelsOf(workload);
        const { namespace } = workload;
        const elsewhere = namespace.key !== policy.namespace.key;
        if (labels === undefined || (elsewhere && namespace.name === undefined)) return undefined;
        const ports = cut.flatMap(({ need }) => (need.workload === workload ? need.targets : []));
        return {
          to: [
            {
              ...(elsewhere && namespace.name !== undefined
                ? { namespaceSelector: namespaceNamed(namespace.name) }
                : {}),
              podSelector: { matchLabels: Object.fromEntries(labels) },
            },
          ],
          ports: distinct(ports.map(({ protocol, port }) => ({ protocol, port }))),
        };
      });
      const egress = rules.filter((rule) => rule !== undefined);
      if (own === undefined || egress.length < rules.length) return undefined;
      const podSelector = { matchLabels: Object.fromEntries(own) };
      return appendPolicy(policy, name, { podSelector, policyTypes: ['Egress'], egress });
    },
  };
}

function example(rule: string): string {
  return `apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels:
      app: web
  podMetricsEndpoints:
    - port: metrics
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
        - name: metrics
          containerPort: 9102
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
