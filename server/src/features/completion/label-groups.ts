import { workloadName } from '../../engine/describe.js';
import { namespaceSelected, podsSelected } from '../../engine/matching.js';
import {
  isKubernetes,
  namespaceLabels,
  podNamespace,
  readEndpointSelector,
  serviceAccount,
  splitKey,
} from '../../kinds/cilium/labels.js';
import { itemsOf } from '../../kinds/entry.js';
import { readLabelSelector } from '../../kinds/kubernetes/label-selector.js';
import type { RequirementSource } from '../../model/peer.js';
import { namespaceNameKey } from '../../model/pod-facts.js';
import { count } from '../../model/print.js';
import type { ClusterPods, ClusterProfile } from '../../model/profile.js';
import { fingerprint, matches, type Selector } from '../../model/selector.js';
import type { Service, Workload } from '../../model/workload.js';
import { isNull, spanOf, stringOf, valueAt, type YamlNode } from '../../text/tree.js';
import { contentOf, type NamespaceContent, type Placed, type Scope } from '../../workspace/scope.js';
import type { KnownSite, SiteScope } from './known-site.js';
import {
  type Carriers,
  carrierWords,
  LabelCounter,
  type LabelCounts,
  type LabelledNamespace,
  namespacesIn,
  podLabels,
} from './label-counts.js';
import { conjunction, isOwn, restOf, type SelectorPlace } from './selector-place.js';

/** Objects of one sort that a selector may choose, by their labels. */
export interface LabelGroup {
  readonly use: LabelCounts;
  /** What carries the labels, in the singular; undefined where they are nothing of the manifests. */
  readonly noun?: string;
  /** Groups with a lower number come first; 0 where left out. */
  readonly order?: number;
  words(carriers: Carriers, key: string, value: string): string;
  /** How a label's key is written in the selector. */
  written(key: string): string;
  /** The label that a written key stands for; undefined where it is none of this group's. */
  read(written: string): string | undefined;
}

const plainKeys = { written: (key: string) => key, read: (written: string) => written };

const nearPods = new LabelCounter<Placed<Workload>>(podLabels);
const farPods = new LabelCounter<Placed<Workload>>({ ...podLabels, name: workloadName });
const accounts = new LabelCounter<Placed<Workload>>({
  labels: ({ value }) => new Map([[serviceAccount, value.serviceAccount ?? 'default']]),
  name: workloadName,
});
const services = new LabelCounter<Placed<Service>>({
  labels: ({ value }) => value.labels,
  name: ({ value }) => value.name,
});
const named = new LabelCounter<Placed<{ readonly name: string; readonly labels: Workload['labels'] }>>({
  labels: ({ value }) => value.labels,
  name: ({ value }) => value.name,
});
const namespaces = new LabelCounter<LabelledNamespace>({ labels: (each) => each.labels, name: (each) => each.name });

/** Whose labels a selector may ask for, as far as a scope tells; where nothing meets its other requirements, without them. */
export function labelGroups(site: KnownSite, at: SelectorPlace, where: SiteScope): readonly LabelGroup[] {
  const last = at.selector.findLast((step) => typeof step === 'string');
  switch (last) {
    case 'podSelector':
      return podGroups(site, at, where, site.node([...at.selector.slice(0, -1), 'namespaceSelector']));
    case 'namespaceSelector':
    case 'namespaces':
      return namespaceGroups(site, at, where);
    case 'endpointSelector':
    case 'fromEndpoints':
    case 'toEndpoints':
    case 'fromRequires':
    case 'toRequires':
      return endpointGroups(site, at, where, last !== 'endpointSelector');
    case 'nodeSelector':
    case 'fromNodes':
    case 'toNodes':
    case 'nodes':
      return [{ use: named.use([where.scope.nodes]), ...ofNoun('node'), ...ciliumKeys(site, '') }];
    case 'cidrGroupSelector': {
      const groups = where.scope.addressSets.filter(({ value }) => value.kind === 'CiliumCIDRGroup');
      return [{ use: named.use([groups]), ...ofNoun('CIDR group'), ...ciliumKeys(site, '') }];
    }
    case 'selector':
      return ofOtherKinds(site, at, where);
    default:
      return [];
  }
}

function ofNoun(noun: string): Pick<LabelGroup, 'noun' | 'words'> {
  return { noun, words: (carriers) => carrierWords(carriers, noun) };
}

/** `spec.selector` of a Service, of a workload and of monitors; services as a peer of Cilium. */
function ofOtherKinds(site: KnownSite, at: SelectorPlace, where: SiteScope): readonly LabelGroup[] {
  const { scope, own } = where;
  const { kind, object } = site.resource;
  if (at.selector.at(-2) === 'k8sServiceSelector') {
    const namespace = stringOf(site.node([...at.selector.slice(0, -1), 'namespace']));
    return [servicesIn(contentsWhere(scope, ({ ref }) => namespace === undefined || ref.name === namespace))];
  }
  if (object?.type === 'workload') {
    const workload = scope.workloadOf(site.resource);
    const use = nearPods.use(workload === undefined ? [] : [[workload]]);
    return [{ use, words: () => 'On the pods of its own template', ...plainKeys }];
  }
  const chosen = site.node(['spec', 'namespaceSelector']);
  const names = itemsOf(valueAt(chosen, 'matchNames')).flatMap((each) => stringOf(each) ?? []);
  const any = valueAt(chosen, 'any');
  const everywhere = any?.kind === 'scalar' && any.value === true;
  const contents = contentsWhere(scope, ({ ref }) =>
    everywhere ? true : names.length > 0 ? names.includes(ref.name ?? '') : own === undefined || ref.key === own.key,
  );
  if (kind.kind === 'ServiceMonitor') return [servicesIn(contents)];
  if (kind.kind !== 'Service' && kind.kind !== 'PodMonitor') return [];
  const near = kind.kind === 'Service' ? podsIn(site, where, undefined) : undefined;
  const { counter, lists } = near ?? { counter: nearPods, lists: contents.map(({ workloads }) => workloads) };
  return [{ use: narrowed(counter, lists, restOf(site, at)), ...ofNoun('workload'), ...plainKeys }];
}

function servicesIn(contents: readonly NamespaceContent[]): LabelGroup {
  const use = services.use(contents.map((content) => content.services));
  return { use, ...ofNoun('service'), ...plainKeys };
}

function contentsWhere(scope: Scope, wanted: (content: NamespaceContent) => boolean): readonly NamespaceContent[] {
  return [...scope.namespaces.values()].filter(wanted);
}

function podGroups(
  site: KnownSite,
  at: SelectorPlace,
  where: SiteScope,
  namespaceSelector: YamlNode | undefined,
): readonly LabelGroup[] {
  const rest = restOf(site, at);
  const selector =
    namespaceSelector === undefined || isNull(namespaceSelector)
      ? undefined
      : readLabelSelector(namespaceSelector, spanOf(namespaceSelector)).selector;
  const { counter, lists } = podsIn(site, where, selector);
  const use = narrowed(counter, lists, rest);
  return [
    { use, ...ofNoun('workload'), ...plainKeys },
    ...(selector === undefined ? [] : clusterPods(site.netpol.profileOf(where.scope), where.scope, selector)),
  ];
}

/** The pods of the namespaces that a selector chooses; without one, of the own namespace, or of all where there is none. */
function podsIn(site: KnownSite, { scope, own }: SiteScope, selector: Selector | undefined) {
  const { object } = site.resource;
  const isClusterWide = object !== undefined && 'clusterWide' in object.value && object.value.clusterWide;
  if (selector === undefined && own !== undefined && !isClusterWide) {
    const { workloads } = contentOf(scope, own);
    // Objects without a namespace may go to that of any other.
    if (workloads.length > 0 || own.name !== undefined) return { counter: nearPods, lists: [workloads] };
  }
  if (selector === undefined || selector.op === 'All') return { counter: farPods, lists: [scope.workloads] };
  const answers = [...scope.namespaces.values()].map((content) => ({
    content,
    answer: namespaceSelected(scope, selector, content.ref),
  }));
  const sure = answers.filter(({ answer }) => answer === 'yes');
  const meant = sure.length > 0 ? sure : answers.filter(({ answer }) => answer === 'unknown');
  return { counter: farPods, lists: meant.map(({ content }) => content.workloads) };
}

function narrowed(
  counter: LabelCounter<Placed<Workload>>,
  lists: readonly (readonly Placed<Workload>[])[],
  rest: Selector,
): LabelCounts {
  if (rest.op === 'All') return counter.use(lists);
  const asked = fingerprint(rest);
  const fitting = lists.map((each) => fittingIn(each, rest, asked));
  return counter.use(fitting.some(({ length }) => length > 0) ? fitting : lists);
}

function fittingIn(workloads: readonly Placed<Workload>[], rest: Selector, asked: string): readonly Placed<Workload>[] {
  const known = lastAsked.get(workloads);
  if (known?.asked === asked) return known.fitting;
  const fitting = workloads.filter(({ value }) => podsSelected(rest, value) !== 'no');
  lastAsked.set(workloads, { asked, fitting });
  return fitting;
}

/** A pure function's memory: with each letter that is typed the same is asked of the same workloads. */
const lastAsked = new WeakMap<
  readonly Placed<Workload>[],
  { readonly asked: string; readonly fitting: readonly Placed<Workload>[] }
>();

function namespaceGroups(site: KnownSite, at: SelectorPlace, { scope }: SiteScope): readonly LabelGroup[] {
  const rest = restOf(site, at);
  return [namespaceGroup(scope, rest, plainKeys), ...foreignNamespaces(site.netpol.profileOf(scope), scope, plainKeys)];
}

type Keys = Pick<LabelGroup, 'written' | 'read'>;

function namespaceGroup(scope: Scope, rest: Selector, keys: Keys): LabelGroup {
  const all = namespacesIn(scope);
  const fitting = rest.op === 'All' ? all : all.filter(({ labels }) => matches(rest, labels));
  return {
    use: namespaces.use([fitting.length > 0 ? fitting : all]),
    noun: 'namespace',
    words: (carriers, key, value) =>
      key === namespaceNameKey && carriers.count === 1
        ? `namespace with ${count(scope.namespaces.get(value)?.workloads.length ?? 0, 'workload')}`
        : carrierWords(carriers, 'namespace'),
    ...keys,
  };
}

/** Pods that every cluster has and the manifests do not: those of the cluster DNS, of the ingress controller. */
function clusterPods(profile: ClusterProfile, scope: Scope, selector: Selector): readonly LabelGroup[] {
  return foreign(profile, scope)
    .filter(({ namespace, namespaceLabels: labels }) =>
      matches(selector, new Map([...labels, [namespaceNameKey, namespace]])),
    )
    .map(({ title, labels }) => foreignGroup(title, labels, plainKeys));
}

function foreignNamespaces(profile: ClusterProfile, scope: Scope, keys: Keys): readonly LabelGroup[] {
  return foreign(profile, scope).map(({ title, namespace, namespaceLabels: labels }) =>
    foreignGroup(title, new Map([[namespaceNameKey, namespace], ...labels]), keys),
  );
}

function foreign({ dns, ingressControllers, monitoring }: ClusterProfile, scope: Scope): readonly ClusterPods[] {
  const here = new Set(namespacesIn(scope).map(({ name }) => name));
  return [...dns, ...ingressControllers, monitoring].filter(({ namespace }) => !here.has(namespace));
}

function foreignGroup(title: string, labels: Workload['labels'], keys: Keys): LabelGroup {
  const nobody: Carriers = { count: 0, names: [] };
  return {
    use: new Map([...labels].map(([key, value]) => [key, new Map([[value, nobody]])])),
    words: () => `${title}, which the manifests do not hold`,
    order: 3,
    ...keys,
  };
}

/** What Cilium's endpoints may be asked for: labels of pods, and, of peers, their namespace. */
function endpointGroups(site: KnownSite, at: SelectorPlace, where: SiteScope, isPeer: boolean): readonly LabelGroup[] {
  const node = site.node(at.selector);
  const read = node?.kind === 'map' ? readEndpointSelector(node, spanOf(node)) : undefined;
  const others = (of: readonly RequirementSource[] = []) => conjunction(of.filter((each) => !isOwn(site, at, each)));
  const rest = others(read?.pods.filter(({ key }) => !key.includes(':')));
  const inNamespaces = others(read?.namespaces);
  const { counter, lists } = podsIn(site, where, inNamespaces.op === 'All' ? undefined : inNamespaces);
  const isClusterWide = where.own === undefined || site.resource.kind.kind === 'CiliumClusterwideNetworkPolicy';
  const pods = { use: narrowed(counter, lists, rest), ...ofNoun('workload'), ...ciliumKeys(site, '') };
  const ofAccounts = { use: accounts.use(lists), order: 2, ...ofNoun('workload'), ...ciliumKeys(site, 'k8s:') };
  if (!isPeer && !isClusterWide) return [pods, ofAccounts];
  const keys = namespaceKeys(site);
  return [
    pods,
    { ...namespaceGroup(where.scope, inNamespaces, keys), order: 1 },
    ofAccounts,
    ...foreignNamespaces(site.netpol.profileOf(where.scope), where.scope, keys),
    ...(inNamespaces.op === 'All' ? [] : clusterPods(site.netpol.profileOf(where.scope), where.scope, inNamespaces)),
  ];
}

/** Keys with the source before them that the author writes, else with the usual one. */
function ciliumKeys({ place, path, node }: KnownSite, usual: '' | 'k8s:'): Keys {
  const map = node(place.what === 'node' ? path : path.slice(0, -1));
  const isPrefixed = map?.kind === 'map' && map.entries.some(({ key }) => String(key.value).startsWith('k8s:'));
  const source = /^(?:k8s|any):/.exec(place.typed)?.[0] ?? (isPrefixed ? 'k8s:' : usual);
  return {
    written: (key) => source + key,
    read: (written) => {
      const { source: from, key } = splitKey(written);
      return isKubernetes(from) || from === 'node' || from === 'cidrgroup' ? key : undefined;
    },
  };
}

function namespaceKeys(site: KnownSite): Keys {
  const keys = ciliumKeys(site, 'k8s:');
  return {
    written: (key) => keys.written(key === namespaceNameKey ? podNamespace : namespaceLabels + key),
    read: (written) => {
      const key = keys.read(written);
      if (key === podNamespace) return namespaceNameKey;
      return key?.startsWith(namespaceLabels) === true ? key.slice(namespaceLabels.length) : undefined;
    },
  };
}
