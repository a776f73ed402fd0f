/**
 * A second implementation of what policies allow, to judge the engine by: one connection at a time, from FACTS B0 to B2
 * alone. It shares no code with the server and takes no short cut: it is meant to be read beside the facts.
 */
import { type ClusterTier, tierVerdict } from './clusterpolicy.js';
import { type AddressesMatchPods, type Connection, type Direction, type End, endOf } from './connection.js';
import { networkPolicyVerdict } from './networkpolicy.js';
import {
  type Cluster,
  type ClusterPolicy,
  type NetworkPolicy,
  namespaceOf,
  type Pod,
  type Protocol,
} from './objects.js';

export interface Query {
  /** A pod, or a workload, as `namespace/name`; or an IP address. */
  readonly from: string;
  readonly to: string;
  readonly protocol: Protocol;
  /** The destination pod's own port, 1 to 65535. */
  readonly port: number;
}

export interface Options {
  /** Default: 'all'. */
  readonly addressesMatchPods?: AddressesMatchPods;
}

export interface Verdict {
  /** Both directions allow it. */
  readonly allowed: boolean;
  readonly egress: DirectionVerdict;
  readonly ingress: DirectionVerdict;
}

export interface DirectionVerdict {
  readonly allowed: boolean;
  /** Empty: no policy says anything, so that it is allowed. */
  readonly decidedBy: readonly Decision[];
}

export interface Decision {
  readonly tier: ClusterTier | 'namespaced';
  /** Such as `NetworkPolicy shop/api` and `AdminNetworkPolicy guard`. */
  readonly policy: string;
  /** The rule's place in its list, from 0. Undefined: the policy isolates the pod, and no rule matches. */
  readonly rule: number | undefined;
}

const undecided: DirectionVerdict = { allowed: true, decidedBy: [] };

/** Whether a new connection is allowed. Its replies are, if it is. */
export function verdict(cluster: Cluster, query: Query, options: Options = {}): Verdict {
  const connection: Connection = {
    from: endOf(cluster, query.from),
    to: endOf(cluster, query.to),
    protocol: query.protocol,
    port: query.port,
  };
  const addressesMatchPods = options.addressesMatchPods ?? 'all';
  const egress = directionVerdict(cluster, 'egress', connection, addressesMatchPods);
  const ingress = directionVerdict(cluster, 'ingress', connection, addressesMatchPods);
  return { allowed: egress.allowed && ingress.allowed, egress, ingress };
}

/** FACTS B2: admin tier, then NetworkPolicies, then baseline tier, then allowed. */
function directionVerdict(
  cluster: Cluster,
  direction: Direction,
  connection: Connection,
  addressesMatchPods: AddressesMatchPods,
): DirectionVerdict {
  const [own, other] = direction === 'ingress' ? [connection.to, connection.from] : [connection.from, connection.to];
  if (own.pod === undefined || isExempt(direction, own.pod, other)) return undecided;

  const admin = tierVerdict(cluster, 'admin', own.pod, other, direction, connection, addressesMatchPods);
  if (admin !== undefined && admin.action !== 'pass') {
    return {
      allowed: admin.action === 'allow',
      decidedBy: [{ tier: 'admin', policy: policyName(admin.policy), rule: admin.rule }],
    };
  }

  const isolation = networkPolicyVerdict(cluster, own.pod, other, direction, connection, addressesMatchPods);
  if (isolation !== undefined) {
    const allowed = isolation.matching.length > 0;
    const deciding = allowed ? isolation.matching : isolation.policies.map((policy) => ({ policy, rule: undefined }));
    return {
      allowed,
      decidedBy: deciding.map(({ policy, rule }) => ({
        tier: 'namespaced',
        policy: networkPolicyName(policy),
        rule,
      })),
    };
  }

  const baseline = tierVerdict(cluster, 'baseline', own.pod, other, direction, connection, addressesMatchPods);
  if (baseline !== undefined && baseline.action !== 'pass') {
    return {
      allowed: baseline.action === 'allow',
      decidedBy: [{ tier: 'baseline', policy: policyName(baseline.policy), rule: baseline.rule }],
    };
  }
  return undecided;
}

/**
 * FACTS B0, exceptions: a pod to itself, and a node to its own pods. A workload that makes pods stands for any two of them,
 * so that it is not taken as one pod. The way from a pod to its own node is policed: plugins differ (FACTS B6).
 */
function isExempt(direction: Direction, own: Pod, other: End): boolean {
  if (own.kind === 'Pod' && own === other.pod) return true;
  return (
    direction === 'ingress' && other.pod?.hostNetwork === true && own.node !== undefined && own.node === other.pod.node
  );
}

function networkPolicyName(policy: NetworkPolicy): string {
  return `NetworkPolicy ${namespaceOf(policy)}/${policy.metadata.name}`;
}

function policyName({ kind, metadata }: ClusterPolicy): string {
  return `${kind} ${metadata.name}`;
}
