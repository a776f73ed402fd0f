import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graphviz } from '@hpcc-js/wasm-graphviz';
import fc from 'fast-check';
import { crosses } from '#server/picture/around.js';
import { closed } from '#server/picture/closed.js';
import { dataOf, pictureFrom } from '#server/picture/data.js';
import { arrowWords } from '#server/picture/drawing.js';
import { csv, dot, type Edge, markdown, mermaid, svg } from '#server/picture/index.js';
import { laidOut } from '#server/picture/layout.js';
import { mapPicture } from '#server/picture/map-picture.js';
import { pictureOf } from '#server/picture/picture.js';
import { drawn } from '#server/picture/svg.js';

const shop: readonly Edge[] = [
  { src: '0.0.0.0-255.255.255.255[External]', dst: 'shop/web[Deployment]', conn: 'TCP 8080' },
  { src: 'data/db[StatefulSet]', dst: 'data/backup[CronJob]', conn: 'All Connections' },
  { src: 'data/backup[CronJob]', dst: 'data/db[StatefulSet]', conn: 'All Connections' },
  { src: 'shop/api[Deployment]', dst: '10.0.0.0-10.0.0.255[External]', conn: 'TCP 443' },
  { src: 'shop/api[Deployment]', dst: '10.0.2.0-10.0.2.255[External]', conn: 'TCP 443' },
  { src: 'shop/api[Deployment]', dst: '192.0.2.1-192.0.2.1[External]', conn: 'TCP 80' },
  { src: 'shop/api[Deployment]', dst: 'data/db[StatefulSet]', conn: 'TCP 5432' },
  { src: 'shop/web[Deployment]', dst: 'shop/api[Deployment]', conn: 'TCP 80,443-444,UDP 53' },
  { src: '[all namespaces]/[pod with {app.kubernetes.io/name=prom}]', dst: 'shop/api[Deployment]', conn: 'TCP 9090' },
  { src: 'entire-cluster', dst: 'shop/api[Deployment]', conn: 'TCP 80' },
  { src: '{ingress-controller}', dst: 'shop/web[Deployment]', conn: 'TCP 8080' },
];

/** What breaks a format that forgets to escape. */
const awkward: readonly Edge[] = [
  { src: 'a "b"\\', dst: 'x|y, <z> & #35; `*`', conn: 'TCP 80,UDP 53' },
  { src: 'n/end[Pod]', dst: 'graph\nTD]', conn: '"]; evil --> x' },
];

const node = fc.oneof(
  fc.constantFrom('a/p[Pod]', 'a/q[Pod]', 'b/r[Job]', '0.0.0.0-9.9.9.9[External]', '{ingress-controller}'),
  fc.string({ maxLength: 12, unit: 'binary' }),
);
const anyEdges = fc.array(fc.record({ src: node, dst: node, conn: fc.oneof(fc.constant('TCP 80'), fc.string()) }), {
  maxLength: 12,
});

/** An independent reader of RFC 4180, with LF as the line's end. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [whole, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    assert.ok(whole.length > 0);
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\n') rows.push([]);
  }
  assert.deepEqual(rows.pop(), []);
  return rows;
}

test('csv: a header and a row for each connection, quoted only where needed', () => {
  assert.equal(
    csv(shop.slice(6, 8)),
    'src,dst,conn\nshop/api[Deployment],data/db[StatefulSet],TCP 5432\n' +
      'shop/web[Deployment],shop/api[Deployment],"TCP 80,443-444,UDP 53"\n',
  );
  assert.equal(csv([]), 'src,dst,conn\n');
});

test('csv: what is written is read back', () => {
  fc.assert(
    fc.property(anyEdges, (edges) => {
      const rows = readCsv(csv(edges));
      assert.deepEqual(rows, [['src', 'dst', 'conn'], ...edges.map(({ src, dst, conn }) => [src, dst, conn])]);
    }),
  );
});

test('markdown: three columns in every row, whatever the names hold', () => {
  assert.equal(
    markdown(shop.slice(6, 7)),
    '| src | dst | conn |\n|-----|-----|------|\n| shop/api[Deployment] | data/db[StatefulSet] | TCP 5432 |\n',
  );
  for (const row of markdown(awkward).trimEnd().split('\n')) {
    assert.equal(row.split(/(?<!\\)(?:\\\\)*\|/).length, 5, row);
  }
  assert.match(markdown(awkward), /\| x\\\|y, \\<z> & #35; \\`\\\*\\` \|/);
});

test('dot: a box for each namespace, what is outside beside them', async () => {
  const graph = await parsed(dot(shop));
  assert.deepEqual([...graph.boxes.keys()], ['namespace data', 'namespace shop']);
  assert.deepEqual(graph.boxes.get('namespace data'), ['data/backup[CronJob]', 'data/db[StatefulSet]']);
  assert.deepEqual(graph.boxes.get('namespace shop'), ['shop/api[Deployment]', 'shop/web[Deployment]']);
  const shapes = Object.fromEntries(graph.nodes.map(({ name, shape }) => [name, shape]));
  assert.equal(shapes['from 0.0.0.0-255.255.255.255[External]'], 'ellipse');
  assert.equal(shapes['from {ingress-controller}'], 'hexagon');
  assert.equal(shapes['shop/api[Deployment]'], 'box');
  assert.ok(graph.nodes.some(({ name }) => name === 'from entire-cluster'));
  assert.equal(graph.nodes.find(({ name }) => name === 'shop/api[Deployment]')?.label, 'api\nDeployment');
});

test('dot: arrows with ports by protocol; one for both directions; ranges that are alike are one node', async () => {
  const { edges } = await parsed(dot(shop));
  const labels = edges.map(({ from, to, label, dir }) => `${from} ${dir === 'both' ? '<->' : '->'} ${to}: ${label}`);
  assert.deepEqual(labels.sort(), [
    'data/backup[CronJob] <-> data/db[StatefulSet]: All Connections',
    'from 0.0.0.0-255.255.255.255[External] -> shop/web[Deployment]: TCP 8080',
    'from [all namespaces]/[pod with {app.kubernetes.io/name=prom}] -> shop/api[Deployment]: TCP 9090',
    'from entire-cluster -> shop/api[Deployment]: TCP 80',
    'from {ingress-controller} -> shop/web[Deployment]: TCP 8080',
    'shop/api[Deployment] -> data/db[StatefulSet]: TCP 5432',
    'shop/api[Deployment] -> to 10.0.0.0-10.0.0.255[External], 10.0.2.0-10.0.2.255[External]: TCP 443',
    'shop/api[Deployment] -> to 192.0.2.1-192.0.2.1[External]: TCP 80',
    'shop/web[Deployment] -> shop/api[Deployment]: TCP 80,443-444\nUDP 53',
  ]);
});

test('dot: several connections of one pair are one arrow, and a long list of ports goes on in the next line', async () => {
  const pair = { src: 'a/p[Pod]', dst: 'a/q[Pod]' };
  const odd = Array.from({ length: 20 }, (_, index) => 2 * index + 1).join(',');
  const { edges } = await parsed(
    dot([
      { ...pair, conn: `TCP ${odd}` },
      { ...pair, conn: 'UDP 53' },
    ]),
  );
  assert.deepEqual(
    edges.map(({ label }) => label),
    ['TCP 1,3,5,7,9,11,13,15,17,19,21,\n23,25,27,29,31,33,35,37,39\nUDP 53'],
  );
});

test('dot: Graphviz reads whatever the names hold, and shows them as they are', async () => {
  const graph = await parsed(dot(awkward));
  assert.deepEqual(graph.nodes.map(({ label }) => label).sort(), [
    'a "b"\\',
    'end\nPod',
    'graph TD]',
    'x|y, <z> & #35; `*`',
  ]);
  await fc.assert(
    fc.asyncProperty(anyEdges, async (edges) => {
      const { edges: drawn } = await parsed(dot(edges));
      assert.ok(drawn.length <= edges.length);
    }),
    { numRuns: 40 },
  );
});

test('mermaid: every line is a statement of a flowchart, and every arrow joins nodes that are there', () => {
  const quoted = '"(?:[\\w .,:/()=[\\]{}*+!-]|#\\d+;|<br/>)*"';
  const line = new RegExp(
    `^(?:flowchart LR|  subgraph g\\d+\\[${quoted}\\]|  end| +n\\d+(?:\\[${quoted}\\]|\\(\\[${quoted}\\]\\)|\\{\\{${quoted}\\}\\}):::(?:pods|outside|entry|unnamed)|  [ng]\\d+ <?-->\\|${quoted}\\| [ng]\\d+|  classDef \\w+ [\\w:#,-]+)$`,
  );
  const check = (edges: readonly Edge[]) => {
    const text = mermaid(edges);
    for (const each of text.trimEnd().split('\n')) assert.match(each, line);
    const declared = new Set([...text.matchAll(/^ +(?:subgraph )?([ng]\d+)[[({]/gm)].map(([, id]) => id));
    for (const [, from, to] of text.matchAll(/^ {2}(\w+) <?-->.*\| (\w+)$/gm)) {
      assert.ok(declared.has(from) && declared.has(to), `${from} and ${to}`);
    }
    assert.equal([...text.matchAll(/^ {2}subgraph/gm)].length, [...text.matchAll(/^ {2}end$/gm)].length);
  };
  check(shop);
  check(awkward);
  check(mesh(60));
  check(hub(40));
  fc.assert(fc.property(anyEdges, check));
});

test('mermaid: names and ports as people read them', () => {
  const text = mermaid(shop);
  assert.match(text, /^ {2}subgraph g\d\["namespace shop"\]$/m);
  assert.match(text, /^ {4}n\d+\["api<br\/>Deployment"\]:::pods$/m);
  assert.match(text, /\{\{"ingress-controller"\}\}:::entry$/m);
  assert.match(text, /-->\|"TCP 80,443-444<br\/>UDP 53"\|/);
  assert.match(text, /<-->\|"All Connections"\|/);
  // What Mermaid would read as markup or as the end of a text is a character reference.
  assert.match(mermaid(awkward), /"a #34;b#34;#92;"/);
});

test('svg: well-formed, with the title of each node, and the words of each arrow', () => {
  for (const edges of [shop, awkward, mesh(20), hub(10)]) {
    const titles = wellFormed(svg(edges));
    const { groups, arrows } = mapPicture(edges, []);
    assert.ok(arrows.length > 0);
    for (const { id } of groups.flatMap(({ nodes }) => nodes)) assert.ok(titles.includes(plainText(id)), id);
    for (const arrow of arrows.filter(({ from, to }) => from !== to)) {
      assert.ok(titles.includes(plainText(arrowWords(arrow))), arrowWords(arrow));
    }
  }
  assert.match(svg(shop), />TCP 80,443-444/);
  assert.match(svg(shop), />any IPv4 address</);
  wellFormed(svg([]));
  fc.assert(fc.property(anyEdges, (edges) => wellFormed(svg(edges)).length > 0));
});

test('svg: what nothing connects is drawn as well, and the same input gives the same drawing', () => {
  assert.doesNotMatch(svg(shop), /lonely/);
  assert.match(svg(shop, ['shop/lonely[Job]']), />lonely</);
  assert.equal(svg(hub(30)), svg(hub(30).reverse()));
});

test('svg: more arrows than anyone can follow: namespaces are drawn closed, and a note says so', () => {
  const text = svg(hub(201));
  wellFormed(text);
  assert.match(text, />One namespace is drawn closed, since 403 arrows could not be followed\./);
  assert.match(text, />202 workloads</);
  assert.equal([...text.matchAll(/class="arrow /g)].length, 2);
  assert.doesNotMatch(svg(hub(20)), /drawn closed/);
});

test('svg: hundreds of closed namespaces that all differ are still drawn', () => {
  const names = Array.from({ length: 45 }, (_, index) => [`n${index}/a[Pod]`, `n${index}/b[Pod]`]).flat();
  const edges = names.flatMap((src, i) =>
    names.flatMap((dst, j) => (src === dst ? [] : [{ src, dst, conn: `TCP ${1 + i * 100 + j}` }])),
  );
  assert.ok(wellFormed(svg(edges)).length > 45);
});

test('closed namespaces: their arrows are joined, and none is added or lost', () => {
  const picture = mapPicture(hub(6), []);
  const { groups, arrows } = closed(picture, new Set(['shop']));
  const nodes = groups.flatMap((group) => group.nodes);
  assert.deepEqual(nodes.map(({ role, heading, below }) => [role, heading, below]).sort(), [
    ['namespace', 'shop', '7 workloads'],
    ['pods', 'dns', 'Deployment'],
    ['pods', 'prom', 'StatefulSet'],
  ]);
  assert.deepEqual(arrows.map(arrowWords).sort(), [
    'monitoring/prom to namespace shop on TCP 2000, TCP 2001, TCP 2002, TCP 2003, TCP 2004, TCP 2005',
    'namespace shop to kube-system/dns on UDP 53',
  ]);
  assert.equal(closed(picture, new Set()), picture);
});

test('closed namespaces: three or more are framed, and what each has is one arrow of the frame', () => {
  const edges = ['a', 'b', 'c'].flatMap((ns) => [
    { src: `${ns}/x[Pod]`, dst: 'dns/d[Pod]', conn: 'UDP 53' },
    { src: `${ns}/y[Pod]`, dst: 'dns/e[Pod]', conn: 'UDP 53' },
  ]);
  edges.push({ src: 'a/x[Pod]', dst: 'b/y[Pod]', conn: 'TCP 1' });
  const { groups, arrows } = closed(mapPicture(edges, []), new Set(['a', 'b', 'c']));
  assert.deepEqual(
    groups.map(({ namespace, frame }) => [namespace, frame]),
    [
      ['dns', undefined],
      ['3 namespaces', 'namespaces'],
    ],
  );
  assert.deepEqual(arrows.map(arrowWords).sort(), [
    'each of the 3 namespaces to dns/d on UDP 53',
    'each of the 3 namespaces to dns/e on UDP 53',
    'namespace a to namespace b on TCP 1',
  ]);
});

test('a picture tells what only one end allows from what is allowed, also for the same two ends', () => {
  const pair = { src: 'a/p[Pod]', dst: 'a/q[Pod]' };
  const { arrows } = mapPicture(
    [
      { ...pair, conn: 'TCP 80' },
      { ...pair, conn: 'TCP 90', kind: 'one-sided' },
    ],
    [],
  );
  assert.deepEqual(
    arrows.map(({ kind, ports }) => [kind, ports]),
    [
      ['allowed', ['TCP 80']],
      ['one-sided', ['TCP 90']],
    ],
  );
  const text = drawn(mapPicture([{ ...pair, conn: 'TCP 90', kind: 'one-sided' }], []));
  assert.match(text, /class="arrow one-sided /);
  assert.match(text, />\u2717 TCP 90</);
});

test('a picture survives the way to the editor as JSON', () => {
  const picture = mapPicture([...hub(5), ...shop], ['shop/lonely[Job]']);
  const back = pictureFrom(JSON.parse(JSON.stringify(dataOf(picture))));
  assert.equal(drawn(back), drawn(picture));
});

test('no two nodes of a layout cover each other, and boxes hold theirs', () => {
  const name = fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 5 }))
    .map(([ns, i]) => `${ns}/w${i}[Pod]`);
  const end = fc.oneof(
    name,
    fc.integer({ min: 0, max: 2 }).map((i) => `10.${i}.0.0-10.${i}.0.255[External]`),
  );
  const some = fc.array(fc.record({ src: end, dst: name, conn: fc.constantFrom('TCP 80', 'UDP 53') }), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(some, (edges) => {
      const { nodes, boxes, arrows, width, height } = laidOut(mapPicture(edges, []));
      for (const [i, a] of nodes.entries()) {
        assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height);
        for (const b of nodes.slice(i + 1)) {
          const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
          assert.ok(apart, `${a.node.id} and ${b.node.id}`);
        }
        const box = boxes.find(({ namespace }) => namespace === a.namespace);
        if (a.namespace === undefined) continue;
        assert.ok(box !== undefined && a.x > box.x && a.x + a.width < box.x + box.width && a.y > box.y);
      }
      assert.ok(arrows.every(({ points }) => points.length > 1));
    }),
    { numRuns: 60 },
  );
});

test('an arrow between boxes passes behind no other node of them, and labels are part of the picture', () => {
  const end = fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 6 }))
    .map(([ns, i]) => `${ns}/w${i}[Pod]`);
  const some = fc.array(fc.record({ src: end, dst: end, conn: fc.constantFrom('TCP 80', 'UDP 53', 'TCP 1') }), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(some, fc.constantFrom('wide' as const, 'tall' as const), (edges, shape) => {
      const { nodes, arrows, labels, width, height } = laidOut(mapPicture(edges, []), shape);
      const boxOf = new Map(nodes.map(({ node: each, namespace }) => [each, namespace]));
      for (const { arrow, points } of arrows) {
        const [from, to] = [boxOf.get(arrow.from), boxOf.get(arrow.to)];
        if (from === to) continue;
        for (const each of nodes) {
          if (each.node === arrow.from || each.node === arrow.to) continue;
          if (each.namespace !== from && each.namespace !== to) continue;
          for (const [i, point] of points.slice(1).entries()) {
            assert.ok(!crosses(points[i] ?? point, point, each), `${arrowWords(arrow)} behind ${each.node.id}`);
          }
        }
      }
      for (const { x, y, ...size } of labels) {
        assert.ok(x - size.width / 2 >= 0 && x + size.width / 2 <= width && y + size.height / 2 <= height);
      }
    }),
    { numRuns: 100 },
  );
});

/** All may talk to all, and to the outside, as in a cluster without policies. */
function mesh(count: number): Edge[] {
  const names = Array.from({ length: count }, (_, index) => `n${index % 6}/w${index}[Deployment]`);
  return names.flatMap((src) => [
    ...names.filter((dst) => dst !== src).map((dst) => ({ src, dst, conn: 'All Connections' })),
    { src, dst: '0.0.0.0-255.255.255.255[External]', conn: 'All Connections' },
  ]);
}

/** A chain through one namespace, every workload of which also asks the DNS, and is scraped on its own port. */
function hub(count: number): Edge[] {
  return Array.from({ length: count }, (_, index) => [
    { src: `shop/w${index}[Deployment]`, dst: `shop/w${index + 1}[Deployment]`, conn: `TCP ${1000 + index}` },
    { src: `shop/w${index}[Deployment]`, dst: 'kube-system/dns[Deployment]', conn: 'UDP 53' },
    { src: 'monitoring/prom[StatefulSet]', dst: `shop/w${index}[Deployment]`, conn: `TCP ${2000 + index}` },
  ])
    .flat()
    .concat({ src: `shop/w${count}[Deployment]`, dst: 'kube-system/dns[Deployment]', conn: 'UDP 53' });
}

test('a crowded picture: workloads that nothing tells apart are one node', () => {
  const { groups, arrows } = pictureOf(mesh(60));
  assert.deepEqual(
    groups.map(({ nodes }) => nodes.length),
    [1, 1, 1, 1, 1, 1, 1],
  );
  // Six to themselves, fifteen pairs, six to the outside.
  assert.equal(arrows.length, 27);
  const own = arrows.filter(({ from, to }) => from === to);
  assert.ok(own.length === 6 && own.every(({ lines }) => lines[0] === 'each to the others:'));
  const [node] = groups[0]?.nodes ?? [];
  assert.ok(node !== undefined && node.lines.length === 9 && node.lines.at(-1) === 'and 2 more');
  // One arrow that is not like the others keeps its workload apart.
  const odd = pictureOf([...mesh(60), { src: 'n0/w0[Deployment]', dst: '{other}', conn: 'TCP 1' }]);
  assert.deepEqual(
    odd.groups[0]?.nodes.map(({ lines }) => lines[0]),
    ['w0', 'w12 Deployment'],
  );
});

test('a crowded picture: what all workloads of a namespace share is one arrow of its box', () => {
  const { arrows } = pictureOf(hub(40));
  const [dns, ...others] = arrows.filter(({ every }) => every.from !== undefined || every.to !== undefined);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [dns?.every.from, dns?.to.lines, dns?.lines],
    ['shop', ['dns', 'Deployment'], ['from every workload of shop:', 'UDP 53']],
  );
  assert.equal(arrows.length, 81);
  assert.match(dot(hub(40)), /ltail="cluster_shop"/);
  // One workload that may not ask: nothing is said of every workload.
  const less = hub(40).filter(({ src, dst }) => !(src === 'shop/w7[Deployment]' && dst.startsWith('kube-system/')));
  assert.ok(pictureOf(less).arrows.every(({ every }) => every.from === undefined));
});

test('a picture holds exactly the connections that it was given', () => {
  const name = fc
    .constantFrom('a', 'b', 'c')
    .chain((namespace) => fc.integer({ min: 0, max: 4 }).map((index) => `${namespace}/w${index}[Pod]`));
  const range = fc.integer({ min: 0, max: 3 }).map((index) => `10.0.${index}.0-10.0.${index}.255[External]`);
  const conn = fc.constantFrom('TCP 80', 'UDP 53');
  // Few kinds of connection among many pairs, so that likeness is frequent.
  const rule = fc.record({ from: fc.subarray(['a', 'b', 'c']), to: fc.subarray(['a', 'b', 'c']), conn });
  const all = ['a', 'b', 'c'].flatMap((namespace) => [0, 1, 2, 3, 4].map((index) => `${namespace}/w${index}[Pod]`));
  const edges = fc
    .tuple(
      fc.array(rule, { maxLength: 3 }),
      fc.array(fc.record({ src: name, dst: fc.oneof(name, range), conn }), { maxLength: 6 }),
      fc.array(fc.record({ src: range, dst: name, conn }), { maxLength: 6 }),
    )
    .map(([rules, out, into]) => {
      const wide = rules.flatMap((each) =>
        all.flatMap((src) =>
          all
            .filter((dst) => src !== dst && each.from.includes(src[0] ?? '') && each.to.includes(dst[0] ?? ''))
            .map((dst) => ({ src, dst, conn: each.conn })),
        ),
      );
      return [...wide, ...out, ...into].filter(({ src, dst }) => src !== dst);
    });
  let crowded = 0;
  fc.assert(
    fc.property(edges, (given) => {
      const { groups, arrows } = pictureOf(given, 3);
      if (arrows.some(({ every }) => every.from !== undefined || every.to !== undefined)) crowded++;
      const names = ({ id }: { id: string }) => id.replace(/^(?:from|to) /, '').split(', ');
      const end = (node: { id: string }, namespace: string | undefined) =>
        namespace === undefined
          ? names(node)
          : (groups.find((group) => group.namespace === namespace)?.nodes ?? []).flatMap(names);
      const shown = new Set<string>();
      for (const { from, to, both, every, lines } of arrows) {
        for (const src of end(from, every.from)) {
          for (const dst of end(to, every.to)) {
            for (const line of lines.filter((each) => /^[A-Z]+ \d/.test(each))) {
              if (src === dst) continue;
              shown.add(`${src} ${dst} ${line}`);
              if (both) shown.add(`${dst} ${src} ${line}`);
            }
          }
        }
      }
      assert.deepEqual(
        [...shown].sort(),
        [...new Set(given.map((each) => `${each.src} ${each.dst} ${each.conn}`))].sort(),
      );
    }),
    { numRuns: 300 },
  );
  assert.ok(crowded > 0, 'some pictures were bundled');
});

/** A graph as Graphviz understands it. */
async function parsed(text: string) {
  const graphviz = await Graphviz.load();
  interface Thing {
    readonly _gvid: number;
    readonly name: string;
    readonly label?: string;
    readonly shape?: string;
    readonly nodes?: readonly number[];
  }
  const json: {
    readonly objects?: readonly Thing[];
    readonly edges?: readonly {
      readonly tail: number;
      readonly head: number;
      readonly label: string;
      readonly dir?: string;
    }[];
  } = JSON.parse(graphviz.layout(text, 'dot_json', 'dot'));
  const objects = json.objects ?? [];
  const nameOf = (id: number) => objects.find(({ _gvid }) => _gvid === id)?.name ?? '';
  // Room around a line, and Graphviz's way of writing it.
  const plain = (label = '') =>
    label
      .split('\\n')
      .map((line) =>
        line
          .replace(/^\u00a0+|\u00a0+$/g, '')
          .replaceAll('\\\\', '\\')
          .replaceAll('&amp;', '&'),
      )
      .join('\n');
  return {
    boxes: new Map(
      objects.flatMap(({ label, nodes }) => (nodes === undefined ? [] : [[plain(label), nodes.map(nameOf)] as const])),
    ),
    nodes: objects
      .filter(({ nodes, shape }) => nodes === undefined && shape !== undefined)
      .map(({ name, label, shape }) => ({ name, label: plain(label), shape })),
    edges: (json.edges ?? []).map(({ tail, head, label, dir }) => ({
      from: nameOf(tail),
      to: nameOf(head),
      label: plain(label),
      dir,
    })),
  };
}

/** The titles of an SVG; fails unless its tags are balanced and its text has no stray character. */
function wellFormed(text: string): readonly string[] {
  const body = text.replace(/^<\?xml[^>]*\?>\s*<!DOCTYPE[^>]*>/, '').replace(/<!--(?:(?!--).)*-->/gs, '');
  const open: string[] = [];
  const titles: string[] = [];
  let at = 0;
  for (const tag of body.matchAll(/<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    const between = body.slice(at, tag.index);
    assert.doesNotMatch(between, /<|&(?!#?\w+;)/);
    if (open.at(-1) === 'title') titles.push(between);
    at = tag.index + tag[0].length;
    if (tag[1] === '/') assert.equal(open.pop(), tag[2]);
    else if (tag[4] !== '/') open.push(tag[2] ?? '');
  }
  assert.deepEqual(open, []);
  assert.equal(body.slice(at).trim(), '');
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return titles.map((title) =>
    title.replace(/&(?:#(\d+)|(\w+));/g, (all, code, name) =>
      code === undefined ? (named[name] ?? all) : String.fromCodePoint(Number(code)),
    ),
  );
}

/** As `wellFormed` gives texts: what XML cannot hold is shown as unknown, a line's end as a space. */
function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cn}\p{Cs}]/gu, (character) => (character === '\n' ? ' ' : '\ufffd'));
}
