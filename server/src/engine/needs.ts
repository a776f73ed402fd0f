import {
  type HostMention,
  hostsIn,
  isPublic,
  namesProxy,
  portNameFor,
  settingKey,
  turnedOffBy,
} from '../model/hosts.js';
import { type Labels, matches, matchesOpen, type Selector } from '../model/selector.js';
import { type ConfigEntry, type ConfigUse, type ContainerSettings, fitting, type Setting } from '../model/setting.js';
import type { Answer } from '../model/three.js';
import type { Place, Service, ServicePort, Workload } from '../model/workload.js';
import { contentOf, type NamespaceContent, type Placed, type Scope } from '../workspace/scope.js';

/** Where the manifests say that a workload connects to something. */
export interface Evidence {
  /** The setting, as a person would call it: "API_URL", "its command line", "app.yaml in ConfigMap app". */
  readonly setting: string;
  /** The host as it is written there, with its port if it has one. */
  readonly written: string;
  /** In the workload's own text: the host, or the reference to the ConfigMap that names it. */
  readonly at: Place;
  /** The host in the ConfigMap. */
  readonly source: Place | undefined;
}

/** A service that a workload is set up to connect to. */
export interface Need {
  readonly client: Placed<Workload>;
  readonly service: Placed<Service>;
  /** The ports of the service that may be meant: one where the settings tell, else all. Never empty. */
  readonly ports: readonly ServicePort[];
  /** The one pod that is called by its own name (`db-0` of `db-0.db`). */
  readonly only: string | undefined;
  readonly evidence: Evidence;
}

/**
 * The services of the scope that a workload's variables, arguments and ConfigMaps name as something to connect to, each with
 * each port once. A name counts only where there is exactly one such service, and a port only where the service has it; the
 * workload's own services are left out. Reads the workload's namespace and those that it names, and of ConfigMaps no more
 * than 300,000 characters for one workload.
 * Source of the names: Kubernetes' DNS specification; of `X_SERVICE_HOST`: the kubelet's service variables.
 */
export function needsOf(scope: Scope, client: Placed<Workload>): readonly Need[] {
  const found = new Map<string, Need>();
  const fits = fitting(mostText);
  for (const container of client.value.settings) {
    for (const group of groupsOf(contentOf(scope, client.namespace), container, fits)) {
      for (const told of group.told) {
        for (const need of needsIn(scope, client, told, group)) {
          const key = `${need.service.namespace.key} ${need.service.value.name} ${need.only} ${portsKey(need)}`;
          if (!found.has(key)) found.set(key, need);
        }
      }
    }
  }
  const needs = [...found.values()];
  // What is said with its port needs not be said without.
  return needs.filter(
    (need) =>
      need.ports.length === 1 || !needs.some(({ service, ports }) => service === need.service && ports.length === 1),
  );
}

/** A host outside of the cluster that a workload is set up to connect to. */
export interface OutsideNeed {
  readonly host: string;
  /** Over TCP. */
  readonly port: number;
  readonly evidence: Evidence;
}

/**
 * The hosts of public names that a workload's variables and arguments give with a port, each once; none where they name a
 * proxy. Files are left out: they speak of many hosts.
 */
export function outsideNeedsOf(scope: Scope, client: Placed<Workload>): readonly OutsideNeed[] {
  const found = new Map<string, OutsideNeed>();
  const fits = fitting(mostText);
  for (const container of client.value.settings) {
    const [variables, words] = groupsOf(contentOf(scope, client.namespace), container, fits);
    if (variables.told.some(({ setting }) => namesProxy(setting))) return [];
    for (const group of [variables, words]) {
      for (const told of group.told) {
        for (const mention of mentionsIn(told, group)) {
          const { host, port } = mention;
          if (port === undefined || !isPublic(host) || found.has(`${host}:${port}`)) continue;
          found.set(`${host}:${port}`, { host, port, evidence: evidenceOf(told, mention) });
        }
      }
    }
  }
  return [...found.values()];
}

function portsKey({ ports }: Need): string {
  return ports.map(({ port, protocol }) => `${protocol} ${port}`).join();
}

/** A setting, and how the workload gets it. */
interface Told {
  readonly setting: Setting;
  readonly label: string;
  /** The reference to the ConfigMap in which the setting stands. */
  readonly via: Place | undefined;
}

/** Settings that stand beside each other: one gives another its port, or turns it off. */
interface Group {
  readonly told: readonly Told[];
  /** By the key of their names. */
  readonly ports: ReadonlyMap<string, readonly number[]>;
  /** How the keys begin of what is turned off. */
  readonly off: readonly string[];
}

function grouped(told: readonly Told[]): Group {
  const ports = new Map<string, number[]>();
  const off: string[] = [];
  for (const { setting } of told) {
    const prefix = turnedOffBy(setting.name, setting.text);
    if (prefix !== undefined) off.push(prefix);
    if (!/^\d+$/.test(setting.text)) continue;
    const key = settingKey(setting.name);
    ports.set(key, [...(ports.get(key) ?? []).slice(0, 1), Number(setting.text)]);
  }
  return { told, ports, off };
}

/** What is read of ConfigMaps for one workload, which may use a long one many times. */
const mostText = 300_000;

/** The variables, the command line, and each file; of ConfigMaps what fits. */
function groupsOf(
  content: NamespaceContent,
  container: ContainerSettings,
  fits: (text: string) => boolean,
): readonly [variables: Group, words: Group, ...files: Group[]] {
  const variables: Told[] = container.variables.map((setting) => ({ setting, label: setting.name, via: undefined }));
  const files: Told[][] = [];
  for (const use of container.uses) {
    for (const { settings, ...entry } of entriesOf(content, use)) {
      const read = settings.filter(({ name, text }) => fits(name + text));
      const told = (setting: Setting, name: string): Told => ({
        setting: { ...setting, name },
        label: `${name === '' || entry.file ? entry.key : name} in ConfigMap ${use.config}`,
        via: use.at,
      });
      // A file of one line is no setting with a name.
      if (use.as.kind === 'files') files.push(read.map((each) => told(each, entry.file ? each.name : '')));
      else if (!entry.file) {
        const name = use.as.kind === 'variable' ? use.as.name : use.as.prefix + entry.key;
        variables.push(...read.map((setting) => told(setting, name)));
      }
    }
  }
  const values = new Map(variables.toReversed().map(({ setting }) => [setting.name, setting.text]));
  const expand = (text: string) => expanded(text, values, content.services);
  const words = container.words.map((setting) => ({
    setting: { ...setting, text: expand(setting.text) },
    label: 'its command line',
    via: undefined,
  }));
  const known = variables.map((told) => ({
    ...told,
    setting: { ...told.setting, text: expand(told.setting.text) },
  }));
  return [grouped(known), grouped(words), ...files.map(grouped)];
}

function entriesOf(content: NamespaceContent, { config, keys }: ConfigUse): readonly ConfigEntry[] {
  const named = content.configs.filter(({ value }) => value.name === config);
  // Of several with one name it is not known which is meant.
  if (named.length !== 1) return [];
  const entries = named[0]?.value.entries ?? [];
  return keys === undefined ? entries : entries.filter(({ key }) => keys.includes(key));
}

/** `$(NAME)` in variables and arguments; what is not known stays as it is. Source: k8s.io/api core/v1 Container.args. */
function expanded(text: string, variables: ReadonlyMap<string, string>, services: readonly Placed<Service>[]): string {
  if (!text.includes('$(')) return text;
  return text.replace(/\$\((\w+)\)/g, (whole, name: string) => {
    const set = variables.get(name);
    if (set !== undefined) return set;
    const [, prefix, what] = /^(\w+)_SERVICE_(HOST|PORT)$/.exec(name) ?? [];
    const service = services.find(({ value }) => value.name.toUpperCase().replaceAll('-', '_') === prefix)?.value;
    if (service === undefined) return whole;
    return what === 'HOST' ? service.name : String(service.ports[0]?.port ?? whole);
  });
}

function mentionsIn({ setting }: Told, { off }: Group): readonly HostMention[] {
  const mentions = hostsIn(setting.name, setting.text);
  if (mentions.length === 0 || off.length === 0) return mentions;
  const key = settingKey(setting.name);
  return off.some((prefix) => key.startsWith(prefix)) ? [] : mentions;
}

function* needsIn(scope: Scope, client: Placed<Workload>, told: Told, group: Group): Iterable<Need> {
  for (const mention of mentionsIn(told, group)) {
    const target = serviceNamed(scope, client, mention.host);
    if (target === undefined || isBehind(target.service.value, client, target.service) !== 'no') continue;
    const ports = portsOf(target.service.value, mention.port ?? portBeside(told.setting, group));
    if (ports.length === 0) continue;
    yield { client, ...target, ports, evidence: evidenceOf(told, mention) };
  }
}

function evidenceOf({ setting, label, via }: Told, mention: HostMention): Evidence {
  const place = placeOf(setting.at, mention);
  const source = via === undefined ? undefined : place;
  return { setting: label, written: mention.written, at: via ?? place, source };
}

/** The port that stands beside a host under a name of its own, where exactly one does. */
function portBeside({ name }: Setting, group: Group): number | undefined {
  const [port, ...others] = group.ports.get(portNameFor(name) ?? '') ?? [];
  return others.length === 0 ? port : undefined;
}

function portsOf({ ports, headless }: Service, port: number | undefined): readonly ServicePort[] {
  if (port === undefined) return ports;
  return ports.filter((each) => each.port === port || (headless && each.targetPort === port)).slice(0, 1);
}

/** `name`, `name.ns`, `name.ns.svc…`, and with a pod's name before that of its headless service. */
function serviceNamed(
  scope: Scope,
  client: Placed<Workload>,
  host: string,
): Pick<Need, 'service' | 'only'> | undefined {
  const labels = host.split('.');
  const svc = labels.indexOf('svc', 1); // A service may itself be called so.
  if (labels.length > 3 && svc < 0) return undefined;
  const [first = '', second, third] = svc < 0 ? labels : labels.slice(0, svc);
  if (svc > 3) return undefined;
  const plain = svc < 0 || svc === 2 ? oneService(scope, client, first, second) : undefined;
  if (plain !== undefined && third === undefined) return { service: plain, only: undefined };
  if (!/-\d+$/.test(first) || second === undefined) return undefined;
  const service = oneService(scope, client, second, third);
  return service?.value.headless === true ? { service, only: first } : undefined;
}

function oneService(
  scope: Scope,
  client: Placed<Workload>,
  name: string,
  namespace: string | undefined,
): Placed<Service> | undefined {
  const content = namespace === undefined ? contentOf(scope, client.namespace) : scope.namespaces.get(namespace);
  if (content === undefined) return undefined;
  const { services } = content;
  const known = byName.get(services) ?? new Map<string, Placed<Service>[]>();
  if (!byName.has(services)) {
    for (const service of services) {
      known.set(service.value.name, [...(known.get(service.value.name) ?? []), service]);
    }
    byName.set(services, known);
  }
  const [found, ...others] = known.get(name) ?? [];
  return others.length > 0 ? undefined : found;
}

/** A pure function's memory: a scope's lists never change, so what is worked out from one goes when the list goes. */
const byName = new WeakMap<readonly Placed<Service>[], Map<string, Placed<Service>[]>>();

/** Whether a workload's pods are among those behind a service; 'unknown' where a template writes their labels. */
export function isBehind(service: Service, workload: Placed<Workload>, { namespace }: Placed<Service>): Answer {
  if (service.selector === undefined || workload.namespace.key !== namespace.key) return 'no';
  const selector = selectorOf(service.selector);
  const { labels, openLabels } = workload.value;
  if (openLabels) return matchesOpen(selector, labels);
  return matches(selector, labels) ? 'yes' : 'no';
}

function selectorOf(labels: Labels): Selector {
  return { op: 'And', terms: [...labels].map(([key, value]) => ({ op: 'In', key, values: [value] })) };
}

/** The host within its setting; all of the setting where it is not written that way (an expansion, an escape). */
function placeOf({ document, range }: Place, { written }: HostMention): Place {
  const at = document.text.slice(range.start, range.end).indexOf(written);
  if (at < 0) return { document, range };
  const start = range.start + at;
  return { document, range: { start, end: start + written.length } };
}
