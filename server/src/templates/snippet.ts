import { type ClusterPods, type ClusterProfile, defaultProfile } from '../model/profile.js';
import type { Labels } from '../model/selector.js';
import { renderYaml } from '../text/edits.js';
import { layers, templateNamed, templates } from './catalogue.js';
import { type Fragment, fragments } from './fragments.js';
import { renderTemplate } from './render.js';
import { TabStops } from './tab-stops.js';
import type { Template, TemplateValues } from './template.js';

/** A snippet as editors read it. */
export interface Snippet {
  readonly prefix: readonly string[];
  readonly body: readonly string[];
  readonly description: string;
}

/** The prefix of every template's snippet is `netpol-` and its id; these are the words that people try first. */
const otherPrefixes: Readonly<Record<string, readonly string[]>> = {
  'default-deny-all': ['netpol-default-deny', 'np-deny-all'],
  'default-deny-ingress': ['np-deny-ingress'],
  'default-deny-egress': ['np-deny-egress'],
  'allow-dns-egress': ['np-dns'],
  'allow-intra-namespace': ['np-same-namespace'],
  'allow-ingress-controller': ['np-ingress-controller'],
  'allow-prometheus-scrape': ['np-prometheus', 'np-metrics'],
  'namespace-isolation': ['np-isolate'],
  'allow-all-ingress': ['np-allow-ingress'],
  'allow-all-egress': ['np-allow-egress'],
  'database-tier': ['np-database', 'np-postgres'],
  'allow-database-replication': ['np-replication'],
  'allow-external-api': ['np-external'],
  'allow-api-server': ['np-api-server'],
  'allow-kubelet-probes': ['np-probes'],
  'allow-ambient-hbone': ['np-ambient'],
  'allow-ambient-hbone-egress': ['np-ambient-egress'],
  'block-metadata': ['np-metadata'],
  'allow-node-local-dns': ['np-dns-cache'],
  'allow-ambient-probes': ['np-ambient-probes'],
  'cluster-deny-metadata': ['np-cluster-metadata'],
  'cluster-allow-dns': ['np-cluster-dns'],
  'cluster-allow-monitoring': ['np-cluster-metrics'],
  'cluster-tenant-isolation': ['np-tenant'],
  'cluster-default-deny': ['np-cluster-deny'],
  'admin-network-policy': ['np-anp'],
  'baseline-admin-network-policy': ['np-banp'],
  'allow-from-app': ['np-from-app'],
  'allow-dns-and-app': ['np-to-app'],
  'allow-from-namespace': ['np-from-namespace'],
  'calico-default-deny': ['np-calico-deny'],
  'calico-global-default-deny': ['np-gnp-deny', 'np-calico-global-deny'],
  'calico-allow-dns': ['np-calico-dns'],
  'calico-allow-from-namespace': ['np-calico-namespace'],
  'calico-tier': ['np-tier'],
  'calico-deny-external': ['np-gnp-ssh', 'np-calico-ssh'],
  'calico-block-metadata': ['np-gnp-metadata', 'np-calico-metadata'],
  'calico-network-set': ['np-network-set'],
  'calico-deny-list': ['np-gnp-deny-list', 'np-calico-deny-list'],
  'cilium-default-deny': ['np-cilium-deny', 'np-cnp-deny'],
  'cilium-allow-dns': ['np-cilium-dns', 'np-cnp-dns'],
  'cilium-allow-from-namespace': ['np-cilium-namespace', 'np-cnp-namespace'],
  'cilium-allow-http': ['np-cilium-http', 'np-cnp-http'],
  'cilium-allow-hosts': ['np-cilium-fqdn', 'np-cnp-fqdn'],
  'cilium-allow-api-server': ['np-cilium-api-server', 'np-cnp-api-server'],
  'cilium-allow-world': ['np-cilium-world', 'np-cnp-world'],
  'cilium-cluster-default-deny': ['np-ccnp-deny', 'np-cilium-cluster-deny'],
  'cilium-block-metadata': ['np-ccnp-metadata', 'np-cilium-metadata'],
  'cilium-cidr-group': ['np-cidr-group'],
  'cilium-deny-list': ['np-ccnp-deny-list', 'np-cilium-deny-list'],
};

/** Policies for a whole namespace that are as often wanted for one application. */
const forOneApplication: readonly { readonly id: string; readonly app: string; readonly prefix: readonly string[] }[] =
  [
    { id: 'default-deny-all', app: 'api', prefix: ['netpol-default-deny-all-app', 'np-deny-app'] },
    { id: 'allow-dns-egress', app: 'api', prefix: ['netpol-allow-dns-egress-app', 'np-dns-app'] },
    {
      id: 'allow-ingress-controller',
      app: 'frontend',
      prefix: ['netpol-allow-ingress-controller-app', 'np-ingress-app'],
    },
    { id: 'allow-prometheus-scrape', app: 'api', prefix: ['netpol-allow-prometheus-scrape-app', 'np-metrics-app'] },
  ];

/** A template as a snippet: what can be filled in is a tab stop, in the order in which it appears. */
export function toSnippet(template: Template): Snippet {
  return {
    prefix: [`netpol-${template.id}`, ...(otherPrefixes[template.id] ?? [])],
    body: bodyOf([template], undefined),
    description: template.description,
  };
}

/** The snippet file: every template, the layered set and the fragments, by title. */
export function snippetFile(): Readonly<Record<string, Snippet>> {
  const entries: [string, Snippet][] = templates.map((template) => [template.title, toSnippet(template)]);
  for (const { id, app, prefix } of forOneApplication) {
    const template = templateNamed(id);
    if (template === undefined) continue;
    const snippet = { prefix, body: bodyOf([template], app), description: template.description };
    entries.push([`${template.title}, for one application`, snippet]);
  }
  entries.push(['The layered baseline of a namespace', layeredSnippet()]);
  entries.push(...fragments().map((fragment): [string, Snippet] => [fragment.title, fragmentSnippet(fragment)]));
  return Object.fromEntries(entries);
}

function layeredSnippet(): Snippet {
  return {
    prefix: ['netpol-layered', 'np-layers', 'np-baseline'],
    body: bodyOf(
      layers.flatMap((id) => templateNamed(id) ?? []),
      undefined,
    ),
    description:
      'Isolates every pod of a namespace, then allows DNS, traffic within the namespace, the ingress controller, Prometheus and one application policy, each by its own NetworkPolicy.',
  };
}

function fragmentSnippet({ prefix, description, data }: Fragment): Snippet {
  const tab = new TabStops();
  return { prefix, body: lines(tab.expand(renderYaml(data(tab)))), description };
}

function bodyOf(policies: readonly Template[], app: string | undefined): readonly string[] {
  const tab = new TabStops();
  const text = policies
    .map((template) => {
      const build = (values: TemplateValues) => quoted(template.build(values));
      // Ports are strings in Cilium's policies, and patterns begin with a star.
      const quoted = (data: ReturnType<Template['build']>) =>
        template.family === 'cilium' ? tab.quotedMap(data) : data;
      return renderTemplate({ ...template, build }, tabStopValues(template, tab, app));
    })
    .join('---\n');
  return lines(tab.expand(text));
}

function tabStopValues(template: Template, tab: TabStops, app: string | undefined): TemplateValues {
  const podLabels: Labels | undefined = app === undefined ? undefined : new Map([['app', tab.stop(app)]]);
  // What has no default stands for the profile's, whose own parts are tab stops.
  const given = template.parameters
    .filter(({ default: text }) => text !== '')
    .map(({ name, default: text }) => [name, tab.stops(text)] as const);
  return {
    namespace: tab.stop('my-namespace', 'namespace'),
    podLabels,
    profile: tabStopProfile(tab),
    given: Object.fromEntries(given),
  };
}

/** A person fills in at once what differs most between clusters. DNS does not: almost every cluster has the default. */
function tabStopProfile(tab: TabStops): ClusterProfile {
  return {
    ...defaultProfile,
    ingressControllers: [tabStopPods(defaultProfile.ingressControllers[0], tab)],
    monitoring: tabStopPods(defaultProfile.monitoring, tab),
  };
}

function tabStopPods(pods: ClusterPods, tab: TabStops): ClusterPods {
  const labels = new Map([...pods.labels].map(([key, value]) => [key, tab.stop(value)]));
  return { ...pods, namespace: tab.stop(pods.namespace), labels };
}

function lines(text: string): readonly string[] {
  return text.replace(/\n$/, '').split('\n');
}
