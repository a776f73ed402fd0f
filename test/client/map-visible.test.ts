import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestIn } from '#client/map/nearest.js';
import { foundBy, neighboursOf, nodesOf, visiblePicture } from '#client/map/visible.js';
import { arrowWords } from '#server/picture/drawing.js';
import { laidOut } from '#server/picture/layout.js';
import { mapPicture } from '#server/picture/map-picture.js';

const picture = mapPicture(
  [
    { src: 'shop/web[Pod]', dst: 'shop/api[Pod]', conn: 'TCP 80' },
    { src: 'shop/api[Pod]', dst: 'shop/db[Pod]', conn: 'TCP 5432' },
    { src: 'shop/db[Pod]', dst: 'shop/web[Pod]', conn: 'TCP 99', kind: 'one-sided' },
    ...['web', 'api', 'db'].map((name) => ({ src: `shop/${name}[Pod]`, dst: 'dns/dns[Pod]', conn: 'UDP 53' })),
  ],
  [],
);
const named = (heading: string) => {
  const found = nodesOf(picture).find((node) => node.heading === heading);
  assert.ok(found !== undefined, heading);
  return found;
};

test('neighbours: arrows of a whole box count for each in it, what one end allows is denied', () => {
  const { sends, receives, denied } = neighboursOf(picture, named('db'));
  assert.deepEqual(sends.map(arrowWords).sort(), [
    'every workload of shop to dns/dns on UDP 53',
    'shop/db to shop/web on TCP 99: only one end allows it, so it is blocked',
  ]);
  assert.deepEqual(receives.map(arrowWords), ['shop/api to shop/db on TCP 5432']);
  assert.deepEqual(denied.map(({ heading }) => heading).sort(), ['api', 'web']);
  assert.equal(neighboursOf(picture, named('dns')).receives.length, 1);
});

test('only a node and its neighbours: others of its box are gone, and it can be laid out', () => {
  const some = visiblePicture(picture, { closed: new Set(), around: named('db').id });
  assert.deepEqual(
    nodesOf(some)
      .map(({ heading }) => heading)
      .sort(),
    ['api', 'db', 'dns', 'web'],
  );
  const web = visiblePicture(picture, { closed: new Set(), around: named('web').id });
  assert.deepEqual(
    nodesOf(web)
      .map(({ heading }) => heading)
      .sort(),
    ['api', 'db', 'dns', 'web'],
  );
  const dns = visiblePicture(picture, { closed: new Set(['shop']), around: named('dns').id });
  assert.deepEqual(
    nodesOf(dns)
      .map(({ heading }) => heading)
      .sort(),
    ['dns', 'shop'],
  );
  for (const each of [some, web, dns]) assert.equal(laidOut(each).nodes.length, nodesOf(each).length);
  assert.equal(visiblePicture(picture, { closed: new Set(), around: 'gone' }), picture);
});

test('a search finds names, namespaces and ports, with the ends of these', () => {
  const headings = (query: string) => [...(foundBy(picture, query)?.nodes ?? [])].map(({ heading }) => heading).sort();
  assert.deepEqual(headings('AP'), ['api']);
  assert.deepEqual(headings('5432'), ['api', 'db']);
  assert.deepEqual(headings('shop/'), ['api', 'db', 'web']);
  assert.deepEqual(headings('udp 53'), ['api', 'db', 'dns', 'web']);
  assert.deepEqual(headings('nothing'), []);
  assert.equal(foundBy(picture, '  '), undefined);
});

test('arrow keys: the nearest that way, and none beyond the edge', () => {
  const { nodes } = laidOut(picture);
  const [left] = [...nodes].sort((a, b) => a.x - b.x);
  assert.ok(left !== undefined);
  assert.equal(nearestIn(nodes, left.node, [-1, 0]), undefined);
  const next = nearestIn(nodes, left.node, [1, 0]);
  assert.ok(next !== undefined && next !== left.node);
  const seen = new Set([left.node]);
  // From any node, some key leads to any other.
  for (const node of seen) {
    for (const way of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      const other = nearestIn(nodes, node, way);
      if (other !== undefined) seen.add(other);
    }
  }
  assert.equal(seen.size, nodes.length);
});
