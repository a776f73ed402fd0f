import { type Cidr, parseCidr } from '../model/addresses.js';
import { cniNamed } from '../model/cni.js';
import {
  type ClusterPods,
  type ClusterProfile,
  type DnsPods,
  defaultProfile,
  ingressControllers,
  kubeDns,
  prometheus,
} from '../model/profile.js';
import type { Labels } from '../model/selector.js';

export type RuleSetting = 'off' | 'hint' | 'info' | 'warning' | 'error';

/** What a person can configure, read from editor settings or `.netpol.yaml`. */
export interface Settings {
  readonly profile: ClusterProfile;
  readonly rules: ReadonlyMap<string, RuleSetting>;
  readonly exclude: readonly string[];
}

export const defaultSettings: Settings = { profile: defaultProfile, rules: new Map(), exclude: [] };

/**
 * Reads settings from plain data, tolerantly: what is wrong or unknown is reported in `problems` and left at its default.
 */
export function readSettings(data: unknown): { readonly settings: Settings; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const root = record(data);
  const cluster = record(root.cluster);
  const cniName = text(root.cni);
  const cni = cniName === undefined || cniName === '' ? undefined : cniNamed(cniName);
  if (cniName !== undefined && cniName !== '' && cni === undefined)
    problems.push(`cni: there is no profile "${cniName}"`);
  const nodeLocal = cluster.nodeLocalDNS;
  const rules = new Map<string, RuleSetting>();
  for (const [code, given] of Object.entries(record(root.rules))) {
    // A plain `off` is a boolean in the YAML that Kubernetes reads, and so here.
    const value = given === false ? 'off' : given;
    // YAML reads an unquoted `off` as false.
    if (value === false) rules.set(code, 'off');
    else if (isRuleSetting(value)) rules.set(code, value);
    else problems.push(`rules.${code}: use off, hint, info, warning or error`);
  }
  const cidrs = (key: string): readonly Cidr[] =>
    strings(cluster[key]).flatMap((each) => {
      const cidr = parseCidr(each);
      if (cidr === undefined) problems.push(`cluster.${key}: "${each}" is not a CIDR range`);
      return cidr ?? [];
    });
  for (const key of Object.keys(root)) {
    if (!known.has(key)) problems.push(`there is no setting "${key}"; there are ${[...known].join(', ')}`);
  }
  if (typeof root.kubernetesVersion === 'number')
    problems.push('kubernetesVersion: put the version in quotes, such as "1.30"; YAML reads it as a number otherwise');
  const version = /^v?(\d+)\.(\d+)/.exec(text(root.kubernetesVersion) ?? '');
  return {
    settings: {
      profile: {
        cni: cni ?? defaultProfile.cni,
        kubernetesVersion: version === null ? undefined : [Number(version[1]), Number(version[2])],
        podCidrs: cidrs('podCIDRs'),
        serviceCidrs: cidrs('serviceCIDRs'),
        nodeCidrs: cidrs('nodeCIDRs'),
        dns: readDns(cluster.dns),
        nodeLocalDns:
          nodeLocal === true ? '169.254.20.10' : nodeLocal === false ? undefined : text(nodeLocal) || undefined,
        ingressControllers: [readIngress(cluster.ingressController, problems)],
        monitoring: readPods(cluster.monitoring, prometheus),
        istioAmbient: cluster.istioAmbient === true,
        apiServer: cidrs('apiServer'),
      },
      rules,
      exclude: strings(root.exclude),
    },
    problems,
  };
}

/** `scopes` and `include` are read by later versions; `trace` is the editor's own. */
const known = new Set(['cni', 'kubernetesVersion', 'cluster', 'rules', 'exclude', 'include', 'scopes', 'trace']);

function isRuleSetting(value: unknown): value is RuleSetting {
  return value === 'off' || value === 'hint' || value === 'info' || value === 'warning' || value === 'error';
}

function readDns(value: unknown): readonly [DnsPods, ...DnsPods[]] {
  const given = record(value);
  if (Object.keys(given).length === 0) return defaultProfile.dns;
  const ports = Array.isArray(given.ports) ? given.ports : [];
  const port = ports.find((each) => typeof each === 'number');
  return [{ ...kubeDns, ...readPods(value, kubeDns), ...(typeof port === 'number' ? { port } : {}) }];
}

function readIngress(value: unknown, problems: string[]): ClusterPods {
  const name = text(value);
  if (name !== undefined && name !== '') {
    const known = Object.hasOwn(ingressControllers, name) ? ingressControllers[name] : undefined;
    if (known === undefined)
      problems.push(`cluster.ingressController: "${name}" is not known; give namespace and labels`);
    return known ?? defaultProfile.ingressControllers[0];
  }
  return readPods(value, defaultProfile.ingressControllers[0]);
}

function readPods(value: unknown, base: ClusterPods): ClusterPods {
  const given = record(value);
  const namespace = text(given.namespace);
  if (namespace === undefined && given.labels === undefined) return base;
  return {
    title: base.title,
    namespace: namespace ?? base.namespace,
    namespaceLabels: labels(given.namespaceLabels),
    labels: given.labels === undefined ? base.labels : labels(given.labels),
  };
}

function labels(value: unknown): Labels {
  return new Map(
    Object.entries(record(value)).flatMap(([key, each]) => (typeof each === 'string' ? [[key, each] as const] : [])),
  );
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** The file's keys before the editor's, one level deep for maps: `rules` and `cluster` are joined. */
export function mergeSettings(editor: unknown, file: unknown): unknown {
  if (typeof file !== 'object' || file === null) return editor;
  if (typeof editor !== 'object' || editor === null) return file;
  const merged: Record<string, unknown> = { ...editor };
  for (const [key, value] of Object.entries(file)) {
    const below = merged[key];
    merged[key] =
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      typeof below === 'object' &&
      below !== null
        ? { ...below, ...value }
        : value;
  }
  return merged;
}
