import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Cluster, clusterOf, type Pods } from '#server/engine/cluster.js';
import { type Reach, reachOf } from '#server/engine/reach.js';
import { type Endpoint, podsEnd } from '#server/engine/stages.js';
import { Judge } from '#server/engine/verdict.js';
import { nodeFiles } from '#server/host/node-files.js';
import { type AddressSet, allIPv4 } from '#server/model/addresses.js';
import { allPorts, includes, intersect, type PortSet, printConnections } from '#server/model/ports.js';
import { Netpol } from '#server/service.js';
import { protocolOf } from '../connection-case.js';

interface EvalCase {
  readonly dir: string;
  readonly src: string;
  readonly dst: string;
  readonly protocol: string;
  readonly port: number;
  readonly allowed: boolean;
}

interface ParsedCase {
  readonly name: string;
  readonly manifests: string;
  readonly evalTests: readonly { readonly src: string; readonly dst: string; readonly allowed: string }[];
}

const root = join(process.cwd(), 'test/corpus/np-guard');

describe('single checks', () => {
  const cases = readJson<readonly EvalCase[]>('eval-cases.json');
  assert.equal(cases.length, 7);
  for (const { dir, src, dst, protocol, port, allowed } of cases) {
    test(`${dir}: ${src} to ${dst} on ${protocol} ${port}`, async () => {
      const cluster = await clusterFrom(join(root, 'tests', dir));
      for (const ports of between(cluster, src, dst)) assert.equal(includes(ports, protocolOf(protocol), port), allowed);
    });
  }
});

describe('clusters of AdminNetworkPolicies that np-guard’s tests build in code', () => {
  const cases = readJson<readonly ParsedCase[]>('parsed-resources/index.json');
  assert.equal(cases.length, 38);
  assert.equal(cases.flatMap(({ evalTests }) => evalTests).length, 70);
  for (const { name, manifests, evalTests } of cases) {
    test(`${manifests}: ${name}`, async () => {
      const cluster = await clusterFrom(join(root, 'parsed-resources'), manifests);
      for (const { src, dst, allowed } of evalTests) {
        for (const ports of between(cluster, src, dst)) assert.equal(printConnections(ports), allowed, `${src} to ${dst}`);
      }
    });
  }
});

/** What may pass, worked out both ways: for the pair, and by classes of pods. */
function between(cluster: Cluster, src: string, dst: string): readonly PortSet[] {
  const [from, to] = [endNamed(cluster, src), endNamed(cluster, dst)];
  const judge = new Judge(cluster);
  return [judge.table.setOf(judge.between(from, to)), byClasses(reachOf(cluster), from, to)];
}

function byClasses(reach: Reach, from: Endpoint, to: Endpoint): PortSet {
  if (from.kind === 'pods' && to.kind === 'pods') {
    return reach.between(classOf(reach, from.pods), classOf(reach, to.pods));
  }
  const ipv4 = (cells: readonly AddressSet[]) => cells.filter(({ v4 }) => v4.length > 0);
  const parts =
    to.kind === 'pods'
      ? ipv4(reach.sources).map((cell) => reach.fromOutside(cell, classOf(reach, to.pods)))
      : ipv4(reach.destinations).map((cell) => reach.toOutside(classOf(reach, podsOf(from)), cell));
  return parts.reduce(intersect, allPorts);
}

function classOf({ classes }: Reach, pods: Pods) {
  const found = classes.find(({ members }) => members.includes(pods));
  assert.ok(found);
  return found;
}

function podsOf(end: Endpoint): Pods {
  assert.ok(end.kind === 'pods');
  return end.pods;
}

/** Pods by `namespace/name`, and all IPv4 addresses. */
function endNamed(cluster: Cluster, name: string): Endpoint {
  return name === '0.0.0.0/0' ? { kind: 'addresses', addresses: allIPv4 } : podsEnd(podsNamed(cluster, name));
}

/** By `namespace/name`: the workload's name, or that of one of its pods. */
function podsNamed(cluster: Cluster, wanted: string): Pods {
  const [namespace, name] = wanted.split('/');
  const found = cluster.pods.find(
    (pods) =>
      pods.namespace.name === namespace &&
      (pods.name === name || pods.workloads.some(({ value }) => value.name === name)),
  );
  assert.ok(found, wanted);
  return found;
}

async function clusterFrom(folder: string, file?: string): Promise<Cluster> {
  const disk = nodeFiles();
  const uri = pathToFileURL(folder).toString();
  const provider = file === undefined ? disk : { ...disk, list: async () => [`${uri}/${file}`] };
  const { workspace, settings } = await Netpol.open(provider, [uri]);
  return clusterOf(workspace.index.scopes, { profile: settings.profile, unset: 'default' });
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as T;
}
