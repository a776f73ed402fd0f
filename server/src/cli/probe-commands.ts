import type { Cluster, Pods } from '../engine/cluster.js';
import type { Endpoint } from '../engine/stages.js';
import { podOf } from '../kinds/index.js';
import { type AddressSet, isAll, toCidrs } from '../model/addresses.js';
import { includes, namedPort, ports as portsOf, resolveNamed } from '../model/ports.js';
import type { Labels } from '../model/selector.js';
import type { Service, ServicePort, TransportProtocol } from '../model/workload.js';
import { stringOf, valueAt } from '../text/tree.js';
import { quoted } from './shell.js';

/** How a probe gets into the source's network: its own container, one that is added to its pod, or a pod like it. */
export type Way = 'exec' | 'debug' | 'run';

export interface ProbedPort {
  readonly protocol: TransportProtocol;
  readonly port: number;
}

/** A command line, and what its reader has to know. */
export interface ProbeCommand {
  readonly command: string;
  readonly notes: readonly string[];
  /** The name that has to be looked up first, where there is one. */
  readonly host: string | undefined;
}

const image = 'nicolaka/netshoot';

/** The command that tries one connection; undefined where no command can (names that no cluster has, two addresses). */
export function probeCommand(
  cluster: Cluster,
  from: Endpoint,
  to: Endpoint,
  asked: ProbedPort,
  way: Way,
): ProbeCommand | undefined {
  const target = from.kind === 'addresses' ? entryOf(cluster, to, asked) : targetOf(cluster, to, asked);
  if (target === undefined) return undefined;
  const tried = words(target, asked);
  if (from.kind === 'pods') {
    const ran = inPods(cluster, from.pods, tried.command, way);
    return ran && { command: ran.command, notes: [...tried.notes, ...target.notes, ...ran.notes], host: target.host };
  }
  if (from.kind !== 'addresses' || to.kind !== 'pods') return undefined;
  const where = isAll(from.addresses) ? 'outside of the cluster' : `with an address in ${addressWords(from.addresses)}`;
  return {
    command: tried.command,
    notes: [...tried.notes, ...target.notes, `Run it on a machine ${where}.`],
    host: undefined,
  };
}

/** Looks a name up from within some pods. */
export function lookupCommand(cluster: Cluster, pods: Pods, host: string, way: Way): string | undefined {
  return inPods(cluster, pods, `nslookup ${quoted(host)}`, way)?.command;
}

interface ProbeTarget {
  /** As the shell takes it. */
  readonly word: string;
  readonly port: number;
  readonly host: string | undefined;
  readonly notes: readonly string[];
}

function words({ word, port }: ProbeTarget, { protocol }: ProbedPort) {
  if (protocol === 'TCP') return { command: `nc -zv -w 3 ${word} ${port}`, notes: [] };
  if (protocol === 'SCTP') return { command: `ncat --sctp -zv -w 3 ${word} ${port}`, notes: [] };
  if (port === 53) {
    return { command: `nslookup -timeout=3 kubernetes.default.svc.cluster.local ${word}`, notes: [] };
  }
  return {
    command: `nc -zvu -w 3 ${word} ${port}`,
    notes: [
      'UDP answers nothing by itself: nc calls it open unless something refuses it. Only an answer of the application proves it.',
    ],
  };
}

/** Runs a command in the network of some pods. */
function inPods(cluster: Cluster, pods: Pods, command: string, way: Way) {
  const { namespace, name, kind, hostNetwork, labels } = pods;
  if (!isName(namespace.name) || (!isName(name) && kind !== 'assumed')) return undefined;
  const own = containerOf(pods);
  const place = `--namespace=${quoted(namespace.name)}`;
  // Between two runs there is no pod of theirs.
  const ended = kind === 'CronJob' || kind === 'ScaledJob';
  const only = kind === 'Pod' ? `pod/${name}` : onePod(pods);
  if (way === 'debug' || (way === 'exec' && !ended && own?.shell === 'no')) {
    return { command: `kubectl debug ${place} ${only} --image=${image} --quiet -i -- ${command}`, notes: [] };
  }
  if (way === 'run' || ended) {
    const list = [...labels].map(([key, value]) => `${key}=${value}`).join(',');
    const overrides = hostNetwork ? ` --overrides='{"spec":{"hostNetwork":true}}'` : '';
    const selecting = cluster.services
      .filter((service) => selects(cluster, service, pods))
      .map(({ value }) => value.name);
    return {
      command: `kubectl run netpol-probe ${place} --image=${image} --labels=${quoted(list)}${overrides} --quiet --rm -i --restart=Never -- ${command}`,
      notes:
        selecting.length === 0
          ? []
          : [
              `While it runs, the pod has the labels of ${name}: Service ${selecting.join(', ')} may send requests to it.`,
            ],
    };
  }
  const container = own === undefined ? '' : ` --container=${quoted(own.name)}`;
  const target = isExecutable(pods) ? `${kind.toLowerCase()}/${name}` : onePod(pods);
  return { command: `kubectl exec ${place} ${target}${container} -- ${command}`, notes: [] };
}

/** Kinds in which `kubectl exec` finds a pod by itself. Source: kubectl, polymorphichelpers/attachablepodforobject.go. */
const executable: ReadonlySet<string> = new Set([
  'Pod',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
]);

/** Kinds of other groups have names that Kubernetes' own have. */
function isExecutable({ kind, workloads }: Pods): boolean {
  const [version = ''] = workloads[0]?.resource.kind.apiVersions ?? [];
  return executable.has(kind) && /^(?:v1$|apps\/|batch\/|$)/.test(version);
}

function onePod({ namespace, labels }: Pods): string {
  return `"$(kubectl get pod --namespace=${quoted(namespace.name)} ${selectorOf(labels)} -o name | head -n 1)"`;
}

function selectorOf(labels: Labels): string {
  return labels.size === 0
    ? ''
    : `--selector=${quoted([...labels].map(([key, value]) => `${key}=${value}`).join(','))}`;
}

/** The first container of the manifests, and whether its image surely has no shell and no tools. */
function containerOf({ workloads }: Pods): { readonly name: string; readonly shell: 'no' | 'unknown' } | undefined {
  const resource = workloads[0]?.resource;
  const list = valueAt(valueAt(resource && podOf(resource), 'spec'), 'containers');
  const first = list?.kind === 'sequence' ? list.items[0]?.value : undefined;
  const name = stringOf(valueAt(first, 'name'));
  if (name === undefined || !isName(name)) return undefined;
  const bare = /distroless|(?:^|\/)(?:scratch|pause)(?:[:@]|$)|(?:^|\/)chainguard\//.test(
    stringOf(valueAt(first, 'image')) ?? '',
  );
  return { name, shell: bare ? 'no' : 'unknown' };
}

/** Where pods of the cluster connect to: a service of these pods alone, else the address of one of them. */
function targetOf(cluster: Cluster, to: Endpoint, asked: ProbedPort): ProbeTarget | undefined {
  if (to.kind === 'addresses') return outsideTarget(to.addresses, asked);
  if (to.kind !== 'pods' || !isName(to.pods.namespace.name)) return undefined;
  const [found] = servicePorts(cluster, to.pods, asked);
  if (found !== undefined && isName(found.service.name)) {
    const host = `${found.service.name}.${to.pods.namespace.name}.svc`;
    return { word: host, port: found.service.headless ? asked.port : found.port.port, host, notes: [] };
  }
  return { ...podAddress(to.pods), port: asked.port };
}

function podAddress(pods: Pods) {
  const { namespace, name, kind, labels } = pods;
  const place = `--namespace=${quoted(namespace.name)}`;
  const word =
    kind === 'Pod' && isName(name)
      ? `"$(kubectl get pod ${name} ${place} -o jsonpath='{.status.podIP}')"`
      : `"$(kubectl get pod ${place} ${selectorOf(labels)} -o jsonpath='{.items[0].status.podIP}')"`;
  return { word, host: undefined, notes: [] };
}

function outsideTarget(addresses: AddressSet, { port }: ProbedPort): ProbeTarget {
  if (isAll(addresses)) {
    return { word: 'example.com', port, host: 'example.com', notes: ['Any host outside of the cluster will do.'] };
  }
  const [block = ''] = toCidrs(addresses);
  const address = block.replace(/\/\d+$/, '');
  const single = /\/(?:32|128)$/.test(block);
  return {
    word: address,
    port,
    host: undefined,
    notes: single ? [] : [`${address} stands for any address of ${addressWords(addresses)}: put in one that answers.`],
  };
}

/** Where who is outside of the cluster connects to. */
function entryOf(cluster: Cluster, to: Endpoint, asked: ProbedPort): ProbeTarget | undefined {
  if (to.kind !== 'pods' || !isName(to.pods.namespace.name)) return undefined;
  const open = servicePorts(cluster, to.pods, asked).find(({ service }) => service.type === 'LoadBalancer');
  if (open !== undefined && isName(open.service.name)) {
    const word = `"$(kubectl get service ${open.service.name} --namespace=${quoted(to.pods.namespace.name)} -o jsonpath='{.status.loadBalancer.ingress[0].ip}')"`;
    const notes = ['A load balancer may put its own address in the place of yours.'];
    return { word, port: open.port.port, host: undefined, notes };
  }
  const notes = [
    'No Service of type LoadBalancer leads here: this works only where the addresses of pods can be reached.',
  ];
  return { ...podAddress(to.pods), port: asked.port, notes };
}

/** The services that lead to these pods and no others on a port of theirs. */
function servicePorts(cluster: Cluster, pods: Pods, { protocol, port }: ProbedPort) {
  return cluster.services.flatMap((placed): { readonly service: Service; readonly port: ServicePort }[] => {
    if (
      !selects(cluster, placed, pods) ||
      cluster.pods.some((each) => each !== pods && selects(cluster, placed, each))
    ) {
      return [];
    }
    const found = placed.value.ports.find((each) => {
      const own =
        typeof each.targetPort === 'number'
          ? portsOf(each.protocol, each.targetPort)
          : namedPort(each.protocol, each.targetPort);
      return each.protocol === protocol && includes(resolveNamed(own, pods.ports), protocol, port);
    });
    return found === undefined ? [] : [{ service: placed.value, port: found }];
  });
}

function selects(cluster: Cluster, { value, namespace }: Cluster['services'][number], pods: Pods): boolean {
  const { selector, type } = value;
  return (
    selector !== undefined &&
    selector.size > 0 &&
    type !== 'ExternalName' &&
    cluster.namespaceOf(namespace) === pods.namespace &&
    [...selector].every(([key, each]) => pods.labels.get(key) === each)
  );
}

function addressWords(addresses: AddressSet): string {
  const blocks = toCidrs(addresses);
  return blocks.length > 3 ? `${blocks.slice(0, 3).join(', ')} and ${blocks.length - 3} more` : blocks.join(', ');
}

/** A name that an object of a cluster may have; nothing else is put into a command. */
function isName(text: string): boolean {
  return /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/.test(text);
}
