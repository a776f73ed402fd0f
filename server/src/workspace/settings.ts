import { type Cidr, parseCidr } from '../model/addresses.js';
import { cniNamed, type Version } from '../model/cni.js';
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
import { recordOf } from '../text/json-data.js';
import { checkSettings, type SettingsProblem } from './settings-check.js';
import { ruleSettings, settingsFields } from './settings-fields.js';

export type RuleSetting = (typeof ruleSettings)[number];

/** What a person can configure, read from editor settings or `.netpol.yaml`. */
export interface Settings {
  /** Where no plugin is configured, `profileIn` tells a scope's from its manifests. */
  readonly profile: ClusterProfile;
  readonly rules: ReadonlyMap<string, RuleSetting>;
  /** Patterns as in .gitignore, from the workspace folder. Where there are some, only what they name is read. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly scopes: readonly NamedScope[];
  readonly helm: HelmSettings;
}

/** How charts are rendered, where Helm may be run at all. */
export interface HelmSettings {
  readonly render: boolean;
  readonly kubeVersion: string | undefined;
  readonly values: readonly ChartValues[];
}

export interface ChartValues {
  /** A pattern as in .gitignore, from the workspace folder, for the charts that they are for. */
  readonly charts: string;
  /** Each gives one rendering, with all of its files; paths from the chart's folder. */
  readonly sets: readonly (readonly string[])[];
}

/** Files that a person says are applied to one cluster; patterns as in .gitignore. */
export interface NamedScope {
  /** The folder from which the patterns are told; each workspace folder where none is given. */
  readonly from?: string;
  readonly name: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export const defaultSettings: Settings = {
  profile: defaultProfile,
  rules: new Map(),
  include: [],
  exclude: [],
  scopes: [],
  helm: { render: true, kubeVersion: undefined, values: [] },
};

const fields = settingsFields();

/**
 * Reads settings from plain data, tolerantly: what is wrong or unknown is reported in `problems` and left at its default.
 */
export function readSettings(data: unknown): {
  readonly settings: Settings;
  readonly problems: readonly SettingsProblem[];
} {
  const root = recordOf(data);
  const cluster = recordOf(root.cluster);
  const named = text(root.cni) === 'auto' ? undefined : cniNamed(text(root.cni) ?? '');
  const controllers = controllersOf(cluster).flatMap((each) => readController(each) ?? []);
  const [first = defaultProfile.ingressControllers[0], ...others] = controllers;
  return {
    settings: {
      profile: {
        cni: named ?? defaultProfile.cni,
        cniSource: named === undefined ? 'default' : 'configured',
        cniVersion: version(root.cniVersion),
        kubernetesVersion: version(root.kubernetesVersion),
        podCidrs: cidrs(cluster.podCIDRs),
        serviceCidrs: cidrs(cluster.serviceCIDRs),
        nodeCidrs: cidrs(cluster.nodeCIDRs),
        dns: readDns(cluster.dns),
        nodeLocalDns: cluster.nodeLocalDNS === true ? '169.254.20.10' : text(cluster.nodeLocalDNS) || undefined,
        ingressControllers: [first, ...others],
        monitoring: readPods(cluster.monitoring, prometheus),
        istioAmbient: cluster.istioAmbient === true,
        apiServer: cidrs(cluster.apiServer),
      },
      rules: readRules(recordOf(root.rules)),
      include: strings(root.include),
      exclude: strings(root.exclude),
      scopes: (Array.isArray(root.scopes) ? root.scopes : []).flatMap(readScope),
      helm: readHelm(recordOf(root.helm)),
    },
    problems: [...checkSettings(data, fields), ...sameNames(root.scopes)],
  };
}

/** Two scopes of one name could not be told apart in what is said of them. */
function sameNames(data: unknown): readonly SettingsProblem[] {
  const names = (Array.isArray(data) ? data : []).map((each) => recordOf(each).name);
  return names.flatMap((name, i) =>
    typeof name !== 'string' || names.indexOf(name) === i
      ? []
      : [
          {
            path: ['scopes', i, 'name'],
            onKey: false,
            kind: 'refused' as const,
            message: `is "${name}", as another scope’s name is. Give each scope a name of its own.`,
          },
        ],
  );
}

/** A problem as one line that names its place. */
export function problemText({ path, message }: SettingsProblem): string {
  const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return place === '' ? message : `${place.slice(1)}: ${message}`;
}

function readScope(data: unknown): readonly NamedScope[] {
  const given = recordOf(data);
  const name = text(given.name);
  return name === undefined || name === ''
    ? []
    : [{ name, include: strings(given.include), exclude: strings(given.exclude) }];
}

/** The version that charts are told: their own setting, else the cluster's. */
export function kubeVersionOf({ helm, profile: { kubernetesVersion } }: Settings): string | undefined {
  return helm.kubeVersion ?? kubernetesVersion?.join('.');
}

function readHelm(given: Readonly<Record<string, unknown>>): HelmSettings {
  const kubeVersion = text(given.kubeVersion);
  return {
    render: given.render !== false,
    kubeVersion: version(kubeVersion) === undefined ? undefined : kubeVersion,
    values: Object.entries(recordOf(given.values)).map(([charts, sets]) => ({
      charts,
      sets: (Array.isArray(sets) ? sets : []).map((each) => strings([each].flat())).filter((each) => each.length > 0),
    })),
  };
}

function readRules(given: Readonly<Record<string, unknown>>): ReadonlyMap<string, RuleSetting> {
  return new Map(
    Object.entries(given).flatMap(([id, value]) => {
      // YAML reads a bare `off` as false.
      const setting = ruleSettings.find((each) => each === (value === false ? 'off' : value));
      return setting === undefined ? [] : [[id, setting] as const];
    }),
  );
}

function version(data: unknown): Version | undefined {
  const match = /^v?(\d+)\.(\d+)/.exec(text(data) ?? '');
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

function cidrs(data: unknown): readonly Cidr[] {
  return strings(data).flatMap((each) => parseCidr(each) ?? []);
}

function readDns(value: unknown): readonly [DnsPods, ...DnsPods[]] {
  const given = recordOf(value);
  if (Object.keys(given).length === 0) return defaultProfile.dns;
  const ports = Array.isArray(given.ports) ? given.ports : [];
  const port = ports.find((each) => typeof each === 'number');
  return [{ ...kubeDns, ...readPods(value, kubeDns), ...(typeof port === 'number' ? { port } : {}) }];
}

function controllersOf({ ingressControllers: several, ingressController: one }: Readonly<Record<string, unknown>>) {
  const given = several ?? one;
  return Array.isArray(given) ? given : [given];
}

function readController(data: unknown): ClusterPods | undefined {
  const name = text(data);
  if (name !== undefined) return Object.hasOwn(ingressControllers, name) ? ingressControllers[name] : undefined;
  const given = recordOf(data);
  if (text(given.namespace) === undefined && given.labels === undefined) return undefined;
  return readPods(data, defaultProfile.ingressControllers[0]);
}

function readPods(value: unknown, base: ClusterPods): ClusterPods {
  const given = recordOf(value);
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
    Object.entries(recordOf(value)).flatMap(([key, each]) => (typeof each === 'string' ? [[key, each] as const] : [])),
  );
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string' && each !== '') : [];
}

/** The file's keys before the editor's, one level deep for maps: `rules` and `cluster` are joined. */
export function mergeSettings(editor: unknown, file: unknown): unknown {
  if (typeof file !== 'object' || file === null) return editor;
  const merged: Record<string, unknown> = { ...recordOf(editor) };
  for (const [key, value] of Object.entries(file)) {
    const below = recordOf(merged[key]);
    const given = recordOf(value);
    // One controller in the file stands before several in the editor.
    const one = key === 'cluster' && 'ingressController' in given && !('ingressControllers' in given);
    merged[key] =
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? {
            ...below,
            ...given,
            ...(one ? { ingressControllers: given.ingressController } : {}),
            // Who wants nothing to be run is not overruled by a repository.
            ...(key === 'helm' && below.render === false ? { render: false } : {}),
          }
        : value;
  }
  return merged;
}
