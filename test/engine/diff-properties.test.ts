import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressCells } from '#server/engine/address-cells.js';
import { type Cluster, clusterOf } from '#server/engine/cluster.js';
import { connectionList, speaksOfIPv6 } from '#server/engine/connection-list.js';
import { type ConnectionChange, diffOf } from '#server/engine/diff.js';
import { conditionsKey } from '#server/engine/diff-conditions.js';
import { type Condition, reachOf } from '#server/engine/reach.js';
import { type AddressSet, isSubset } from '#server/model/addresses.js';
import { cniNamed } from '#server/model/cni.js';
import { type PortSet, printConnections } from '#server/model/ports.js';
import { defaultProfile } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';
import { arbitraryCase, manifestsText } from '../reference/arbitrary.js';
import { arbitraryCalicoCase, arbitraryCiliumCase } from '../reference/arbitrary-families.js';
import { namespaceNames } from '../reference/arbitrary-objects.js';

/** The ranges of addresses by their names. */
type Ranges = Map<string, AddressSet>;

/** The same in every run, so that nobody's change fails by luck; NETPOL_SEED and NETPOL_RUNS look further. */
const seed = Number(process.env.NETPOL_SEED ?? 20261121);

const families = [
  ['kubernetes', arbitraryCase, Number(process.env.NETPOL_RUNS ?? 150)],
  ['calico', arbitraryCalicoCase, Number(process.env.NETPOL_RUNS ?? 60)],
  ['cilium', arbitraryCiliumCase, Number(process.env.NETPOL_RUNS ?? 60)],
] as const;

async function clusterFrom(objects: readonly object[], family: string): Promise<Cluster> {
  const text = manifestsText(objects);
  const provider = { list: async () => ['file:///w/all.yaml'], read: async () => ({ text }) };
  const netpol = await Netpol.open(provider, ['file:///w']);
  const cni = cniNamed(family) ?? defaultProfile.cni;
  return clusterOf(netpol.workspace.index.scopes, { profile: { ...defaultProfile, cni }, unset: 'default' });
}

for (const [family, cases, numRuns] of families) {
  test(`${family}: the differences, applied to what was allowed, give what is allowed`, async () => {
    await fc.assert(
      fc.asyncProperty(
        cases as typeof arbitraryCase,
        cases as typeof arbitraryCase,
        fc.array(fc.boolean()),
        fc.array(fc.boolean()),
        fc.tuple(accounts, accounts, fc.boolean()),
        async (one, other, drawn, swapped, [accountsBefore, accountsAfter, samePolicies]) => {
          const kept = samePolicies ? [] : drawn;
          // The same workloads for the most part, with some of the policies of both, and of what policies ask for.
          const isPolicy = (object: object) => 'kind' in object && String(object.kind).endsWith('Policy');
          const more = other.objects.filter(isPolicy).map((object) => object as object);
          const others = new Map(other.objects.filter(isAskedFor).map((object) => [identity(object), object]));
          const asking = family === 'calico' ? [accountPolicy] : [];
          const before = [
            ...one.objects.filter((_, index) => kept[index] !== false),
            ...asking,
            ...(family === 'calico' ? accountsBefore : []),
          ];
          const after = [
            ...one.objects
              .filter((object, index) => !isPolicy(object) || kept[index] !== true)
              .map((object, index) => (swapped[index] !== false ? (others.get(identity(object)) ?? object) : object)),
            ...(samePolicies ? [] : more),
            ...asking,
            ...(family === 'calico' ? accountsAfter : []),
          ];
          const [a, b] = [await clusterFrom(before, family), await clusterFrom(after, family)];
          const { changes } = diffOf(a, b);
          for (const change of changes) {
            assert.ok(change.because.length > 0, 'each difference has a cause');
            assert.notEqual(said(change, 0), said(change, 1));
            assert.equal(change.change, kindOf(change.before, change.after));
          }
          const ranges: Ranges = new Map();
          const [was, is] = [connections(a, [a, b], ranges), connections(b, [a, b], ranges)];
          for (const key of new Set([...was.keys(), ...is.keys()])) {
            const [from = '', to = ''] = key.split(' ');
            const here = changes.filter((change) => holds(ranges, change.from, from) && holds(ranges, change.to, to));
            assert.ok(here.length <= 1, key);
            const [change] = here;
            const old = was.get(key) ?? none;
            if (change !== undefined) assert.equal(said(change, 0), old, key);
            assert.equal(change === undefined ? old : said(change, 1), is.get(key) ?? none, key);
          }
        },
      ),
      { numRuns, ...(family === 'kubernetes' ? {} : { seed }) },
    );
  });
}

const none = 'No Connections ';

/** What policies ask for besides pods. */
function isAskedFor(object: object): boolean {
  const kinds = ['NetworkSet', 'GlobalNetworkSet', 'Tier', 'CiliumCIDRGroup', 'Service'];
  return 'kind' in object && kinds.includes(String(object.kind));
}

function identity(object: object): string {
  const { kind, metadata } = object as { kind: string; metadata: { name: string; namespace?: string } };
  return isAskedFor(object) ? `${kind} ${metadata.namespace}/${metadata.name}` : '';
}

/** Service accounts whose labels a policy asks for. */
const accounts = fc.tuple(...['robot', 'clerk'].map(() => fc.constantFrom('front', 'back'))).map((roles) =>
  namespaceNames.flatMap((namespace) =>
    roles.map((role, index) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: ['robot', 'clerk'][index] ?? '', namespace, labels: { role } },
    })),
  ),
);

const accountPolicy = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'GlobalNetworkPolicy',
  metadata: { name: 'asks-for-accounts' },
  spec: {
    selector: "app == 'api'",
    types: ['Ingress'],
    ingress: [{ action: 'Allow', source: { serviceAccounts: { selector: "role == 'front'" } } }],
  },
};

function kindOf(before: PortSet, after: PortSet): ConnectionChange['change'] {
  if (printConnections(before) === 'No Connections') return 'added';
  return printConnections(after) === 'No Connections' ? 'removed' : 'changed';
}

/** What a change says of one side: ports, and under which conditions they pass. */
function said({ before, after, conditions }: ConnectionChange, side: 0 | 1): string {
  return textOf(side === 0 ? before : after, conditions[side]);
}

function textOf(ports: PortSet, conditions: readonly Condition[]): string {
  return `${printConnections(ports)} ${conditionsKey(conditions)}`;
}

/** What a cluster allows by the names of the ends, as it is listed; addresses cut as the policies of both clusters do. */
function connections(cluster: Cluster, both: readonly [Cluster, Cluster], ranges: Ranges): ReadonlyMap<string, string> {
  const isShown = ({ v4 }: AddressSet) => v4.length > 0 || both.some(speaksOfIPv6);
  const cut = {
    sources: addressCells(both, 'ingress').filter(isShown),
    destinations: addressCells(both, 'egress').filter(isShown),
  };
  // IPv6 is listed where either side speaks of it.
  const shown = { ...(both.find(speaksOfIPv6) ?? cluster), pods: cluster.pods };
  const list = connectionList(shown, reachOf(cluster, cut), []);
  for (const end of [...list.sources, ...list.destinations]) {
    if (end.kind === 'addresses') ranges.set(end.name, end.addresses);
  }
  const found = list.sources.flatMap((source) => [...list.from(source)]);
  const texts = found.map(({ src, dst, ports, conditions }) => {
    return [`${src.name} ${dst.name}`, textOf(ports, conditions)] as const;
  });
  return new Map(texts.filter(([, text]) => text !== none));
}

function holds(ranges: Ranges, end: ConnectionChange['from'], name: string): boolean {
  if (end.kind !== 'addresses') return end.name === name;
  const range = ranges.get(name);
  return range !== undefined && isSubset(range, end.addresses);
}
