import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { progressOn } from '#server/cli/progress.js';
import { run } from '#server/cli/run.js';
import { styleFor } from '#server/cli/style.js';
import { folderWith, netpol } from './terminal.js';

const pod = (name: string, namespace: string | undefined, labels: string, extra = '') => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
${namespace === undefined ? '' : `  namespace: ${namespace}\n`}  labels: ${labels}
${extra}spec:
  containers: [{ name: c, image: i, ports: [{ name: http, containerPort: 8080 }] }]
---
`;

const policy = (name: string, namespace: string, spec: string) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
---
`;

const shop = {
  'all.yaml':
    pod('web', 'shop', '{ app: web }') +
    pod('api', 'shop', '{ app: api }') +
    policy(
      'api',
      'shop',
      `{ podSelector: { matchLabels: { app: api } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }], ports: [{ port: 8080 }] }] }`,
    ),
};

const shopLines = [
  '0.0.0.0-255.255.255.255[External] => shop/web[Pod] : All Connections',
  'shop/api[Pod] => 0.0.0.0-255.255.255.255[External] : All Connections',
  'shop/api[Pod] => shop/web[Pod] : All Connections',
  'shop/web[Pod] => 0.0.0.0-255.255.255.255[External] : All Connections',
  'shop/web[Pod] => shop/api[Pod] : TCP 8080',
];

test('list gives every allowed connection, and nothing else on either stream', async (t) => {
  const cwd = await folderWith(t, shop);
  for (const args of [['list'], ['list', '--format', 'text'], ['list', 'all.yaml', '--format', 'txt']]) {
    assert.deepEqual(await netpol(args, { cwd }), { code: 0, out: `${shopLines.join('\n')}\n`, err: '' });
  }
  const piped = await netpol(['list', '-'], { cwd, stdin: shop['all.yaml'] });
  assert.equal(piped.out, `${shopLines.join('\n')}\n`);
});

test('the focus is on names, directions and the other end', async (t) => {
  const cwd = await folderWith(t, shop);
  const lines = async (...args: string[]) => {
    const { code, out, err } = await netpol(['list', ...args], { cwd });
    assert.equal(code, 0, err);
    return out.split('\n').filter((line) => line !== '');
  };
  const [inWeb, apiOut, apiToWeb, webOut, webToApi] = shopLines;
  for (const name of ['api', 'shop/api', 'shop/api[Pod]']) {
    assert.deepEqual(await lines('--focus', name), [apiOut, apiToWeb, webToApi], name);
  }
  assert.deepEqual(await lines('--focus', 'api', '--direction', 'egress'), [apiOut, apiToWeb]);
  assert.deepEqual(await lines('--focus', 'api', '--direction', 'ingress'), [webToApi]);
  assert.deepEqual(await lines('--focus', 'api', '--focus-peer', 'shop/web'), [apiToWeb, webToApi]);
  assert.deepEqual(await lines('--focus', 'api', '--focus', 'web'), shopLines);
  assert.deepEqual(await lines('--focus', 'api,web', '--focus-peer', 'web', '--direction', 'ingress'), [webToApi]);
  assert.deepEqual(await lines('--focus', 'ingress-controller'), []);
  assert.deepEqual(await lines('--focus', 'api', '--port', '8080'), [
    'Permitted connections on TCP 8080:',
    ...[apiOut, apiToWeb, webToApi].map((line) => line?.replace(/ : .*/, '')),
  ]);
  assert.deepEqual(await lines('--port', '53', '--protocol', 'udp', '--focus', 'api', '--direction', 'ingress'), []);
  assert.ok(inWeb !== undefined && webOut !== undefined);
});

test('what makes no sense is one clear line, and the exit status 2', async (t) => {
  const cwd = await folderWith(t, shop);
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--focus', 'shop/apo'], /^there is no workload "shop\/apo" here; did you mean "shop\/api"\?$/],
    [['--focus', 'api', '--focus-peer', 'wep'], /^there is no workload "wep" here; did you mean "web"\?$/],
    [['--focus', 'other/thing'], /^there is no workload "other\/thing" here; there are shop\/api, shop\/web$/],
    [['--focus', 'api,'], /^--focus: a name is empty$/],
    [['--focus-peer', 'api'], /^--focus-peer says what the other end of --focus is/],
    [['--direction', 'ingress'], /^--direction is that of the workloads of --focus/],
    [['--focus', 'api', '--direction', 'in'], /^--direction in: use ingress or egress$/],
    [['--port', '70000'], /^--port 70000: use a number from 1 to 65535$/],
    [['--port', 'http'], /^--port http: use a number from 1 to 65535$/],
    [['--protocol', 'TCP'], /^--protocol is that of --port/],
    [['--port', '80', '--protocol', 'ICMP'], /^--protocol ICMP: use TCP, UDP or SCTP$/],
    [['--format', 'jsn'], /^--format jsn: did you mean "json"\?$/],
    [['--format', 'xml'], /^--format xml: use text, json, ndjson, csv, md, dot, mermaid or svg$/],
    [['--exposure', '--port', '80'], /^--exposure is about all ports; it cannot be used with --port$/],
    [['--output', 'no/such/folder/x'], /^no\/such\/folder\/x could not be written: /],
  ];
  for (const [args, message] of cases) {
    const { code, out, err } = await netpol(['list', ...args], { cwd });
    assert.deepEqual([code, out], [2, ''], args.join(' '));
    assert.match(err.replace(/^netpol: |\n$/g, ''), message);
  }
});

test('the JSON fits its schema: one scope, several, a port, nothing', async (t) => {
  const root = process.cwd();
  const schema = JSON.parse(readFileSync(join(root, 'docs/json-schema/list.schema.json'), 'utf8'));
  const validate = new Ajv().compile(schema);
  const cwd = await folderWith(t, { ...shop, 'none/x.yaml': 'kind: x\n' });
  const commands = [
    ['examples'],
    ['examples/shop-fixed', '--port', '5432'],
    ['examples', '--exposure'],
    ['test/corpus/np-guard/tests/onlineboutique_workloads', '--exposure', '--focus', 'loadgenerator'],
    ['test/corpus/np-guard/tests/k8s_ingress_test'],
    ['test/corpus/np-guard/tests/anp_banp_test_multiple_warnings'],
    [join(cwd, 'none')],
  ];
  for (const args of commands) {
    const { code, out } = await netpol(['list', ...args, '--format', 'json'], { cwd: root });
    assert.equal(code, 0);
    assert.ok(validate(JSON.parse(out)), `${args}: ${JSON.stringify(validate.errors)}`);
    assert.equal(out, `${JSON.stringify(JSON.parse(out), undefined, 2)}\n`, 'indented as JSON.stringify does');
  }
  const sample = [...readFileSync(join(root, 'docs/json.md'), 'utf8').matchAll(/^```json\n(\[[\s\S]*?)^```$/gm)].find(
    ([, text]) => text?.includes('"src"') === true && !text.includes('"change"'),
  );
  assert.ok(validate(JSON.parse(sample?.[1] ?? '{}')), JSON.stringify(validate.errors));
  for (const wrong of [
    [{}],
    [{ src: 'web', dst: 'shop/api[Pod]', conn: 'TCP 80' }],
    [{ src: 'a/b[Pod]', dst: 'a/c[Pod]', conn: 'tcp' }],
  ]) {
    assert.ok(!validate(wrong), `the schema refuses ${JSON.stringify(wrong)}`);
  }
});

test('what a kustomization does beyond what is evaluated is said of every answer about it', async (t) => {
  const cwd = await folderWith(t, {
    'kustomization.yaml':
      'resources: [all.yaml]\nreplacements: [{source: {kind: Pod, name: a}, targets: [{select: {kind: NetworkPolicy}, fieldPaths: [spec.podSelector.matchLabels.app]}]}]\n',
    'all.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b, namespace: shop}\n',
  });
  const note =
    /is built with what netpol does not evaluate \(.*replacements\), so more or less may be allowed than is said/;
  assert.match((await netpol(['list'], { cwd })).err, note);
  assert.match((await netpol(['explain', '--from', 'shop/a', '--to', 'shop/b'], { cwd })).err, note);
  await writeFile(join(cwd, 'kustomization.yaml'), 'resources: [all.yaml]\n');
  assert.equal((await netpol(['list'], { cwd })).err, '');
});

test('each kustomization is a cluster of its own', async (t) => {
  const cwd = await folderWith(t, {
    'dev/kustomization.yaml': 'resources: [all.yaml]\n',
    'dev/all.yaml': shop['all.yaml'],
    'prod/kustomization.yaml': 'resources: [all.yaml]\n',
    'prod/all.yaml': pod('web', 'shop', '{ app: web }') + pod('api', 'shop', '{ app: api }'),
  });
  const { out, err } = await netpol(['list', '--focus', 'api', '--focus-peer', 'web'], { cwd });
  assert.equal(
    out,
    '# dev (kustomization)\nshop/api[Pod] => shop/web[Pod] : All Connections\nshop/web[Pod] => shop/api[Pod] : TCP 8080\n\n' +
      '# prod (kustomization)\nshop/api[Pod] => shop/web[Pod] : All Connections\nshop/web[Pod] => shop/api[Pod] : All Connections\n',
  );
  assert.equal(err, '');
  const json = JSON.parse((await netpol(['list', '--format', 'json', '--focus', 'api', '--port', '80'], { cwd })).out);
  assert.deepEqual(json.at(-1), { src: 'shop/web[Pod]', dst: 'shop/api[Pod]', scope: 'prod (kustomization)' });
  const drawn = await netpol(['list', '--format', 'csv'], { cwd });
  assert.equal(
    drawn.err,
    'netpol: 2 clusters are shown as one (dev (kustomization) and prod (kustomization)); name one PATH to see it alone\n',
  );
});

test('objects without a namespace are in that of --namespace', async (t) => {
  const cwd = await folderWith(t, { 'all.yaml': pod('a', undefined, '{ x: y1 }') + pod('b', 'prod', '{ x: y1 }') });
  const line = async (...args: string[]) =>
    (await netpol(['list', '--focus', 'a', '--focus-peer', 'b', ...args], { cwd })).out;
  assert.match(await line(), /^default\/a\[Pod\] => prod\/b\[Pod\]/);
  assert.match(await line('--namespace', 'prod'), /^prod\/a\[Pod\] => prod\/b\[Pod\]/);
});

test('pods of one owner are one line that says what any of them may do, and none to themselves', async (t) => {
  const owned = '  ownerReferences: [{ apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: u, controller: true }]\n';
  const cwd = await folderWith(t, {
    'all.yaml':
      pod('web-1', 'shop', '{ app: web }', owned) +
      pod('web-2', 'shop', '{ app: web, canary: "yes" }', owned) +
      pod('api', 'shop', '{ app: api }') +
      policy(
        'deny',
        'shop',
        '{ podSelector: { matchLabels: { app: api } }, policyTypes: [Ingress], ingress: [{ from: [{ podSelector: { matchLabels: { canary: "yes" } } }], ports: [{ port: 1 }] }, { from: [{ podSelector: { matchLabels: { app: web } } }], ports: [{ port: 2 }] }] }',
      ),
  });
  const { out } = await netpol(['list', '--focus', 'web', '--direction', 'egress'], { cwd });
  assert.deepEqual(out.split('\n'), [
    'shop/web[ReplicaSet] => 0.0.0.0-255.255.255.255[External] : All Connections',
    'shop/web[ReplicaSet] => shop/api[Pod] : TCP 1-2',
    '',
  ]);
});

test('what passes on no port of TCP, UDP and SCTP is not listed', async (t) => {
  const deny = ['TCP', 'UDP', 'SCTP'].map(
    (protocol) => `{ portRange: { protocol: ${protocol}, start: 1, end: 65535 } }`,
  );
  const cwd = await folderWith(t, {
    'all.yaml': `${pod('a', 'x', '{ app: a }')}${pod('b', 'x', '{ app: b }')}apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: { name: icmp-alone }
spec:
  priority: 1
  subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: a } } } }
  ingress: [{ action: Deny, from: [{ namespaces: {} }], ports: [${deny.join(', ')}] }]
`,
  });
  const { out } = await netpol(['list', '--focus', 'a', '--focus-peer', 'b'], { cwd });
  assert.equal(out, 'x/a[Pod] => x/b[Pod] : All Connections\n');
});

test('IPv6 is listed where a policy speaks of it, and only there', async (t) => {
  const block = (cidr: string) =>
    policy(
      'out',
      'shop',
      `{ podSelector: {}, policyTypes: [Egress], egress: [{ to: [{ ipBlock: { cidr: "${cidr}" } }] }] }`,
    );
  const web = pod('web', 'shop', '{ app: web }');
  const cwd = await folderWith(t, { 'v4.yaml': web + block('10.0.0.0/8'), 'v6.yaml': web + block('2001:db8::/32') });
  const v4 = await netpol(['list', 'v4.yaml'], { cwd });
  assert.doesNotMatch(v4.out, /::/);
  assert.match(v4.out, /^shop\/web\[Pod\] => 10\.0\.0\.0-10\.255\.255\.255\[External\] : All Connections$/m);
  const v6 = await netpol(['list', 'v6.yaml', '--direction', 'egress', '--focus', 'web'], { cwd });
  assert.equal(
    v6.out,
    'shop/web[Pod] => 2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff[External] : All Connections\n',
  );
});

const entry = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: front, namespace: shop }
spec: { defaultBackend: { service: { name: web, port: { number: 80 } } } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: http }] }
---
`;
const closed = (from: string) =>
  policy('closed', 'shop', `{ podSelector: {}, policyTypes: [Ingress], ingress: [${from}] }`);

test('{ingress-controller} sends what Ingresses lead to, where any pod may', async (t) => {
  const web = pod('web', 'shop', '{ app: web }');
  const cwd = await folderWith(t, {
    'open.yaml': web + entry,
    'every-pod.yaml': web + entry + closed('{ from: [{ namespaceSelector: {} }] }'),
    'closed.yaml': web + entry + closed(''),
    'nginx.yaml':
      web +
      entry +
      closed('{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ingress-nginx } } }] }'),
  });
  const line = '{ingress-controller} => shop/web[Pod] : TCP 8080\n';
  for (const file of ['open.yaml', 'every-pod.yaml']) {
    const { out, err } = await netpol(['list', file, '--focus', 'ingress-controller'], { cwd });
    assert.deepEqual([out, err], [line, ''], file);
  }
  const blocked = await netpol(['list', 'closed.yaml'], { cwd });
  assert.doesNotMatch(blocked.out, /ingress-controller/);
  assert.equal(
    blocked.err,
    'netpol: Ingress shop/front sends to shop/web[Pod] on TCP 8080, which shop/closed (closed.yaml:22) blocks for pods that ' +
      'no rule names, so the list leaves it out; allow the pods of your ingress controller if no rule does\n',
  );
  const known = await netpol(['list', 'nginx.yaml'], { cwd });
  assert.doesNotMatch(known.out, /ingress-controller/);
  assert.equal(known.err, '', 'the controller of the settings is let in: nothing to say');
});

test('an entry that a controller among the manifests may use is no news, wherever the controller runs', async (t) => {
  const from = '{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: edge } } }] }';
  const manifests = pod('web', 'shop', '{ app: web }') + entry + closed(from);
  const cwd = await folderWith(t, {
    'alone.yaml': manifests,
    'beside.yaml': manifests + pod('traefik', 'edge', '{ app.kubernetes.io/name: traefik }'),
  });
  assert.match((await netpol(['list', 'alone.yaml'], { cwd })).err, /allow the pods of your ingress controller/);
  assert.equal((await netpol(['list', 'beside.yaml'], { cwd })).err, '');
});

test('an administrator’s Deny is named where it blocks an entry', async (t) => {
  const cwd = await folderWith(t, {
    'all.yaml':
      pod('web', 'shop', '{ app: web }') +
      entry +
      `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: { name: no-entry }
spec: { priority: 1, subject: { namespaces: {} }, ingress: [{ action: Deny, from: [{ namespaces: {} }] }] }
`,
  });
  const { out, err } = await netpol(['list', '--focus', 'ingress-controller'], { cwd });
  assert.equal(out, '');
  assert.match(err, /which no-entry \(all\.yaml:\d+\) blocks for pods/);
});

test('workloads of a chart that is not rendered have the names of its templates, and are kept apart', async (t) => {
  const cwd = await folderWith(t, {
    'Chart.yaml': 'apiVersion: v2\nname: x\nversion: 0.1.0\n',
    'templates/all.yaml':
      pod('"{{ .Release.Name }}-web"', undefined, '{ app: web }') +
      pod('"{{ .Release.Name }}-db"', undefined, '{ app: db }') +
      policy(
        'deny',
        'default',
        '{ podSelector: { matchLabels: { app: db } }, policyTypes: [Ingress, Egress] }',
      ).replace(', namespace: default', ''),
  });
  assert.deepEqual((await netpol(['list', '.'], { cwd })).out.trim().split('\n'), [
    '0.0.0.0-255.255.255.255[External] => default/{{ .Release.Name }}-web[Pod] : All Connections',
    'default/{{ .Release.Name }}-web[Pod] => 0.0.0.0-255.255.255.255[External] : All Connections',
  ]);
  assert.match((await netpol(['check', '.'], { cwd })).out, /No DNS for 1 workload \(\{\{ \.Release\.Name \}\}-db\)/);
});

test('what the list cannot know is said on standard error', async (t) => {
  const cwd = await folderWith(t, {
    'empty/notes.yaml': 'kind: Nothing\n',
    'closed/all.yaml':
      pod('a', 'x', '{ a: b }') + policy('closed', 'x', '{ podSelector: {}, policyTypes: [Ingress, Egress] }'),
    'chart/all.yaml': pod('a', 'x', '{ a: b }') + policy('t', 'x', '{ podSelector: {}, ingress: {{ .Values.in }} }'),
    'broken/all.yaml': `${pod('a', 'x', '{ a: b }')}apiVersion: v1\nkind: [\n`,
    'wrong/all.yaml':
      pod('a', 'x', '{ a: b }') +
      policy('w', 'x', '{ podSelector: {}, ingress: [{ ports: [{ port: 9, endPort: 2 }] }] }'),
  });
  const said = async (folder: string) => {
    const { code, err } = await netpol(['list', folder], { cwd });
    assert.equal(code, 0, err);
    return err;
  };
  assert.equal(await said('empty'), 'netpol: there are no workloads here, so there is nothing to connect\n');
  assert.equal(await said('closed'), 'netpol: no connection is allowed\n');
  assert.match(
    await said('chart'),
    /^netpol: 1 policy in chart cannot be read in full \(x\/t\), so more or less may be allowed than is listed; for a chart, list what `helm template` prints\n/,
  );
  assert.match(
    await said('broken'),
    /^netpol: broken\/all\.yaml is not all YAML; what cannot be read of it does not count \(see `netpol check`\)\n$/,
  );
  assert.match(
    await said('wrong'),
    /\(x\/w\), so more or less may be allowed than is listed; `netpol check` says why\n/,
  );
});

test('every format, on standard output and into a file', async (t) => {
  const cwd = await folderWith(t, shop);
  const starts: Readonly<Record<string, RegExp>> = {
    text: /^0\.0\.0\.0/,
    json: /^\[\n {2}\{\n {4}"src": "0\.0\.0\.0/,
    csv: /^src,dst,conn\n0\.0\.0\.0/,
    md: /^\| src \| dst \| conn \|\n/,
    dot: /^digraph /,
    mermaid: /^flowchart LR\n/,
    svg: /<svg /,
  };
  for (const [format, start] of Object.entries(starts)) {
    const shown = await netpol(['list', '--format', format], { cwd });
    assert.deepEqual([shown.code, shown.err], [0, ''], format);
    assert.match(shown.out, start);
    const written = await netpol(['list', '--format', format, '--output', 'list.out'], { cwd });
    assert.deepEqual([written.code, written.out, written.err], [0, '', ''], format);
    assert.equal(await readFile(join(cwd, 'list.out'), 'utf8'), shown.out, format);
  }
  const csv = await netpol(['list', '--format', 'csv', '--port', '8080'], { cwd });
  assert.match(csv.out, /^shop\/web\[Pod\],shop\/api\[Pod\],TCP 8080$/m);
});

test('--exposure puts what pods outside of the manifests may do behind the list', async (t) => {
  const cwd = await folderWith(t, {
    'all.yaml': `${shop['all.yaml']}${policy(
      'batch',
      'shop',
      '{ podSelector: { matchLabels: { app: api } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: batch } } }], ports: [{ port: 9090 }] }] }',
    )}`,
  });
  const args = ['list', '--focus', 'api', '--direction', 'ingress', '--exposure'];
  const text = await netpol(args, { cwd });
  assert.equal(text.err, '');
  const [list = '', exposure = ''] = text.out.split('\n\n');
  assert.equal(list, 'shop/web[Pod] => shop/api[Pod] : TCP 8080');
  assert.match(exposure, /^Exposure Analysis Result:\nIngress Exposure:\n/);
  assert.match(exposure, /^shop\/api\[Pod\] \t<= \tshop\/\[pod with \{app=batch\}\] : TCP 9090$/m);
  const json = JSON.parse((await netpol([...args, '--format', 'json'], { cwd })).out);
  assert.deepEqual(json, {
    connlist_results: [{ src: 'shop/web[Pod]', dst: 'shop/api[Pod]', conn: 'TCP 8080' }],
    exposure_results: {
      egress_exposure: null,
      ingress_exposure: [{ src: 'shop/[pod with {app=batch}]', dst: 'shop/api[Pod]', conn: 'TCP 9090' }],
    },
  });
  const { out } = await netpol([...args, '--format', 'csv'], { cwd });
  assert.deepEqual(out.split('\n'), [
    'src,dst,conn',
    'shop/web[Pod],shop/api[Pod],TCP 8080',
    'shop/[pod with {app=batch}],shop/api[Pod],TCP 9090',
    '',
  ]);
});

test('a list that is long comes in parts, whole', async (t) => {
  const cwd = await folderWith(t, {
    'all.yaml': Array.from({ length: 60 }, (_, i) => pod(`pod-${i}`, 'shop', '{ app: web }')).join(''),
  });
  const parts: string[] = [];
  const never = async () => assert.fail('neither read nor written');
  await run(
    ['list'],
    {
      cwd,
      style: styleFor({}, {}),
      width: 100,
      out: (text) => parts.push(text),
      err: assert.fail,
      stdin: never,
      write: never,
    },
    '1.2.3',
  );
  assert.ok(parts.length > 1, 'in parts');
  assert.equal(parts.join('').split('\n').length - 1, 60 * 59 + 2 * 60);
  const { out: json } = await netpol(['list', '--format', 'json'], { cwd });
  assert.equal(JSON.parse(json).length, 60 * 59 + 2 * 60);
});

test('progress is for terminals, and for long work only', () => {
  const said: string[] = [];
  const write = (text: string) => said.push(text);
  let time = 0;
  const progress = progressOn({ isTTY: true, write }, () => time);
  const at = (now: number, text: string) => {
    time = now;
    progress.say(text);
  };
  at(0, 'a');
  at(499, 'b');
  progress.done();
  assert.deepEqual(said, []);
  at(1000, 'c');
  at(1500, 'd');
  at(1550, 'e');
  at(1600, 'f');
  progress.done();
  assert.deepEqual(said, ['\r\u001b[2Kd', '\r\u001b[2Kf', '\r\u001b[2K']);
  progressOn({ isTTY: false, write }, () => 1e9).say('x');
  assert.equal(said.length, 3);
});

test('what the manifests lack for what a policy asks is said beside the list', async (t) => {
  const text = `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: app, labels: {app: web}}
spec: {serviceAccountName: web-sa}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: web, namespace: app}
spec: {serviceAccountSelector: role == 'front', types: [Egress]}
`;
  const account = `---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web-sa, namespace: app}
`;
  const cwd = await folderWith(t, { 'lacks.yaml': text, 'whole.yaml': text + account });
  assert.match(
    (await netpol(['list', 'lacks.yaml'], { cwd })).err,
    /more or less may be allowed in .* by app\/web: ServiceAccount app\/web-sa is not among these manifests, so its labels are not known\n/,
  );
  assert.doesNotMatch((await netpol(['list', 'whole.yaml'], { cwd })).err, /more or less/);
});

test('that the addresses behind domain names are not in the list is said beside it', async (t) => {
  const text = `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: app, labels: {app: web}}
spec: {containers: []}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: app}
spec: {endpointSelector: {}, egress: [{toFQDNs: [{matchName: a.example.com}]}]}
`;
  const cwd = await folderWith(t, { 'names.yaml': text });
  assert.match(
    (await netpol(['list', '.'], { cwd })).err,
    /more or less may be allowed in .* by app\/web: the addresses behind domain names are learnt from DNS/,
  );
});
