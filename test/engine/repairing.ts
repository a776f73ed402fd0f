/** Clusters in memory, to change them by repairs and cuts and to look at what comes of it. */
import assert from 'node:assert/strict';
import { parseAllDocuments } from 'yaml';
import { addressCells } from '#server/engine/address-cells.js';
import { type Cluster, clusterOf } from '#server/engine/cluster.js';
import { podsName } from '#server/engine/connection-names.js';
import { type Connection, reachOf } from '#server/engine/reach.js';
import { type Endpoint, podsEnd } from '#server/engine/stages.js';
import { Judge } from '#server/engine/verdict.js';
import { addressesOf, overlaps, parseAddress, parseCidr, printAddresses } from '#server/model/addresses.js';
import { cniNamed } from '#server/model/cni.js';
import { isEmpty, type PortSet, printPorts, subtract } from '#server/model/ports.js';
import { Netpol } from '#server/service.js';
import type { Change } from '#server/text/fix.js';
import { clusterOf as referenceClusterOf } from '../reference/objects.js';
import { type Query, verdict } from '../reference/verdict.js';
import { Memory, root } from '../workspace/memory.js';

/** Two namespaces that their labels tell apart. */
export const namespaces = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {stage: prod}}
---
apiVersion: v1
kind: Namespace
metadata: {name: data, labels: {stage: test}}
---
`;

export interface World {
  readonly netpol: Netpol;
  readonly texts: ReadonlyMap<string, string>;
  readonly cluster: Cluster;
  readonly judge: Judge;
  /** The plugin, where it is one with policies of its own. */
  readonly family: string | undefined;
}

/** Files by their path. */
export async function worldOf(files: Readonly<Record<string, string>>, family?: string): Promise<World> {
  const memory = new Memory(files);
  const netpol = await Netpol.open(memory, [root]);
  const { scopes } = netpol.workspace.index;
  const { profile } = netpol.settings;
  const cni = family === undefined ? profile.cni : (cniNamed(family) ?? profile.cni);
  const cluster = clusterOf(scopes, { profile: { ...profile, cni }, unset: 'default' });
  return { netpol, texts: memory.texts, cluster, judge: new Judge(cluster), family };
}

/** The world after changes were made to its texts, and read anew. */
export async function changed(world: World, changes: readonly Change[]): Promise<World> {
  const after = world.netpol.applyChanges(changes);
  assert.ok(after !== undefined, 'the changes apply');
  const texts = [...world.texts].map(([uri, text]) => [uri.slice(root.length + 1), after.get(uri) ?? text]);
  return worldOf(Object.fromEntries(texts), world.family);
}

/** The end that `namespace/name` or an address (or block) names. */
export function endOf(world: World, name: string): Endpoint {
  if (parseAddress(name.replace(/\/.*/, '')) === undefined) {
    const pods = world.cluster.pods.find((each) => `${each.namespace.name}/${each.name}` === name);
    assert.ok(pods !== undefined, `there is a workload ${name}`);
    return podsEnd(pods);
  }
  const cidr = parseCidr(name.includes('/') ? name : `${name}/${name.includes(':') ? 128 : 32}`);
  assert.ok(cidr !== undefined, name);
  return { kind: 'addresses', addresses: addressesOf(cidr) };
}

/** What the reference evaluator, which shares no code with the server, says of a world. */
export function referenceAllows({ texts, family }: World, query: Query): boolean {
  const objects = [...texts.values()].flatMap((text) =>
    parseAllDocuments(text).flatMap((document) => (document.contents === null ? [] : [document.toJS() as object])),
  );
  const cluster = referenceClusterOf(objects);
  if (family === 'calico' || family === 'cilium') return verdict(cluster, query, { families: family }).possible;
  return verdict(cluster, query, { addressesMatchPods: 'networks' }).allowed;
}

/** Every pair of ends of which one world allows more than the other: the ends, and what it allows more. */
export function allowedMore(than: World, world: World): string[] {
  const cells = (direction: 'ingress' | 'egress') => addressCells([than.cluster, world.cluster], direction);
  const options = { sources: cells('ingress'), destinations: cells('egress') };
  const tell = (each: World) => {
    const found = new Map<string, PortSet>();
    for (const { from, to, ports } of reachOf(each.cluster, options).connections()) {
      found.set(`${endText(from)} -> ${endText(to)}`, ports);
    }
    return found;
  };
  const [less, more] = [tell(than), tell(world)];
  return [...more]
    .flatMap(([ends, ports]) => {
      const before = less.get(ends);
      const extra = before === undefined ? ports : subtract(ports, before);
      return isEmpty(extra) ? [] : [`${ends} ${printPorts(extra)}`];
    })
    .sort();
}

/** Connections as `allowedMore` tells them: addresses in the pieces into which two worlds cut them. */
export function claimed(connections: readonly Connection[], one: World, two: World): string[] {
  const pieces = (end: Endpoint, direction: 'ingress' | 'egress'): readonly Endpoint[] =>
    end.kind !== 'addresses'
      ? [end]
      : addressCells([one.cluster, two.cluster], direction)
          .filter((cell) => overlaps(cell, end.addresses))
          .map((addresses) => ({ kind: 'addresses', addresses }));
  return connections
    .filter(({ from, to }) => !(from.kind === 'pods' && to.kind === 'pods' && from.pods === to.pods))
    .flatMap(({ from, to, ports }) =>
      pieces(from, 'ingress').flatMap((source) =>
        pieces(to, 'egress').map((target) => `${endText(source)} -> ${endText(target)} ${printPorts(ports)}`),
      ),
    )
    .sort();
}

function endText(end: Endpoint): string {
  if (end.kind === 'some pods') return 'some pods';
  return end.kind === 'pods' ? podsName(end.pods) : printAddresses(end.addresses);
}

/** The messages of what the API server would refuse. */
export function refused({ netpol, texts }: World): string[] {
  return [...texts.keys()].flatMap((uri) =>
    netpol
      .findings(uri)
      .filter(({ rule, severity }) => rule.group === 'API validity' && severity === 'error')
      .map(({ message }) => message),
  );
}
