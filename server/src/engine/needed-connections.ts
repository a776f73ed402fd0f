import type { Direction } from '../model/policy.js';
import { intersect, isEmpty, noPorts, overlaps, type PortSet, targetPorts, union } from '../model/ports.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Answer } from '../model/three.js';
import type { Workload } from '../model/workload.js';
import { contentOf, type Placed, type Scope } from '../workspace/scope.js';
import { boundsOf } from './certainty.js';
import { policiesSelecting } from './matching.js';
import { isBehind, type Need, needsOf } from './needs.js';
import { type Pair, pairOf } from './pair.js';

/** A need with what the policies say of it. */
export interface NeededConnection {
  readonly need: Need;
  /** The workloads behind the service. */
  readonly servers: readonly NeededServer[];
  /** 'no': the policies surely deny it to every server, on every port that may be meant. */
  readonly allowed: Answer;
}

/** One workload behind a needed service. */
export interface NeededServer {
  readonly workload: Placed<Workload>;
  /** The pods' own ports; never empty, and without names. */
  readonly ports: PortSet;
  readonly allowed: Answer;
  /** The directions that surely deny it; both where only the two together do. */
  readonly closed: readonly Direction[];
  /** Both ends with their policies; undefined where no policy has to be asked. */
  readonly pair: Pair | undefined;
}

/** What every workload of the scope is set up to connect to, and whether it may. */
export function neededConnections(scope: Scope, profile: ClusterProfile): readonly NeededConnection[] {
  return scope.workloads.flatMap((client) =>
    needsOf(scope, client).map((need) => neededConnection(scope, profile, need)),
  );
}

/**
 * Whether the policies let a workload connect to a service that it needs. 'unknown' where the service's pods are not known
 * (no selector, no workload, a template), where it leads to host-network pods, and where only some of the pods are cut off.
 */
export function neededConnection(scope: Scope, profile: ClusterProfile, need: Need): NeededConnection {
  const { client, service, only } = need;
  const behind = contentOf(scope, service.namespace).workloads.filter(
    (each) => isBehind(service.value, each, service) !== 'no' && (only === undefined || makesPod(each.value, only)),
  );
  const servers = behind.flatMap((workload): readonly NeededServer[] => {
    const reached = need.ports.map((port) => targetPorts(port, workload.value.ports)).reduce(union, noPorts);
    return isEmpty(reached) ? [] : [judged(scope, profile, client, workload, reached)];
  });
  const sure =
    servers.length > 0 &&
    servers.length === behind.length &&
    behind.every((each) => isBehind(service.value, each, service) === 'yes');
  const [first] = new Set(servers.map(({ allowed }) => allowed));
  const same = servers.every(({ allowed }) => allowed === first);
  return { need, servers, allowed: sure && same && first !== undefined ? first : 'unknown' };
}

function makesPod({ kind, name }: Workload, pod: string): boolean {
  return kind === 'StatefulSet' ? pod.replace(/-\d+$/, '') === name : pod === name;
}

function judged(
  scope: Scope,
  profile: ClusterProfile,
  client: Placed<Workload>,
  workload: Placed<Workload>,
  wanted: PortSet,
): NeededServer {
  const server = { workload, ports: wanted };
  const open = { ...server, allowed: 'yes', closed: [], pair: undefined } as const;
  const unknown = { ...server, allowed: 'unknown', closed: [], pair: undefined } as const;
  const isolated = (of: Placed<Workload>, direction: Direction) =>
    policiesSelecting(scope, of).some(({ policy: { value } }) => value.isolates.includes(direction) || value.uncertain);
  if (client.value.hostNetwork || workload.value.hostNetwork) return unknown;
  // Most connections meet no policy: that is quickly seen.
  if (!isolated(client, 'egress') && !isolated(workload, 'ingress') && scope.clusterPolicies.length === 0) return open;
  const [from, to] = [client.namespace, workload.namespace];
  // Of two namespaces one of which is not known, it is not known whether they are the same.
  if (from.key !== to.key && (from.name === undefined || to.name === undefined)) return unknown;
  const pair = pairOf(scope, profile, [client, workload], 'pair');
  if (pair === undefined) return unknown;
  const { table } = pair.judge;
  const [out, into] = (['egress', 'ingress'] as const).map((direction) => {
    const { least, most } = boundsOf(pair.judge, direction, pair.from, pair.to);
    return { least: intersect(wanted, table.setOf(least)), most: intersect(wanted, table.setOf(most)) };
  });
  if (out === undefined || into === undefined) return unknown;
  if (overlaps(out.least, into.least)) return { ...server, allowed: 'yes', closed: [], pair };
  if (overlaps(out.most, into.most)) return { ...unknown, pair };
  const closed = (
    [
      ['egress', out],
      ['ingress', into],
    ] as const
  ).flatMap(([direction, { most }]) => (isEmpty(most) ? [direction] : []));
  return { ...server, allowed: 'no', closed: closed.length === 0 ? ['egress', 'ingress'] : closed, pair };
}
