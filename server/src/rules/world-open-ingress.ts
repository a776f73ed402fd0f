import { entryTargets } from '../engine/entries.js';
import { groupBy } from '../engine/group-by.js';
import { selects } from '../engine/matching.js';
import { isConditional } from '../engine/stages.js';
import { allIPv4, allIPv6, isSubset, noAddresses, union } from '../model/addresses.js';
import type { Peer } from '../model/peer.js';
import type { Policy, PortClause, Rule } from '../model/policy.js';
import { includes, isAll, overlaps, type PortSet, printPorts, resolveNamed } from '../model/ports.js';
import { list } from '../model/print.js';
import { type ClusterPods, ingressControllers } from '../model/profile.js';
import { keysOf } from '../model/selector.js';
import type { TransportProtocol, Workload } from '../model/workload.js';
import { contentOf, type NamespaceRef, type Placed } from '../workspace/scope.js';
import { blockWords, type IpBlock, ipBlocksOf } from './ip-blocks.js';
import { neverActs } from './never-acts.js';
import { destinationsOf, isBehind, isSinglePort, targetOf } from './port-destinations.js';
import { isOf } from './port-nodes.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';
import { subjectWords } from './subject-words.js';
import { wellKnownPods } from './well-known.js';

/**
 * TCP ports of what nobody opens to the world on purpose: databases, and doors for administrators. Without the kubelet's
 * 10250: no policy judges the kubelet, and pods with that port (metrics-server, webhooks) are for the API server.
 */
const delicate: ReadonlyMap<number, string> = new Map([
  [22, 'SSH'],
  [1433, 'SQL Server'],
  [2375, 'Docker'],
  [2379, 'etcd'],
  [2380, 'etcd'],
  [3306, 'MySQL'],
  [3389, 'remote desktop'],
  [5432, 'PostgreSQL'],
  [5984, 'CouchDB'],
  [6379, 'Redis'],
  [9042, 'Cassandra'],
  [9200, 'Elasticsearch'],
  [11211, 'memcached'],
  [27017, 'MongoDB'],
]);

export const worldOpenIngress = definePolicyRule({
  id: 'world-open-ingress',
  group: 'Too wide',
  severity: 'info',
  summary: 'An ingress rule lets every address in, on ports that nothing makes public.',
  check,
});

export const worldOpenIngressPage: RulePage = {
  what: `Reports ingress rules whose \`ipBlock\`s take in every IPv4 or every IPv6 address: \`0.0.0.0/0\`, \`::/0\`, or several that add up to it. An \`except\` shows that somebody thought about it, and is left in peace.

It is information in general, and a **warning** for ports of databases and administration (SSH, MySQL, PostgreSQL, Redis, Elasticsearch, MongoDB, etcd, ...). A rule that opens such a port and leaves \`from\` out, which lets in everyone as well, is information; on other ports a missing \`from\` is what many people mean by "no restriction". A rule that is empty altogether (\`- {}\`) is the matter of \`allow-all-rule\`.

Nothing is reported where the manifests show that the pods are meant to be public on the port: a Service of type LoadBalancer or NodePort, an Ingress or a route leads there, or the pods are an ingress controller. Without workloads to look at, ports 80 and 443 are taken to be public.

Of Calico it is \`nets\`, or a rule without a source; of Cilium CIDRs, the entities \`world\` and \`all\`, or an entry without peers. Behind rules that deny some of the same ports nothing is reported, nor where other policies that are judged before deny all of it.`,
  why: `A policy is often the last door in front of a pod: a LoadBalancer Service that is added later, or a cluster whose pod addresses can be reached from other networks, opens it to whoever finds it. Who has to come in can mostly be named: pods by their labels, a company network by its range.

With most network plugins \`0.0.0.0/0\` takes in the cluster's own pods too, with Cilium only what is outside. \`0.0.0.0/0\` is about IPv4 and \`::/0\` about IPv6 alone.`,
  bad: /* @__PURE__ */ example(`ipBlock:
            cidr: 0.0.0.0/0`),
  good: /* @__PURE__ */ example(`podSelector:
            matchLabels:
              app: api`),
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
    'https://docs.cilium.io/en/stable/security/policy/language/#ip-cidr-based',
  ],
};

function* check(context: PolicyContext): Iterable<Finding> {
  const { policy, scope } = context;
  const { family, isolates, clusterWide, staged } = policy.value;
  if (family === 'cluster' || clusterWide || staged || !isolates.includes('ingress')) return;
  // Whether a Service of a chart is public is up to its values.
  if (scope.kind === 'chart') return;
  const blocks = groupBy(ipBlocksOf(policy, 'ingress'), ({ rule }) => rule);
  const limits = policy.value.rules.filter(
    ({ direction, action }) => direction === 'ingress' && (action === 'Deny' || action === 'Pass'),
  );
  for (const rule of policy.value.rules) {
    if (rule.direction !== 'ingress' || rule.uncertain || rule.action !== 'Allow' || rule.own !== undefined) continue;
    // Behind rules that deny some it is about the others; and what a request must be like is a limit as well.
    if (isConditional(rule) || limits.some((other) => isBefore(policy.value, other, rule))) continue;
    const world = worldOf(blocks.get(rule) ?? []);
    if ((world !== undefined || rule.peers.some(isWorld)) && neverActs(context, rule)) continue;
    if (world !== undefined) yield* open(context, rule, world);
    else if (rule.peers.some(isWorld)) yield* sourceless(context, rule);
  }
}

/** Everyone, or everyone outside, by a word. */
function isWorld(peer: Peer): boolean {
  if (peer.kind === 'entity') return peer.entity === 'all' || peer.entity === 'world';
  return peer.kind === 'anything' && !peer.uncertain;
}

/** Whether a rule that denies or passes on is judged before another on some of the same ports, and takes from it. */
function isBefore({ family }: Policy, limit: Rule, { index, ports }: Rule): boolean {
  return (family === 'cilium' || limit.index < index) && overlaps(limit.ports, ports);
}

/** Every address of a family, and the blocks that add up to it; never empty. */
interface World {
  readonly blocks: readonly [IpBlock, ...IpBlock[]];
  readonly words: string;
}

function worldOf(blocks: readonly IpBlock[]): World | undefined {
  const all = blocks.map(({ peer }) => peer.addresses).reduce(union, noAddresses);
  const families = [
    { name: 'IPv4', every: allIPv4, family: 4 },
    { name: 'IPv6', every: allIPv6, family: 6 },
  ].filter(({ every }) => isSubset(every, all));
  const parts = families.flatMap(({ every, family }) => {
    const one = blocks.find(({ peer }) => isSubset(every, peer.addresses));
    return one === undefined
      ? blocks.filter((block) => block.peer.cidr.family === family && !isWithinAnother(block, blocks))
      : [one];
  });
  const [first, ...more] = parts;
  if (first === undefined) return undefined;
  const texts = list(parts.map(({ peer }) => peer.cidr.text));
  const are = more.length === 0 ? 'is' : 'together are';
  return { blocks: [first, ...more], words: `${texts} ${are} every ${list(families.map(({ name }) => name))} address` };
}

function isWithinAnother({ peer }: IpBlock, blocks: readonly IpBlock[]): boolean {
  return blocks.some(
    (other) =>
      other.peer !== peer &&
      isSubset(peer.addresses, other.peer.addresses) &&
      !isSubset(other.peer.addresses, peer.addresses),
  );
}

function* open(context: PolicyContext, rule: Rule, { blocks: [first, ...more], words }: World): Iterable<Finding> {
  const { scope, policy, profile } = context;
  if (isController(context)) return;
  const workloads = destinationsOf(scope, policy, rule)?.sure ?? [];
  const exposed = workloads.filter((workload) => !isPublic(context, workload, rule.ports));
  if (workloads.length === 0 ? opensOnlyWeb(rule) : exposed.length === 0) return;
  const found = delicatePorts(rule, exposed);
  const { ipBlockMatchesPods, title } = profile.cni;
  const pods = {
    yes: `, with ${title} also those of the cluster's pods`,
    no: ` outside of the cluster (with ${title} ${blockWords(policy.value).block} matches no pods)`,
    undefined: ", with most network plugins also those of the cluster's pods",
  }[ipBlockMatchesPods];
  const on = found.length > 0 ? portWords(found) : printPorts(rule.ports);
  const shown =
    workloads.length === 0
      ? ''
      : ' These manifests do not make all of that public by a Service, an Ingress or a route.';
  yield {
    at: first.at,
    ...(found.length > 0 ? { severity: 'warning' } : {}),
    message: `${words}${pods}: they may all connect to ${subjectWords(scope, policy)} (${on}).${shown} Name the pods that need it by their labels, or the addresses.`,
    related: more.map(({ at, peer }) => ({ at, message: `${peer.cidr.text} is the other part` })),
  };
}

/** Without `from` everyone may connect: worth a word only where that is hardly ever meant. */
function* sourceless(context: PolicyContext, rule: Rule): Iterable<Finding> {
  const { scope, policy } = context;
  if (isAll(rule.ports)) return;
  const workloads = destinationsOf(scope, policy, rule)?.sure ?? [];
  if (delicatePorts(rule, workloads).length === 0 || isController(context)) return;
  const exposed = workloads.filter((workload) => !isPublic(context, workload, rule.ports));
  if (workloads.length > 0 && exposed.length === 0) return;
  const [first, ...more] = delicatePorts(rule, exposed);
  if (first === undefined) return;
  const key = sourceKeys[policy.value.family];
  const entity = rule.peers.find((peer) => peer.kind === 'entity');
  const who =
    entity !== undefined
      ? `By the entity ${entity.entity} everyone${entity.entity === 'all' ? ', inside and outside of the cluster,' : ' outside of the cluster'}`
      : `This rule has no \`${key}\`${key === 'fromEndpoints' ? ' or its like' : ''}, so everyone, inside and outside of the cluster,`;
  yield {
    at: first.clause.portAt ?? first.clause.at,
    message: `${who} may connect to ${subjectWords(scope, policy)} (${portWords([first, ...more])}). Name the pods that need it in \`${key}\`.`,
    ...(entity === undefined ? {} : { severity: 'warning' }),
  };
}

const sourceKeys = { kubernetes: 'from', cluster: 'from', calico: 'source', cilium: 'fromEndpoints' } as const;

interface DelicatePort {
  readonly port: number;
  readonly clause: PortClause;
}

/** The ports of databases and the like that a rule names, or opens by a range or a name to pods that declare them. */
function delicatePorts(rule: Rule, workloads: readonly Placed<Workload>[]): readonly DelicatePort[] {
  const declared = workloads.flatMap(({ value }) => value.ports);
  const clauses: readonly PortClause[] =
    rule.clauses.length > 0 ? rule.clauses : [{ ports: rule.ports, protocol: 'any', at: rule.at }];
  return [...delicate.keys()].flatMap((port) => {
    const clause = clauses.find((each) => {
      if (isSinglePort(each)) return each.from === port && isOf('TCP', each.protocol);
      return (
        includes(resolveNamed(each.ports, declared), 'TCP', port) &&
        declared.some((own) => own.port === port && own.protocol === 'TCP')
      );
    });
    return clause === undefined ? [] : [{ port, clause }];
  });
}

function portWords(ports: readonly DelicatePort[]): string {
  return ports.map(({ port }) => `TCP ${port}, ${delicate.get(port)}`).join('; ');
}

/** Without workloads to look at: what listens here is likely a web server for everyone. */
function opensOnlyWeb(rule: Rule): boolean {
  return (
    rule.clauses.length > 0 &&
    rule.clauses.every((clause) => isSinglePort(clause) && /^(80|443)$/.test(`${clause.from}`))
  );
}

/** Labels of pods that a Gateway stands for: they are there to be public. FACTS D3. */
const gatewayKeys = ['gateway.networking.k8s.io/gateway-name', 'gateway.envoyproxy.io/owning-gateway-name'];

/** The policy is about an ingress controller, or about what runs in the namespace of one. */
function isController({ scope, policy, profile }: PolicyContext): boolean {
  const controllers = [...profile.ingressControllers, ...Object.values(ingressControllers)];
  if (controllers.some(({ namespace }) => namespace === policy.namespace.name)) return true;
  const { pods } = policy.value.subject;
  if (wellKnownPods(profile, pods).some((known) => controllers.includes(known))) return true;
  if (gatewayKeys.some((key) => keysOf(pods).has(key))) return true;
  const { workloads } = contentOf(scope, policy.namespace);
  const selected = workloads.filter((workload) => selects(scope, policy, workload) === 'yes');
  return selected.length > 0 && selected.every(({ value }) => isGateway(value, controllers));
}

function isGateway({ labels }: Workload, controllers: readonly ClusterPods[]): boolean {
  if (gatewayKeys.some((key) => labels.has(key))) return true;
  return controllers.some(
    (pods) => pods.labels.size > 0 && [...pods.labels].every(([key, value]) => labels.get(key) === value),
  );
}

/** Something in the manifests leads from outside to each declared port that is opened, or to any where none is declared. */
function isPublic({ scope }: PolicyContext, workload: Placed<Workload>, opened: PortSet): boolean {
  const { services } = contentOf(scope, workload.namespace);
  const { labels, ports } = workload.value;
  const published = services
    .filter(({ value }) => /^(?:LoadBalancer|NodePort)$/.test(value.type) && isBehind(workload.value, value))
    .flatMap(({ value }) =>
      value.ports.map((port) => ({ protocol: port.protocol, port: targetOf(port, workload.value) })),
    );
  const nameOf = ({ name, key }: NamespaceRef) => ({ name: name ?? key });
  const [entry] = entryTargets(
    scope.entries,
    services,
    [{ namespace: nameOf(workload.namespace), labels, ports }],
    nameOf,
  );
  const leadsTo = (protocol: TransportProtocol, port: number) =>
    published.some((each) => each.protocol === protocol && each.port === port) ||
    (entry !== undefined && includes(entry.ports, protocol, port));
  const open = resolveNamed(opened, ports);
  const listening = ports.filter(({ protocol, port }) => includes(open, protocol, port));
  if (listening.length > 0) return listening.every(({ protocol, port }) => leadsTo(protocol, port));
  return (
    published.some(({ protocol, port }) => port !== undefined && includes(open, protocol, port)) ||
    (entry !== undefined && overlaps(entry.ports, open))
  );
}

function example(source: string): string {
  return `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: orders-db
  namespace: shop
spec:
  template:
    metadata:
      labels:
        app: orders-db
    spec:
      containers:
        - name: postgres
          ports:
            - containerPort: 5432
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: orders-db
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: orders-db
  policyTypes: [Ingress]
  ingress:
    - from:
        - ${source}
      ports:
        - port: 5432
`;
}
