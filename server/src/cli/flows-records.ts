import type { SeenEnd } from '../engine/flows.js';
import type { Direction } from '../model/policy.js';
import { type JsonObject, listOf, recordOf, textOf } from '../text/json-data.js';

/** A connection's packet or request that Hubble saw on its way there; never a reply. */
export interface FlowRecord {
  readonly verdict: 'dropped' | 'audited' | 'forwarded';
  /** Why it was dropped, by Hubble's name (POLICY_DENIED); undefined where the record does not say. */
  readonly reason: string | undefined;
  /** On whose behalf it was judged: egress of the source or ingress of the destination. */
  readonly direction: Direction | undefined;
  readonly from: SeenEnd;
  readonly to: SeenEnd;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  /** The destination's, from 1 to 65535. */
  readonly port: number;
  /** A request that a proxy judged. */
  readonly request: boolean;
  /** The policies that the cluster itself names as denying it: `shop/api`, or a name alone. */
  readonly deniedBy: readonly string[];
}

export interface FlowRecords {
  readonly records: readonly FlowRecord[];
  /** Records that are about no connection that can be judged, by why. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** How many of those were dropped, or would be, and by a policy as far as they tell: Cilium's `icmps` speak of such. */
  readonly dropsLeftOut: number;
  /** Lines from 1 that are no records, and why. */
  readonly unreadable: readonly { readonly line: number; readonly message: string }[];
}

/**
 * Reads what `hubble observe -o json` (or `jsonpb`) prints, and what Hubble's exporter writes: one object in JSON a line, a
 * flow by itself or within `flow`. Values that are missing are taken as not known, as with a field mask.
 * Source: github.com/cilium/cilium api/v1/flow/flow.proto, in protobuf's JSON form.
 */
export function readFlows(text: string): FlowRecords {
  const records: FlowRecord[] = [];
  const leftOut = new Map<string, number>();
  const unreadable: { line: number; message: string }[] = [];
  let dropsLeftOut = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    let data: unknown;
    try {
      data = JSON.parse(line);
    } catch {
      unreadable.push({ line: index + 1, message: 'it is not an object in JSON on one line' });
      continue;
    }
    const found = readLine(recordOf(data));
    if ('record' in found) records.push(found.record);
    else if ('leftOut' in found) {
      leftOut.set(found.leftOut, (leftOut.get(found.leftOut) ?? 0) + 1);
      if (found.isDrop) dropsLeftOut++;
    } else unreadable.push({ line: index + 1, message: found.problem });
  }
  return { records, leftOut, dropsLeftOut, unreadable };
}

/** Reasons of drops that are a policy's. An unknown one may be, and a proxy's refusals come without any. */
const policyDrops = new Set([undefined, 'POLICY_DENIED', 'POLICY_DENY']);

/** Whether a drop may be the work of a policy, as far as its record tells. */
export function isPolicyDrop({ reason }: Pick<FlowRecord, 'reason'>): boolean {
  return policyDrops.has(reason);
}

type Read =
  | { readonly record: FlowRecord }
  | { readonly leftOut: string; readonly isDrop?: true }
  | { readonly problem: string };

/** Other messages of the same stream. Source: observer.proto, GetFlowsResponse and ExportEvent. */
const otherMessages = ['node_status', 'lost_events', 'agent_event', 'debug_event'];

function readLine(line: JsonObject): Read {
  if (otherMessages.some((key) => key in line)) return { leftOut: 'about Hubble itself' };
  const flow = 'flow' in line ? recordOf(line.flow) : line;
  const verdict = enumOf(verdicts, flow.verdict);
  if (verdict === undefined) return { problem: 'it has no verdict, so it is no flow of Hubble’s' };
  const seen = {
    FORWARDED: 'forwarded',
    REDIRECTED: 'forwarded',
    DROPPED: 'dropped',
    ERROR: 'dropped',
    AUDIT: 'audited',
  };
  const named = Object.entries(seen).find(([name]) => name === verdict)?.[1];
  if (named === undefined || flow.Type === 'SOCK') return { leftOut: 'without a verdict' };
  const kind = named === 'forwarded' || named === 'dropped' ? named : 'audited';
  if (isReply(flow, kind)) return { leftOut: 'of replies' };
  const l4 = recordOf(flow.l4);
  const protocol = (['TCP', 'UDP', 'SCTP'] as const).find((each) => each in l4);
  if (protocol === undefined) {
    const why = 'without a port (ICMP and others, which netpol does not judge)';
    const isDrop = kind !== 'forwarded' && isPolicyDrop({ reason: reasonOf(flow) });
    return isDrop ? { leftOut: `dropped ${why}`, isDrop } : { leftOut: why };
  }
  const port = recordOf(l4[protocol]).destination_port;
  if (typeof port !== 'number' || !(port >= 1 && port <= 65535)) return { leftOut: 'without a port' };
  const ip = recordOf(flow.IP);
  const direction = directionOf(flow.traffic_direction);
  return {
    record: {
      verdict: kind,
      reason: reasonOf(flow),
      direction,
      from: endOf(recordOf(flow.source), ip.source, flow.source_names),
      to: endOf(recordOf(flow.destination), ip.destination, flow.destination_names),
      protocol,
      port,
      request: flow.Type === 'L7' || 'l7' in flow,
      deniedBy: [...listOf(flow.ingress_denied_by), ...listOf(flow.egress_denied_by)].flatMap(policyOf),
    },
  };
}

const verdicts = [
  'VERDICT_UNKNOWN',
  'FORWARDED',
  'DROPPED',
  'ERROR',
  'AUDIT',
  'REDIRECTED',
  'TRACED',
  'TRANSLATED',
] as const;

/** An enum's value by its name or, in old versions, by its number. */
function enumOf(names: readonly string[], value: unknown): string | undefined {
  return typeof value === 'number' ? names[value] : names.find((name) => name === value);
}

function directionOf(value: unknown): Direction | undefined {
  const name = enumOf(['TRAFFIC_DIRECTION_UNKNOWN', 'INGRESS', 'EGRESS'], value);
  return name === 'INGRESS' ? 'ingress' : name === 'EGRESS' ? 'egress' : undefined;
}

/**
 * A dropped packet is seldom known to be a reply, since its connection is not looked up before. A forwarded one of which it
 * is not said may be one, but for the first packet of a connection.
 */
function isReply(flow: JsonObject, verdict: FlowRecord['verdict']): boolean {
  if (flow.is_reply === true || flow.reply === true) return true;
  if (flow.is_reply === false) return false;
  const flags = recordOf(recordOf(recordOf(flow.l4).TCP).flags);
  if (flags.SYN === true) return flags.ACK === true;
  return verdict === 'forwarded';
}

/** The numbers of the reasons that are policies', which old versions give alone. */
const policyReasons = new Map<unknown, string>([
  [133, 'POLICY_DENIED'],
  [181, 'POLICY_DENY'],
]);

function reasonOf(flow: JsonObject): string | undefined {
  const { drop_reason_desc: name, drop_reason: number } = flow;
  return typeof name === 'string' && name !== 'DROP_REASON_UNKNOWN' ? name : policyReasons.get(number);
}

const namespaceLabel = 'io.cilium.k8s.namespace.labels.';

function endOf(end: JsonObject, address: unknown, named: unknown): SeenEnd {
  const labels = new Map<string, string>();
  const namespaceLabels = new Map<string, string>();
  const entities = new Set<string>();
  let namespace = nameIn(end.namespace);
  for (const text of listOf(end.labels)) {
    const [, source = 'k8s', key = '', value = ''] =
      /^(?:([a-z][a-z0-9-]*):)?([^=]*)(?:=(.*))?$/.exec(String(text)) ?? [];
    if (source === 'reserved') entities.add(key);
    if (source !== 'k8s' && source !== 'any') continue;
    if (key === 'io.kubernetes.pod.namespace') namespace ??= value;
    else if (key.startsWith(namespaceLabel)) namespaceLabels.set(key.slice(namespaceLabel.length), value);
    else if (!key.startsWith('io.cilium.')) labels.set(key, value);
  }
  const owners = listOf(end.workloads).flatMap((each) => {
    const { kind, name } = recordOf(each);
    return typeof kind === 'string' && typeof name === 'string' ? [{ kind, name }] : [];
  });
  const names = listOf(named).flatMap((name) => nameIn(name) ?? []);
  return {
    namespace,
    pod: nameIn(end.pod_name),
    owners,
    names,
    labels,
    namespaceLabels,
    entities,
    address: nameIn(address),
  };
}

function policyOf(value: unknown): readonly string[] {
  const name = nameIn(recordOf(value).name);
  const namespace = nameIn(recordOf(value).namespace);
  if (name === undefined) return [];
  return [namespace === undefined ? name : `${namespace}/${name}`];
}

/** A text that says something. */
function nameIn(value: unknown): string | undefined {
  return textOf(value) || undefined;
}
