/**
 * The reference with one thing wrong, for each thing that people get wrong. A mutant replaces a piece of the compiled text,
 * which must stand there exactly once, so that a list that no longer fits says so.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as Objects from './objects.js';
import type * as Verdict from './verdict.js';

export interface Mutant {
  /** What is wrong with it. */
  readonly fault: string;
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
}

export interface Implementation {
  readonly clusterOf: typeof Objects.clusterOf;
  readonly verdict: typeof Verdict.verdict;
}

/** The mutant as modules of its own in a folder. Throws where its text does not fit. */
export async function mutated(folder: string, { fault, file, right, wrong }: Mutant): Promise<Implementation> {
  const compiled = fileURLToPath(new URL('.', import.meta.url));
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(compiled)) {
    if (name.endsWith('.js') && !name.includes('.test.')) cpSync(join(compiled, name), join(folder, name));
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const text = readFileSync(join(folder, file), 'utf8');
  if (text.split(right).length !== 2) throw new Error(`“${fault}”: ${file} must hold the text once: ${right}`);
  writeFileSync(
    join(folder, file),
    text.replace(right, () => wrong),
  );
  const load = (name: string) => import(pathToFileURL(join(folder, name)).href);
  return { ...(await load('objects.js')), ...(await load('verdict.js')) };
}

const select = (fault: string, right: string, wrong: string): Mutant => ({ fault, file: 'select.js', right, wrong });
const ports = (fault: string, right: string, wrong: string): Mutant => ({ fault, file: 'ports.js', right, wrong });
const namespaced = (fault: string, right: string, wrong: string): Mutant => ({
  fault,
  file: 'networkpolicy.js',
  right,
  wrong,
});
const tiers = (fault: string, right: string, wrong: string): Mutant => ({
  fault,
  file: 'clusterpolicy.js',
  right,
  wrong,
});
const whole = (fault: string, right: string, wrong: string): Mutant => ({ fault, file: 'verdict.js', right, wrong });

export const mutants: readonly Mutant[] = [
  select(
    'one label is enough',
    'const equal = Object.entries(selector.matchLabels ?? {}).every(',
    'const equal = !selector.matchLabels || Object.entries(selector.matchLabels).length === 0 ||' +
      'Object.entries(selector.matchLabels).some(',
  ),
  select(
    'labels or expressions',
    'return equal && (selector',
    'return equal && !!selector.matchLabels && !!selector.matchExpressions || (selector.matchExpressions || equal) && (selector',
  ),
  select(
    'one expression is enough',
    '?? []).every((requirement',
    '?? [])[selector.matchExpressions ? "some" : "every"]((requirement',
  ),
  select('NotIn needs the key', 'among : !among', 'among : value !== undefined && !among'),
  select('In and NotIn swapped', "operator === 'In'", "operator === 'NotIn'"),
  select('DoesNotExist as Exists', 'return value === undefined', 'return value !== undefined'),
  select('selectors choose host-network pods', '!pod.hostNetwork && ', ''),
  {
    fault: 'a namespace lacks the label of its name',
    file: 'objects.js',
    right: "{ ...labels, 'kubernetes.io/metadata.name': name }",
    wrong: '{ ...labels }',
  },
  {
    fault: 'names of sidecar ports are not known',
    file: 'objects.js',
    right: '...(template.spec.initContainers ?? [])',
    wrong: '',
  },
  ports('a port without a protocol is any protocol', "port.protocol ?? 'TCP'", 'port.protocol ?? connection.protocol'),
  ports('endPort is exclusive', '<= (port.endPort ?? port.port)', '< (port.endPort ?? port.port + 1)'),
  ports('endPort is ignored', '(port.endPort ?? port.port)', 'port.port'),
  ports('a named port without regard to its protocol', " && (each.protocol ?? 'TCP') === protocol", ''),
  ports('a declared port’s protocol is not defaulted', "(each.protocol ?? 'TCP')", 'each.protocol'),
  ports('a named port of every number', ' && each.containerPort === port', ''),
  ports('a named port of the source', 'isNamedPort({ to, ', 'isNamedPort({ from: to, '),
  ports(
    'ranges of cluster policies are exclusive',
    'connection.port <= end',
    'connection.port < Math.max(end, start + 1)',
  ),
  ports('a cluster policy’s protocol is ignored', "(protocol ?? 'TCP') === connection.protocol && ", ''),
  ports('udp taken as tcp', "destinationPortMatches('UDP'", "destinationPortMatches('TCP'"),
  namespaced('policies reach over namespaces', 'namespaceOf(policy) === own.namespace && ', ''),
  namespaced('every policy selects every pod', 'podMatches(policy.spec?.podSelector ?? {}, own)', '!own.hostNetwork'),
  namespaced(
    'a policy isolates in both directions',
    "policyTypes(policy).includes(direction === 'ingress' ? 'Ingress' : 'Egress')",
    'true',
  ),
  namespaced('policyTypes defaults to Ingress', '.length > 0 ? [', '.length > 9 ? ['),
  namespaced('egress rules alone leave ingress open', "? ['Ingress', 'Egress']", "? ['Egress']"),
  namespaced('an empty egress list isolates', '(spec?.egress ?? []).length > 0', 'spec?.egress'),
  namespaced('the first policy alone counts', 'policies.flatMap', 'policies.slice(0, 1).flatMap'),
  namespaced('the first rule alone counts', '?? []).flatMap((rule', '?? []).slice(0, 1).flatMap((rule'),
  namespaced('every policy must allow', 'return { policies, matching }', wrongEvery()),
  namespaced(
    'peers or ports',
    'return peerMatches && portMatches',
    'return peers.length > 0 && ports.length > 0 ? peerMatches || portMatches : peerMatches && portMatches',
  ),
  namespaced('an empty list of peers is nobody', 'peers.length === 0 || ', ''),
  namespaced('an empty list of ports is no port', 'ports.length === 0 || ', ''),
  namespaced('every peer must match', '|| peers.some(', '|| peers.every('),
  namespaced('every port item must match', '|| ports.some(', '|| ports.every('),
  namespaced(
    'both selectors of a peer: or',
    'if (other.pod === undefined || !podMatches(peer.podSelector ?? {}, other.pod))',
    'if (other.pod && peer.podSelector && peer.namespaceSelector && podMatches(peer.podSelector, other.pod)) return true;' +
      'if (other.pod === undefined || (!peer.namespaceSelector && !podMatches(peer.podSelector ?? {}, other.pod)))',
  ),
  namespaced('a podSelector alone is all namespaces', 'return other.pod.namespace === namespace', 'return true'),
  namespaced(
    'a namespaceSelector chooses addresses outside',
    'if (other.pod === undefined || ',
    'if (other.pod === undefined && peer.namespaceSelector) return true; if (other.pod === undefined || ',
  ),
  namespaced('exceptions are ignored', ' && !(except', ' || !(except'),
  namespaced('only the first exception counts', '(except ?? [])', '(except ?? []).slice(0, 1)'),
  namespaced('an ipBlock matches no pods', "addressesMatchPods !== 'all'", 'true'),
  tiers(
    'higher priorities first',
    '(a.spec.priority ?? -1) - (b.spec.priority ?? -1)',
    '(b.spec.priority ?? -1) - (a.spec.priority ?? -1)',
  ),
  tiers('equal priorities as listed', '? -1 : a.metadata.name > b.metadata.name ? 1 : 0', '? 0 : 0'),
  tiers('priorities are ignored', '(a.spec.priority ?? -1) - (b.spec.priority ?? -1) ||', ''),
  tiers('Pass as Allow', "=== 'Pass' ? 'pass'", "=== 'Pass' ? 'allow'"),
  tiers('Pass as Deny', "=== 'Pass' ? 'pass'", "=== 'Pass' ? 'deny'"),
  tiers(
    'Pass goes on to the next rule',
    'return { action: actionOf(rule)',
    "if (rule.action === 'Pass') continue; return { action: actionOf(rule)",
  ),
  tiers(
    'Pass goes on to the next policy',
    'return { action: actionOf(rule)',
    "if (rule.action === 'Pass') break; return { action: actionOf(rule)",
  ),
  tiers(
    'Deny wins within a policy',
    '(policy.spec[direction] ?? [])',
    "[...(policy.spec[direction] ?? [])].sort((a, b) => Number(b.action === 'Deny') - Number(a.action === 'Deny'))",
  ),
  tiers('the last rule decides', '(policy.spec[direction] ?? [])', '[...(policy.spec[direction] ?? [])].reverse()'),
  tiers('the subject is ignored', '!choosesPod(cluster, policy.spec.subject, own)', 'own.hostNetwork'),
  tiers('only the first policy of a tier counts', '=== tier)))', '=== tier)).slice(0, 1))'),
  tiers('baseline policies in the admin tier', "spec.tier === 'Admin' ? 'admin' : 'baseline'", "'admin'"),
  tiers('every peer of a cluster policy must match', '!peers.some(', '!peers.every('),
  tiers('ports of a cluster policy are ignored', 'if (rule.ports)', 'if (rule.nothing)'),
  tiers('protocols are ignored', 'if (rule.protocols)', 'if (rule.nothing)'),
  tiers('networks match no pods', "addressesMatchPods === 'none'", 'true'),
  tiers(
    'networks match pods alone',
    "other.pod !== undefined && addressesMatchPods === 'none'",
    'other.pod === undefined',
  ),
  tiers(
    'a namespaces peer chooses addresses outside',
    'return other.pod !== undefined && choosesPod(cluster, peer, other.pod)',
    'return other.pod === undefined ? peer.namespaces !== undefined : choosesPod(cluster, peer, other.pod)',
  ),
  tiers('nodes match every node', 'selectorMatches(peer.nodes, other.nodeLabels)', 'true'),
  tiers(
    'a missing namespaceSelector is no namespace',
    'pods.namespaceSelector ?? {}',
    "pods.namespaceSelector ?? { matchLabels: { none: 'none' } }",
  ),
  tiers(
    'both selectors of a cluster policy: or',
    'pod.namespace) && podMatches(pods',
    'pod.namespace) || podMatches(pods',
  ),
  whole('one direction is enough', 'egress.allowed && ingress.allowed', 'egress.allowed || ingress.allowed'),
  whole('ingress is not judged', 'egress.allowed && ingress.allowed', 'egress.allowed'),
  whole('an admin Allow is not final', "admin.action !== 'pass'", "admin.action === 'deny'"),
  whole('an admin Deny is not final', "admin.action !== 'pass'", "admin.action === 'allow'"),
  whole(
    'Pass skips NetworkPolicies',
    'if (isolation !== undefined) {',
    "if (isolation !== undefined && admin?.action !== 'pass') {",
  ),
  whole(
    'the baseline is asked after an isolation that denies',
    'if (isolation !== undefined) {',
    'if (isolation !== undefined && isolation.matching.length > 0) {',
  ),
  whole(
    'the baseline can deny what NetworkPolicy allows',
    'if (isolation !== undefined) {',
    'if (isolation !== undefined && isolation.matching.length === 0) {',
  ),
  whole('the baseline is not asked', 'if (baseline !== undefined && ', 'if (false && '),
  whole('a baseline Pass denies', "baseline.action !== 'pass'", 'true'),
  whole('a pod may be kept from itself', "own.kind === 'Pod' && own === other.pod", 'false'),
  whole('a node may be kept from its pods', "direction === 'ingress' && isOwnNode(", 'false && isOwnNode('),
  whole('every node reaches every pod', ' && own.node === other.pod.node', ''),
];

/** As a firewall would do: where several policies isolate, each has to allow it. */
function wrongEvery(): string {
  return 'return { policies, matching: policies.every((each) => matching.some(({ policy }) => policy === each)) ? matching : [] }';
}
