import type { FoundEnd } from '../engine/flows.js';
import { isNode } from '../engine/identities.js';
import { list } from '../model/print.js';
import type { Located } from './flows-answers.js';
import { type FlowRecord, isPolicyDrop } from './flows-records.js';

/**
 * What may be behind a drop that the manifests do not explain, what is most telling first. `blocked`: they would block it
 * as well, but the record gives another reason.
 */
export function dropCauses(record: FlowRecord, located: Located, blocked: boolean): readonly string[] {
  const { reason, request, deniedBy } = record;
  if (!isPolicyDrop(record)) {
    const why = reasons[reason ?? ''] ?? 'no policy decided this';
    const also = blocked ? ' The manifests block this connection besides.' : '';
    return [`The reason of the drop is ${reason}: ${why}.${also}`];
  }
  const known = new Set(
    located.cluster.policies.flatMap(({ placed, namespace }) => [
      placed.value.name,
      ...(namespace === undefined ? [] : [`${namespace.name}/${placed.value.name}`]),
    ]),
  );
  const strange = deniedBy.filter((name) => !known.has(name));
  const young = 'Just after a pod has started, other nodes may not know its labels yet, and drop what it sends.';
  return [
    ...(strange.length > 0
      ? [`The cluster says that ${list(strange)} denies it, which these manifests do not have.`]
      : []),
    ...(request
      ? ['A proxy refused the request: a Cilium policy may allow only some HTTP requests or DNS names on this port.']
      : []),
    ...aboutEnds(located),
    'The policies of the cluster may be others than these: `netpol snapshot` reads them, and `netpol diff` compares. Policies of a kind that netpol does not read count for nothing here.',
    ...(request ? [] : [young]),
  ];
}

/** What may be behind a connection that passes although the manifests block it. */
export function contradictionCauses(located: Located): readonly string[] {
  return [
    ...aboutEnds(located),
    ...(isAboutNode(located) ? [cidrMatchMode] : []),
    'The policy may not be applied, or only after the connection began, which many plugins then leave alone.',
    'The cluster may have a further policy that allows it: `netpol snapshot` reads them, and `netpol diff` compares.',
    'The plugin may not enforce policies here (audit mode, a pod that it does not manage, a kind that it does not know).',
  ];
}

const cidrMatchMode =
  'Where Cilium runs with policy-cidr-match-mode: nodes, blocks of addresses match nodes as well; here they do not.';

function isAboutNode({ from, to }: Located): boolean {
  return [from, to].some(
    (found) => 'end' in found && found.end.ends.some((end) => end.kind === 'addresses' && isNode(end)),
  );
}

/** What is special about the ends: their labels, or that they are not known. */
function aboutEnds({ from, to }: Located): readonly string[] {
  return [from, to].flatMap((found) => [...differing(found), ...outside(found)]);
}

function differing(found: FoundEnd): readonly string[] {
  if ('unjudged' in found || found.differs.length === 0) return [];
  return [`The pod has other labels in the cluster than in the manifests: ${list(found.differs, 3)}.`];
}

function outside(found: FoundEnd): readonly string[] {
  if ('unjudged' in found || found.known !== 'record') return [];
  return [`${found.end.name} is in none of these manifests; it is judged by the labels that it was seen with.`];
}

/** The commoner reasons that are not policies'. Source: DropReason in Cilium's flow.proto. */
const reasons: Readonly<Record<string, string>> = {
  AUTH_REQUIRED: 'a Cilium policy wants both ends to authenticate, and they have not yet',
  INVALID_SOURCE_IP: 'the sender used an address that is not its own; IPv6 neighbours’ messages show up so as well',
  INVALID_SOURCE_MAC: 'the sender used a hardware address that is not its own',
  STALE_OR_UNROUTABLE_IP: 'the destination’s address belongs to nobody (any more), as after a pod has gone',
  SERVICE_BACKEND_NOT_FOUND: 'the service has no ready pod behind it',
  UNSUPPORTED_L3_PROTOCOL: 'the plugin does not carry this protocol; often IPv6 where only IPv4 is on',
  UNKNOWN_L4_PROTOCOL: 'the plugin does not know this protocol',
  CT_MAP_INSERTION_FAILED: 'the node’s table of connections is full',
  CT_TRUNCATED_OR_INVALID_HEADER: 'the packet was damaged',
  NO_TUNNEL_OR_ENCAPSULATION_ENDPOINT: 'the node does not know the other node’s tunnel',
  NO_MAPPING_FOR_NAT_MASQUERADE: 'the node has no address or port to translate to',
  FIB_LOOKUP_FAILED: 'the node has no route there',
  DENIED_BY_LB_SRC_RANGE_CHECK: 'the service lets in only some addresses (loadBalancerSourceRanges)',
  NO_EGRESS_GATEWAY: 'the egress gateway that should send it was not found',
  TTL_EXCEEDED: 'it passed too many routers',
  DROP_EP_NOT_READY: 'the pod was not ready on its node yet',
  DROP_HOST_NOT_READY: 'the node was not ready yet',
};
