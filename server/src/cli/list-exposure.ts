import { speaksOfIPv6 } from '../engine/connection-list.js';
import { outsideName, podsName } from '../engine/connection-names.js';
import { type Exposure, exposureOf, somePodsName } from '../engine/exposure.js';
import type { Direction } from '../model/policy.js';
import { printConnections } from '../model/ports.js';
import type { Edge } from '../picture/index.js';
import { type Focus, isNamedPods } from './list-focus.js';
import type { Listing } from './listing.js';

/** Who could reach the workloads, and whom they could reach, beyond the workloads of the manifests. */
export interface ExposureList {
  readonly ingress: readonly Edge[];
  readonly egress: readonly Edge[];
  readonly unprotected: readonly { readonly workload: string; readonly direction: Direction }[];
}

const nothing = 'No Connections';

/** The exposure of the workloads that were asked for. */
export function exposureList({ cluster, judge }: Listing, focus: Focus): ExposureList {
  const withIPv6 = speaksOfIPv6(cluster);
  const asked = cluster.pods.filter((pods) => focus.names.length === 0 || isNamedPods(pods, focus.names));
  const exposures = asked
    .flatMap((pods) => exposureOf(judge, pods))
    .filter(({ direction }) => focus.direction === undefined || focus.direction === direction);
  const edges = (direction: Direction) =>
    unique(exposures.filter((each) => each.direction === direction).flatMap((each) => edgesOf(each, withIPv6)));
  const open = exposures
    .filter(({ unprotected }) => unprotected)
    .map(({ pods, direction }) => ({ workload: podsName(pods), direction }));
  return {
    ingress: edges('ingress').toSorted((a, b) => compare(a.dst, b.dst) || compare(a.src, b.src)),
    egress: edges('egress').toSorted((a, b) => compare(a.src, b.src) || compare(a.dst, b.dst)),
    unprotected: unique(open).toSorted((a, b) => compare(a.workload, b.workload) || compare(a.direction, b.direction)),
  };
}

function edgesOf({ pods, direction, entireCluster, some, outside }: Exposure, withIPv6: boolean): readonly Edge[] {
  const own = podsName(pods);
  const every = printConnections(entireCluster);
  const others = [
    ...outside
      .filter(({ addresses }) => withIPv6 || addresses.v4.length > 0)
      .map(({ addresses, ports }) => ({
        name: outsideName(addresses),
        conn: printConnections(ports),
      })),
    ...some.map(({ peer, ports }) => ({ name: somePodsName(peer), conn: printConnections(ports) })),
  ];
  const shown = [
    // Where every pod may connect, pods that may not are worth a line.
    ...others.filter(({ conn }) => conn !== nothing || every !== nothing),
    ...(every === nothing ? [] : [{ name: 'entire-cluster', conn: every }]),
  ];
  return shown.map(({ name, conn }) =>
    direction === 'ingress' ? { src: name, dst: own, conn } : { src: own, dst: name, conn },
  );
}

/** As np-guard's analyzer writes it, so that both can be compared. Source: docs/exposure_analysis.md there. */
export function exposureText({ ingress, egress, unprotected }: ExposureList): string {
  const own = [...ingress.map(({ dst }) => dst), ...egress.map(({ src }) => src)];
  const width = Math.max(0, ...own.map((name) => name.length));
  const line = (name: string, arrow: string, other: string, conn: string) =>
    `${name.padEnd(width)} \t${arrow} \t${other} : ${conn}\n`;
  const sections = [
    section(
      'Egress Exposure:',
      egress.map(({ src, dst, conn }) => line(src, '=>', dst, conn)),
    ),
    section(
      'Ingress Exposure:',
      ingress.map(({ src, dst, conn }) => line(dst, '<=', src, conn)),
    ),
    section(
      'Workloads not protected by network policies:',
      unprotected.map(
        ({ workload, direction }) =>
          `${workload} is not protected on ${direction === 'ingress' ? 'Ingress' : 'Egress'}\n`,
      ),
    ),
  ];
  return `Exposure Analysis Result:\n${sections.filter((text) => text !== '').join('\n')}`;
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.join('')}`;
}

function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
