/**
 * A second implementation of what policies allow, to judge the engine by: one connection at a time, from FACTS B0 to B5
 * alone. It shares no code with the server and takes no short cut: it is meant to be read beside the facts.
 */
import { calicoVerdict } from './calico.js';
import { ciliumVerdict } from './cilium.js';
import { tierVerdict } from './clusterpolicy.js';
import {
  type AddressesMatchPods,
  type Connection,
  type ConnectionProtocol,
  type Direction,
  type End,
  endOf,
} from './connection.js';
import { certainly, type DirectionVerdict, nameOf, undecided } from './decision.js';
import { networkPolicyVerdict } from './networkpolicy.js';
import {
  type Cluster,
  type ClusterPolicy,
  type NetworkPolicy,
  namespaceOf,
  type Pod,
  type Protocol,
} from './objects.js';

export type { Decision, DirectionVerdict } from './decision.js';

export interface Query<P extends ConnectionProtocol = Protocol> {
  /** A pod, or a workload, as `namespace/name`; or an IP address. */
  readonly from: string;
  readonly to: string;
  readonly protocol: P;
  /** The destination pod's own port, 1 to 65535; of ICMP and ICMPv6 the message's type, of `other` the IP protocol's number. */
  readonly port: number;
}

/** Whose policies are enforced besides those of Kubernetes: no plugin runs both of the others. */
export type Families = 'kubernetes' | 'calico' | 'cilium';

export interface Options {
  /** Default: 'kubernetes'. */
  readonly families?: Families;
  /** Default: what the plugin does; 'all' where none is named. */
  readonly addressesMatchPods?: AddressesMatchPods;
}

export interface Verdict {
  /** Both directions allow it, whatever a rule asks of a connection besides its ends and ports. */
  readonly allowed: boolean;
  /** Both directions allow it, or may: 'allowed if ...', where `allowed` is false. */
  readonly possible: boolean;
  readonly egress: DirectionVerdict;
  readonly ingress: DirectionVerdict;
}

/** Whether a new connection is allowed. Its replies are, if it is. */
export function verdict(cluster: Cluster, query: Query<ConnectionProtocol>, options: Options = {}): Verdict {
  const connection: Connection = {
    from: endOf(cluster, query.from),
    to: endOf(cluster, query.to),
    protocol: query.protocol,
    port: query.port,
  };
  const families = options.families ?? 'kubernetes';
  // FACTS B5: blocks are for what is outside of the cluster. B1: everywhere else they are for every address.
  const addressesMatchPods = options.addressesMatchPods ?? (families === 'cilium' ? 'none' : 'all');
  const side = (direction: Direction) => directionVerdict(cluster, direction, connection, families, addressesMatchPods);
  const [egress, ingress] = [side('egress'), side('ingress')];
  return {
    allowed: egress.allowed && ingress.allowed,
    possible: egress.possible && ingress.possible,
    egress,
    ingress,
  };
}

function directionVerdict(
  cluster: Cluster,
  direction: Direction,
  connection: Connection,
  families: Families,
  addressesMatchPods: AddressesMatchPods,
): DirectionVerdict {
  const [own, other] = direction === 'ingress' ? [connection.to, connection.from] : [connection.from, connection.to];
  if (own.pod === undefined || isItself(own.pod, other)) return undecided;
  // In Cilium a rule may keep the own node out (FACTS B5).
  if (families === 'cilium') {
    return ciliumVerdict(cluster, own.pod, other, direction, connection, addressesMatchPods);
  }
  if (direction === 'ingress' && isOwnNode(own.pod, other)) return undecided;
  const judge = families === 'calico' ? calicoVerdict : kubernetesVerdict;
  return judge(cluster, own.pod, other, direction, connection, addressesMatchPods);
}

/** FACTS B2: admin tier, then NetworkPolicies, then baseline tier, then allowed. */
function kubernetesVerdict(
  cluster: Cluster,
  own: Pod,
  other: End,
  direction: Direction,
  connection: Connection,
  addressesMatchPods: AddressesMatchPods,
): DirectionVerdict {
  const admin = tierVerdict(cluster, 'admin', own, other, direction, connection, addressesMatchPods);
  if (admin !== undefined && admin.action !== 'pass') {
    const decision = { tier: 'admin', policy: policyName(admin.policy), rule: admin.rule };
    return certainly(admin.action === 'allow', [decision]);
  }

  const isolation = networkPolicyVerdict(cluster, own, other, direction, connection, addressesMatchPods);
  if (isolation !== undefined) {
    const allowed = isolation.matching.length > 0;
    const deciding = allowed ? isolation.matching : isolation.policies.map((policy) => ({ policy, rule: undefined }));
    const decisions = deciding.map(({ policy, rule }) => ({
      tier: 'namespaced',
      policy: networkPolicyName(policy),
      rule,
    }));
    return certainly(allowed, decisions);
  }

  const baseline = tierVerdict(cluster, 'baseline', own, other, direction, connection, addressesMatchPods);
  if (baseline !== undefined && baseline.action !== 'pass') {
    const decision = { tier: 'baseline', policy: policyName(baseline.policy), rule: baseline.rule };
    return certainly(baseline.action === 'allow', [decision]);
  }
  return undecided;
}

/**
 * FACTS B0, exceptions: a pod to itself. A workload that makes pods stands for any two of them, so that it is not taken as one
 * pod.
 */
function isItself(own: Pod, other: End): boolean {
  return own.kind === 'Pod' && own === other.pod;
}

/** FACTS B0, exceptions: a node to its own pods. The way from a pod to its own node is policed: plugins differ (FACTS B6). */
function isOwnNode(own: Pod, other: End): boolean {
  return other.pod?.hostNetwork === true && own.node !== undefined && own.node === other.pod.node;
}

function networkPolicyName(policy: NetworkPolicy): string {
  return nameOf({ kind: 'NetworkPolicy', namespace: namespaceOf(policy), name: policy.metadata.name });
}

function policyName({ kind, metadata }: ClusterPolicy): string {
  return nameOf({ kind, namespace: undefined, name: metadata.name });
}
