import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgesOf, listingsOf } from '#server/cli/listing.js';
import { mapEdges } from '#server/features/map/map-edges.js';
import { type PictureData, pictureFrom } from '#server/picture/data.js';
import { arrowWords } from '#server/picture/drawing.js';
import type { Edge } from '#server/picture/edge.js';
import { Netpol } from '#server/service.js';
import { allowDns, api, apiPolicy, frontend, shop } from './manifests.js';
import { poor, positionOf, ServerProcess } from './server-process.js';

interface Answer {
  readonly scopes: readonly { readonly id: string; readonly title: string }[];
  readonly scope: string;
  readonly namespaces: readonly { readonly name: string; readonly workloads: number }[];
  readonly shown: readonly string[];
  readonly picture?: PictureData;
  readonly places: Readonly<
    Record<string, readonly { readonly uri: string; readonly range: { start: { line: number } } }[]>
  >;
  readonly problem?: string;
}

/** The policy of another workload that only says whom it may send to: the API lets in none but the frontend. */
const workerEgress = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: worker, namespace: shop}
spec:
  podSelector: {matchLabels: {app: worker}}
  policyTypes: [Egress]
  egress:
    - to: [{podSelector: {matchLabels: {app: api}}}]
      ports: [{port: 8080}]
`;
const worker = frontend.replaceAll('frontend', 'worker');

async function mapOf(server: ServerProcess, path: string, more: object = {}): Promise<Answer> {
  return server.connection.sendRequest('netpol/map', { textDocument: { uri: server.uri(path) }, ...more });
}

function wordsOf({ picture }: Answer): readonly string[] {
  assert.ok(picture !== undefined);
  return pictureFrom(picture).arrows.map(arrowWords).sort();
}

test('the map has the connections of the list, what one end allows, and where the workloads are', async (t) => {
  const server = await ServerProcess.start(t, {
    files: { ...shop, 'workloads/worker.yaml': worker, 'policies/worker.yaml': workerEgress },
  });
  const answer = await mapOf(server, 'policies/api.yaml');
  const words = wordsOf(answer);
  assert.ok(
    words.some((each) => /^shop\/frontend to shop\/api on TCP 8080$/.test(each)),
    words.join('\n'),
  );
  assert.ok(
    words.includes('shop/worker to shop/api on TCP 8080: only one end allows it, so it is blocked'),
    words.join('\n'),
  );
  const [place] = answer.places['shop/api[Deployment]'] ?? [];
  assert.equal(place?.uri, server.uri('workloads/api.yaml'));
  assert.deepEqual(
    answer.scopes.map(({ id }) => id),
    [answer.scope],
  );
  assert.equal(answer.problem, undefined);
});

test('an edit changes the map; a comment moves the places and nothing else', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  const before = await mapOf(server, 'policies/api.yaml');
  const uri = server.uri('workloads/api.yaml');
  await server.open(uri, api);
  await server.change(uri, 2, [{ text: `# one\n# two\n${api}` }]);
  const moved = await mapOf(server, 'policies/api.yaml');
  assert.deepEqual(moved.picture, before.picture);
  const line = ({ places }: Answer) => places['shop/api[Deployment]']?.[0]?.range.start.line ?? -1;
  assert.equal(line(moved), line(before) + 2);
  const policy = server.uri('policies/api.yaml');
  await server.open(policy, apiPolicy);
  await server.change(policy, 2, [{ text: apiPolicy.replace('8080', '9999') }]);
  assert.ok(
    wordsOf(await mapOf(server, 'policies/api.yaml')).some((each) => /frontend to shop\/api on TCP 9999/.test(each)),
  );
  // Half-typed, and with the line ends of Windows, there is still a picture.
  await server.change(policy, 3, [{ text: apiPolicy.slice(0, 150).replaceAll('\n', '\r\n') }]);
  assert.ok((await mapOf(server, 'policies/api.yaml')).picture !== undefined);
});

test('of a namespace: what begins or ends there', async (t) => {
  const far = frontend.replaceAll('frontend', 'far').replaceAll('namespace: shop', 'namespace: far');
  const server = await ServerProcess.start(t, { files: { ...shop, 'far.yaml': far } });
  const all = await mapOf(server, 'far.yaml');
  assert.deepEqual(all.shown, []);
  assert.deepEqual(
    all.namespaces.map(({ name }) => name),
    ['far', 'shop'],
  );
  const some = await mapOf(server, 'far.yaml', { namespaces: ['far', 'gone'] });
  assert.deepEqual(some.shown, ['far']);
  const words = wordsOf(some);
  assert.ok(words.length > 0 && words.every((each) => each.includes('far')), words.join('\n'));
});

test('too many workloads for one picture: it says so, and a namespace can be chosen', async (t) => {
  const many = (namespace: string) =>
    Array.from({ length: 210 }, (_, i) =>
      frontend.replaceAll('frontend', `w${i}`).replaceAll('namespace: shop', `namespace: ${namespace}`),
    ).join('---\n');
  const server = await ServerProcess.start(t, { files: { ...shop, 'a.yaml': many('a'), 'b.yaml': many('b') } });
  const answer = await mapOf(server, 'a.yaml');
  assert.match(answer.problem ?? '', /^42\d workloads are too many for one picture\. Choose a namespace\.$/);
  assert.equal(answer.picture, undefined);
  const some = await mapOf(server, 'a.yaml', { namespaces: ['a'] });
  const nodes = some.picture?.groups.flatMap((group) => group.nodes) ?? [];
  assert.deepEqual(
    nodes.filter(({ names }) => names[0]?.startsWith('a/')).map(({ names }) => names.length),
    [210],
  );
});

test('nothing to draw, and a document that is not known', async (t) => {
  const server = await ServerProcess.start(t, { capabilities: poor, files: { 'policy.yaml': apiPolicy } });
  assert.match((await mapOf(server, 'policy.yaml')).problem ?? '', /^There are no workloads here/);
  assert.match((await mapOf(server, 'nowhere.yaml')).problem ?? '', /^There are no workloads here/);
});

test('the cursor on a policy means what it selects, on a workload itself, elsewhere nothing', async (t) => {
  const server = await ServerProcess.start(t, { files: { ...shop, 'policies/dns.yaml': allowDns } });
  const { scope } = await mapOf(server, 'policies/api.yaml');
  const at = async (path: string, text: string, what: string) => {
    const position = positionOf(text, what);
    return server.connection.sendRequest('netpol/mapCursor', {
      textDocument: { uri: server.uri(path) },
      position,
      scope,
    });
  };
  assert.deepEqual(await at('policies/api.yaml', apiPolicy, 'podSelector'), {
    title: 'policy api',
    names: ['shop/api[Deployment]'],
  });
  assert.deepEqual(await at('workloads/api.yaml', api, 'containers'), {
    title: 'shop/api[Deployment]',
    names: ['shop/api[Deployment]'],
  });
  assert.equal(await at('nowhere.yaml', api, 'containers'), null);
});

test('the lines that decide an arrow: rules, and policies none of whose rules match', async (t) => {
  const server = await ServerProcess.start(t, {
    files: { ...shop, 'workloads/worker.yaml': worker, 'policies/worker.yaml': workerEgress },
  });
  const { scope } = await mapOf(server, 'policies/api.yaml');
  const lines = async (from: string, to: string, kind?: string) => {
    const found: readonly { words: string; uri: string }[] = await server.connection.sendRequest('netpol/mapArrow', {
      scope,
      from,
      to,
      kind,
    });
    return found.map(({ words }) => words);
  };
  // On other ports the same two are blocked; the arrow is about this one.
  assert.deepEqual(await lines('shop/frontend[Deployment]', 'shop/api[Deployment]', 'allowed'), [
    'allows: shop/api, ingress rule 1',
  ]);
  const oneSided = await lines('shop/worker[Deployment]', 'shop/api[Deployment]', 'one-sided');
  assert.ok(oneSided.includes('allows: shop/worker, egress rule 1'), oneSided.join('\n'));
  assert.ok(oneSided.includes('blocks: shop/api, no ingress rule'), oneSided.join('\n'));
  assert.deepEqual(await lines('shop/gone[Deployment]', 'shop/api[Deployment]'), []);
  const outside = await lines('0.0.0.0-255.255.255.255[External]', 'shop/api[Deployment]');
  assert.deepEqual(outside, ['blocks: shop/api, no ingress rule']);
});

test('what the map draws as allowed is what netpol list has, and what is one-sided does not pass', async () => {
  const { manifests } = await import(new URL('../../editor/map-manifests.mjs', import.meta.url).href);
  const text: string = manifests(40);
  const uri = 'file:///c/all.yaml';
  const netpol = await Netpol.open({ list: async () => [uri], read: async () => ({ text }) }, ['file:///c']);
  const [listing] = listingsOf({ netpol, uris: [uri], named: [], show: (each) => each }, 'default');
  assert.ok(listing !== undefined);
  const everything = { names: [], peers: [], direction: undefined, port: undefined };
  const listed = [...edgesOf(listing, everything, { say: () => {}, done: () => {} })];
  const edges = [...mapEdges(listing.cluster, [])].flat();
  const allowed = edges.filter(({ kind }) => kind === undefined);
  const key = ({ src, dst, conn }: Edge) => `${src} => ${dst} : ${conn}`;
  assert.deepEqual(allowed.map(key).sort(), listed.map(key).sort());
  assert.ok(listed.length > 150);
  const passing = new Map(listed.map((edge) => [`${edge.src} => ${edge.dst}`, edge.conn]));
  const oneSided = edges.filter(({ kind }) => kind === 'one-sided');
  // In each team, each web may send to each cache, which lets in api and worker alone.
  assert.ok(oneSided.length > 4);
  for (const { src, dst, conn } of oneSided) {
    assert.match(`${src} ${dst} ${conn}`, /web\[Deployment\] .*cache\[Deployment\] TCP 6379$/);
    assert.equal(passing.get(`${src} => ${dst}`), undefined);
  }
  // A part of it is what begins or ends there.
  const part = [...mapEdges(listing.cluster, ['billing'])].flat().filter(({ kind }) => kind === undefined);
  assert.deepEqual(
    part.map(key).sort(),
    listed
      .filter(({ src, dst }) => src.startsWith('billing/') || dst.startsWith('billing/'))
      .map(key)
      .sort(),
  );
});
