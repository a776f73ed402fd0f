import { ruleNode } from '../../engine/policy-nodes.js';
import type { Steps } from '../../engine/steps.js';
import { portNameProblem } from '../../kinds/kubernetes/names.js';
import type { Policy, Rule } from '../../model/policy.js';
import { matches } from '../../model/selector.js';
import type { Workload } from '../../model/workload.js';
import { isBehind } from '../../rules/port-destinations.js';
import type { Netpol } from '../../service.js';
import { partOfPlace, type ScalarPart } from '../../text/scalar-part.js';
import { spanOf, stringOf, valueAt, type YamlMap, type YamlNode } from '../../text/tree.js';
import { contentOf, type Placed, type Scope } from '../../workspace/scope.js';
import { cursorAt } from '../cursor.js';
import { Refusal } from '../feature.js';
import { locate } from '../places.js';
import { destinations } from './definition-ports.js';
import { type Renaming, shown } from './renaming.js';

/** A use of a port's name that means the ports of some workloads: a policy's, a service's, a monitor's. */
interface PortUse {
  readonly part: ScalarPart;
  readonly of: readonly Placed<Workload>[];
}

/** All that means one named port. */
export interface PortFamily {
  readonly word: ScalarPart;
  readonly workloads: readonly Placed<Workload>[];
  readonly parts: readonly ScalarPart[];
}

/** A named port at an offset, to be renamed. Undefined where there is none. */
export function portRenaming(netpol: Netpol, uri: string, offset: number): Renaming | undefined {
  const word = portAt(netpol, uri, offset);
  if (word === undefined) return undefined;
  return {
    word,
    *partsFor(name) {
      const { workloads, parts } = yield* portFamily(netpol, uri, word);
      const problem = portNameProblem(name);
      if (problem !== undefined) throw new Refusal(`"${name}" cannot be a port’s name: ${problem}.`);
      if (workloads.length === 0)
        throw new Refusal(`No container here has a port named "${word.text}", so there is nothing to rename with it.`);
      for (const { value } of workloads) {
        const [taken] = value.ports.filter((port) => port.name === name);
        if (taken === undefined) continue;
        const place = locate(netpol.workspace, taken.at);
        const where = place === undefined ? '' : ` (${shown(place.uri)}, line ${place.range.start.line + 1})`;
        throw new Refusal(`${value.kind} ${value.name} has a port named "${name}" already${where}. Take another name.`);
      }
      return { parts, notes: [] };
    },
  };
}

/** The name of a port under the cursor; undefined where there is none. */
export function portAt({ workspace }: Netpol, uri: string, offset: number): ScalarPart | undefined {
  const cursor = cursorAt(workspace, uri, offset);
  if (cursor === undefined || cursor.location.onKey) return undefined;
  const { node } = cursor.location;
  const name = stringOf(node);
  if (name === undefined || name === '' || !isPortField(cursor.path)) return undefined;
  return partOfPlace(name, spanOf(node));
}

/** All that means the same port as a name in a file, in steps: every workload may have a port of that name. */
export function* portFamily({ workspace }: Netpol, uri: string, word: ScalarPart): Steps<PortFamily> {
  const { index } = workspace;
  const scopes = new Set([...index.scopesOf(uri), ...index.scopesWith(uri)]);
  const found = new Map<unknown, Map<number, ScalarPart>>();
  const workloads = new Set<Placed<Workload>>();
  const add = (part: ScalarPart) => {
    const { document, range } = part.at;
    const known = found.get(document) ?? new Map<number, ScalarPart>();
    found.set(document, known.set(range.start, part));
    for (const scope of index.scopesOf(document.uri)) scopes.add(scope);
  };
  const isFound = ({ at }: ScalarPart) => found.get(at.document)?.has(at.range.start) === true;
  add(word);
  const known = new Map<Scope, ScopePorts>();
  for (let size = -1; size !== workloads.size + countOf(found); ) {
    size = workloads.size + countOf(found);
    for (const scope of scopes) {
      const ports = known.get(scope) ?? (yield* portsIn(scope, word.text));
      yield;
      known.set(scope, ports);
      for (const [workload, parts] of ports.own) {
        if (!workloads.has(workload) && !parts.some(isFound)) continue;
        workloads.add(workload);
        parts.forEach(add);
      }
      for (const { part, of } of ports.uses) {
        if (!isFound(part) && !of.some((each) => workloads.has(each))) continue;
        add(part);
        for (const each of of) workloads.add(each);
      }
    }
  }
  return { word, workloads: [...workloads], parts: [...found.values()].flatMap((each) => [...each.values()]) };
}

/** How many objects are looked at in one step. */
const atOnce = 100;

/** What a scope has of a port's name. */
interface ScopePorts {
  readonly own: ReadonlyMap<Placed<Workload>, readonly ScalarPart[]>;
  readonly uses: readonly PortUse[];
}

function* portsIn(scope: Scope, name: string): Steps<ScopePorts> {
  const named = scope.workloads.filter(({ value }) => value.ports.some((port) => port.name === name));
  const own = new Map<Placed<Workload>, readonly ScalarPart[]>();
  for (const [index, each] of named.entries()) {
    if (index % atOnce === atOnce - 1) yield;
    own.set(each, ownUses(each, name));
  }
  return { own, uses: yield* usesIn(scope, named, name) };
}

function countOf(found: ReadonlyMap<unknown, ReadonlyMap<number, ScalarPart>>): number {
  let sum = 0;
  for (const each of found.values()) sum += each.size;
  return sum;
}

/** Fields that hold the name of a container's port. Names of a service's own ports are other names. */
function isPortField(path: readonly (string | number)[]): boolean {
  const words = path.filter((step) => typeof step === 'string');
  const [field, above] = [words.at(-1), words.at(-2)];
  if (field === 'name') return above === 'ports' && (words.includes('containers') || words.includes('initContainers'));
  if (field === 'targetPort') return true;
  if (field === 'ports' || field === 'notPorts') return words.includes('source') || words.includes('destination');
  if (field !== 'port') return field === 'namedPort';
  return above !== 'endpoints' && above !== 'backend' && !words.includes('backendRefs');
}

/** A workload's containers and probes, as far as they name the port. */
function ownUses({ value, resource }: Placed<Workload>, name: string): readonly ScalarPart[] {
  const declared = value.ports.flatMap((port) => (port.name === name ? [partOfPlace(name, port.at)] : []));
  return [...declared, ...probesOf(resource.node).filter(({ text }) => text === name)];
}

function probesOf(node: YamlMap): readonly ScalarPart[] {
  const known = probes.get(node);
  if (known !== undefined) return known;
  const found = [...probed(node)];
  probes.set(node, found);
  return found;
}

/** A pure function's memory: a tree never changes. */
const probes = new WeakMap<YamlMap, readonly ScalarPart[]>();

const probeActions: ReadonlySet<string> = new Set(['httpGet', 'tcpSocket', 'grpc']);

/** What the kubelet connects to: probes, and hooks of the containers' life. */
function* probed(node: YamlNode | undefined, above = ''): Generator<ScalarPart> {
  if (node?.kind === 'sequence') for (const { value } of node.items) yield* probed(value);
  if (node?.kind !== 'map') return;
  const port = probeActions.has(above) ? valueAt(node, 'port') : undefined;
  const name = port && stringOf(port);
  if (port !== undefined && name !== undefined) yield partOfPlace(name, spanOf(port));
  for (const entry of node.entries) yield* probed(entry.value, String(entry.key.value));
}

/** What names the port of some of these workloads from elsewhere in the scope. */
function* usesIn(scope: Scope, named: readonly Placed<Workload>[], name: string): Steps<readonly PortUse[]> {
  const uses: PortUse[] = [];
  const isNamed = new Set(named);
  for (const [index, policy] of scope.policies.entries()) {
    if (index % atOnce === atOnce - 1) yield;
    for (const rule of policy.value.rules) {
      for (const clause of rule.clauses) {
        if (clause.name !== name || clause.portAt === undefined) continue;
        const of = destinations(scope, policy, rule).filter((workload) => isNamed.has(workload));
        uses.push({ part: partOfPlace(name, clause.portAt), of });
      }
      if (rule.exceptPorts !== undefined)
        for (const part of exceptedPorts(policy, rule, name)) uses.push({ part, of: named });
    }
  }
  for (const { services, ref } of scope.namespaces.values()) {
    yield;
    for (const { value, resource } of services) {
      if (!value.ports.some(({ targetPort }) => targetPort === name)) continue;
      const of = contentOf(scope, ref).workloads.filter((each) => isNamed.has(each) && isBehind(each.value, value));
      for (const part of fieldsNamed(valueAt(resource.node, 'spec'), 'ports', 'targetPort', name))
        uses.push({ part, of });
    }
  }
  for (const { value, namespace, resource } of scope.monitors) {
    if (value.selects !== 'pods' || !value.endpoints.some(({ port }) => port === name)) continue;
    const isThere = (each: Placed<Workload>) =>
      value.namespaces === 'any' ||
      (value.namespaces === 'own'
        ? each.namespace.key === namespace.key
        : value.namespaces.includes(each.namespace.name ?? ''));
    const of = named.filter((each) => isThere(each) && matches(value.selector, each.value.labels));
    for (const part of fieldsNamed(valueAt(resource.node, 'spec'), 'podMetricsEndpoints', 'port', name))
      uses.push({ part, of });
  }
  return uses;
}

function fieldsNamed(node: YamlNode | undefined, list: string, field: string, name: string): readonly ScalarPart[] {
  const items = valueAt(node, list);
  return (items?.kind === 'sequence' ? items.items : []).flatMap(({ value }) => {
    const port = valueAt(value, field);
    return port !== undefined && stringOf(port) === name ? [partOfPlace(name, spanOf(port))] : [];
  });
}

/** Names among the ports that a rule of Calico is not about: of which pods matters little, they are all taken along. */
function exceptedPorts(policy: Placed<Policy>, rule: Rule, name: string): readonly ScalarPart[] {
  const node = ruleNode(policy, rule);
  return ['source', 'destination'].flatMap((end) => {
    const list = valueAt(valueAt(node, end), 'notPorts');
    return (list?.kind === 'sequence' ? list.items : []).flatMap(({ value }) =>
      stringOf(value) === name ? [partOfPlace(name, spanOf(value))] : [],
    );
  });
}
