import { type CniProfile, cniNamed, type Version } from '../model/cni.js';
import type { ClusterProfile, CniEvidence } from '../model/profile.js';
import type { Workload } from '../model/workload.js';
import { stringOf, valueAt, type YamlNode } from '../text/tree.js';
import type { Placed, Scope } from './scope.js';
import type { Settings } from './settings.js';

/** The plugin that manifests install. */
export interface DetectedCni {
  readonly cni: CniProfile;
  readonly evidence: CniEvidence;
  readonly version: Version | undefined;
}

/**
 * The profile of a scope's cluster: with the plugin that is configured, else with the one that the scope itself installs.
 * What another scope installs may be for another cluster, and does not count.
 */
export function profileIn(settings: Settings, scope: Scope): ClusterProfile {
  const { profile } = settings;
  if (profile.cniSource === 'configured') return profile;
  const found = detected(scope);
  return found === undefined
    ? profile
    : {
        ...profile,
        cni: found.cni,
        cniSource: found.evidence,
        cniVersion: profile.cniVersion ?? found.version,
      };
}

/** Whether two profiles of one configuration name the same plugin for the same reason. */
export function sameCni(a: ClusterProfile, b: ClusterProfile): boolean {
  if (a === b) return true;
  if (a.cni !== b.cni || String(a.cniVersion) !== String(b.cniVersion)) return false;
  if (typeof a.cniSource === 'string' || typeof b.cniSource === 'string') return a.cniSource === b.cniSource;
  return (
    a.cniSource.at.document === b.cniSource.at.document && a.cniSource.at.range.start === b.cniSource.at.range.start
  );
}

/** A pure function's memory: lists never change, and the entry goes when the list goes. */
const cache = new WeakMap<readonly Placed<Workload>[], { readonly found: DetectedCni | undefined }>();

function detected(scope: Scope): DetectedCni | undefined {
  const { workloads } = scope;
  const known = cache.get(workloads);
  if (known !== undefined) return known.found;
  // A folder that nobody describes may hold tests and examples beside what is applied.
  const counts = ({ uri }: Placed<Workload>) => scope.kind !== 'folder' || !besides.test(uri.slice(scope.id.length));
  const found = detectCni(onePerDaemonSet(workloads).filter(counts));
  cache.set(workloads, { found });
  return found;
}

/** The DaemonSets and, as a snapshot of a cluster has them, one pod of each other one: reading each pod anew would cost. */
function onePerDaemonSet(workloads: readonly Placed<Workload>[]): readonly Placed<Workload>[] {
  const seen = new Set<string>();
  return workloads.filter(({ value, namespace }) => {
    const { kind, name } = daemonOf(value);
    const known = seen.size;
    return kind === 'DaemonSet' && (value.kind === kind || seen.add(`${namespace.key}/${name}`).size > known);
  });
}

/** The object itself, or what made a pod. */
function daemonOf({ kind, name, owner }: Workload): NonNullable<Workload['owner']> {
  return owner ?? { kind, name };
}

const besides = /\/(?:tests?|testdata|e2e|examples?|samples?|fixtures?|demos?|docs?)\//i;

/**
 * The plugin that some DaemonSets, or pods of theirs, install; undefined where none does, or where they are of several that exclude each other.
 * Names and images are those of the plugins' own manifests.
 */
export function detectCni(workloads: readonly Placed<Workload>[]): DetectedCni | undefined {
  const found = workloads.flatMap((workload) => componentsOf(workload).map((each) => ({ ...each, workload })));
  // A network that enforces nothing by itself leaves that to an engine beside it.
  const engines = found.filter(({ name }) => !baseNetworks.has(name));
  const names = new Set((engines.length > 0 ? engines : found).map(({ name }) => name));
  const onFlannel = found.some(({ name }) => name === 'flannel');
  const [name, ...others] = [...names].map((each) => (each === 'calico' && onFlannel ? 'canal' : each));
  const [first] = engines.length > 0 ? engines : found;
  const cni = name === undefined || others.length > 0 ? undefined : cniNamed(name);
  if (cni === undefined || first === undefined) return undefined;
  const { value, namespace } = first.workload;
  const { kind, name: daemon } = daemonOf(value);
  return {
    cni,
    evidence: {
      name: `${kind} ${namespace.name === undefined ? '' : `${namespace.name}/`}${daemon}`,
      at: value.at,
    },
    version: (engines.length > 0 ? engines : found).find(({ version }) => version !== undefined)?.version,
  };
}

/** 'aws' is the VPC CNI whose policy agent is not seen to be switched on; no profile has this name. */
const baseNetworks: ReadonlySet<string> = new Set(['flannel', 'aws']);

const byName: Readonly<Record<string, string>> = {
  'kube-flannel-ds': 'flannel',
  'calico-node': 'calico',
  canal: 'canal',
  cilium: 'cilium',
  'antrea-agent': 'antrea',
  'ovnkube-node': 'ovn-kubernetes',
  'kube-router': 'kube-router',
  'aws-node': 'aws',
  'weave-net': 'weave',
  kindnet: 'kindnet',
  'azure-npm': 'azure-npm',
  'kube-network-policies': 'kube-network-policies',
};

/** By the end of the image's name, without tag and digest. */
const byImage: readonly (readonly [RegExp, string])[] = [
  [/(?:^|[/-])flannel$/, 'flannel'],
  [/(?:^|[/-])calico[/-]node$/, 'calico'],
  [/(?:^|[/-])cilium[/-]cilium$/, 'cilium'],
  [/(?:^|[/-])antrea-(?:agent-)?ubuntu$/, 'antrea'],
  [/(?:^|[/-])kube-router$/, 'kube-router'],
  [/(?:^|\/)amazon-k8s-cni$/, 'aws'],
  [/(?:^|\/)aws-network-policy-agent$/, 'aws-vpc-cni'],
  [/(?:^|\/)weave-(?:kube|npc)$/, 'weave'],
  [/(?:^|\/)kindnetd$/, 'kindnet'],
  [/(?:^|\/)azure-npm$/, 'azure-npm'],
  [/(?:^|\/)kube-network-policies$/, 'kube-network-policies'],
];

interface Component {
  readonly name: string;
  readonly version: Version | undefined;
}

function componentsOf({ value, resource }: Placed<Workload>): readonly Component[] {
  const { name: daemon } = daemonOf(value);
  const named = Object.hasOwn(byName, daemon) ? byName[daemon] : undefined;
  const pod = value.kind === 'Pod' ? resource.node : valueAt(valueAt(resource.node, 'spec'), 'template');
  const containers = valueAt(valueAt(pod, 'spec'), 'containers');
  const items = containers?.kind === 'sequence' ? containers.items.map((item) => item.value) : [];
  const images = items.map((item) => stringOf(valueAt(item, 'image')));
  const found = items.flatMap((item, i) => componentOf(item, images[i]) ?? []);
  // A container that cannot be read may be the engine beside the network.
  const isOpen = containers?.kind !== 'sequence' || containers.incomplete || images.includes(undefined);
  const all =
    named === undefined || found.some(({ name }) => name === named || name === 'calico')
      ? found
      : [{ name: named, version: undefined }, ...found];
  return isOpen && all.every(({ name }) => baseNetworks.has(name)) ? [] : all;
}

function componentOf(container: YamlNode, image: string | undefined): Component | undefined {
  const match = /^([^@]*?)(?::([^/:@]+))?(?:@.*)?$/.exec(image ?? '');
  const name = byImage.find(([pattern]) => pattern.test(match?.[1] ?? ''))?.[1];
  if (name === undefined) return undefined;
  const args = valueAt(container, 'args');
  const words = args?.kind === 'sequence' ? args.items.map((item) => stringOf(item.value)) : [];
  if (name === 'aws-vpc-cni' && !words.includes('--enable-network-policy=true')) return undefined;
  if (name === 'kube-router' && words.includes('--run-firewall=false')) return undefined;
  const version = /^v?(\d+)\.(\d+)/.exec(match?.[2] ?? '');
  return { name, version: version === null ? undefined : [Number(version[1]), Number(version[2])] };
}
