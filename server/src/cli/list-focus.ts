import type { Pods } from '../engine/cluster.js';
import type { ListedConnection, ListedEnd } from '../engine/connection-list.js';
import { podsName } from '../engine/connection-names.js';
import { ingressControllerName } from '../engine/ingress-controller.js';
import { nearest } from '../kinds/nearest.js';
import type { Direction } from '../model/policy.js';
import { includes } from '../model/ports.js';
import type { TransportProtocol } from '../model/workload.js';
import { CannotRun } from './input.js';

/** Which of the connections were asked for; with no names: all of them. */
export interface Focus {
  /** Workloads as `name`, `namespace/name` or `namespace/name[Kind]`, and `ingress-controller`. */
  readonly names: readonly string[];
  /** What the other end must be; empty: anything. */
  readonly peers: readonly string[];
  /** Whether the named ends receive (ingress) or send (egress); undefined: either. */
  readonly direction: Direction | undefined;
  readonly port: { readonly protocol: TransportProtocol; readonly number: number } | undefined;
}

const controller = 'ingress-controller';

/** Reads the options of a command line. Throws `CannotRun` where they make no sense. */
export function focusOf(options: {
  readonly focus: readonly string[];
  readonly peers: readonly string[];
  readonly direction: string | undefined;
  readonly port: string | undefined;
  readonly protocol: string | undefined;
}): Focus {
  const { direction } = options;
  const names = namesIn('--focus', options.focus);
  const peers = namesIn('--focus-peer', options.peers);
  if (direction !== undefined && direction !== 'ingress' && direction !== 'egress')
    throw new CannotRun(`--direction ${direction}: use ingress or egress`);
  if (names.length === 0 && peers.length > 0)
    throw new CannotRun('--focus-peer says what the other end of --focus is: name that as well');
  if (names.length === 0 && direction !== undefined)
    throw new CannotRun('--direction is that of the workloads of --focus: name them as well');
  return { names, peers, direction, port: portOf(options.port, options.protocol) };
}

function namesIn(option: string, values: readonly string[]): readonly string[] {
  const names = values.flatMap((value) => value.split(',')).map((name) => name.trim());
  if (names.includes('')) throw new CannotRun(`${option}: a name is empty`);
  return names;
}

function portOf(port: string | undefined, protocol: string | undefined): Focus['port'] {
  if (port === undefined) {
    if (protocol !== undefined) throw new CannotRun('--protocol is that of --port: name a port as well');
    return undefined;
  }
  const number = /^\d+$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65535) throw new CannotRun(`--port ${port}: use a number from 1 to 65535`);
  const upper = (protocol ?? 'TCP').toUpperCase();
  if (upper !== 'TCP' && upper !== 'UDP' && upper !== 'SCTP')
    throw new CannotRun(`--protocol ${protocol}: use TCP, UDP or SCTP`);
  return { protocol: upper, number };
}

/** Throws `CannotRun` for a name that none of the ends has. */
export function checkNames(focus: Focus, ends: readonly ListedEnd[]): void {
  const workloads = ends.flatMap((end) => (end.kind === 'pods' ? [end] : []));
  const unknown = [...focus.names, ...focus.peers].find(
    (name) => !isController(name) && !workloads.some((end) => isNamed(end, name)),
  );
  if (unknown === undefined) return;
  const full = [...new Set(workloads.map(({ pods }) => nameOf(pods[0])))];
  const known = unknown.includes('/') ? full : full.map((name) => name.slice(name.indexOf('/') + 1));
  const meant = nearest(unknown, [...known, controller]);
  const shown = `${full.slice(0, 8).join(', ')}${full.length > 8 ? ', ...' : ''}`;
  throw new CannotRun(
    `there is no workload "${unknown}" here${meant !== undefined ? `; did you mean "${meant}"?` : full.length > 0 ? `; there are ${shown}` : ''}`,
  );
}

/** Whether a connection between two ends is asked for. Either may be the named one, as the direction says. */
export function isAsked({ names, peers, direction }: Focus, src: ListedEnd, dst: ListedEnd): boolean {
  if (names.length === 0) return true;
  const between = (own: ListedEnd, other: ListedEnd) =>
    isOneOf(own, names) && (peers.length === 0 || isOneOf(other, peers));
  return (direction !== 'ingress' && between(src, dst)) || (direction !== 'egress' && between(dst, src));
}

/** Whether a connection takes the port that was asked for. */
export function takesPort({ port }: Focus, { ports }: ListedConnection): boolean {
  return port === undefined || includes(ports, port.protocol, port.number);
}

function isOneOf(end: ListedEnd, names: readonly string[]): boolean {
  return names.some((name) => isNamed(end, name));
}

function isNamed(end: ListedEnd, name: string): boolean {
  if (end.kind === 'ingress controller') return isController(name);
  return end.kind === 'pods' && isNamedPods(end.pods[0], [name]);
}

/** Whether pods are among those that a person names: `name`, `namespace/name` or `namespace/name[Kind]`. */
export function isNamedPods(pods: Pods, names: readonly string[]): boolean {
  return names.some((name) => name === pods.name || name === nameOf(pods) || name === podsName(pods));
}

function isController(name: string): boolean {
  return name === controller || name === ingressControllerName;
}

function nameOf({ namespace, name }: Pods): string {
  return `${namespace.name}/${name}`;
}
