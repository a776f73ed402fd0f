import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { Ajv } from 'ajv';
import { folderWith, netpol } from './terminal.js';

function workload(kind: string, name: string, ports = ''): string {
  return `apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}, namespace: shop}
spec:
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: c${ports}}]}
`;
}

const manifests = [
  workload('Deployment', 'web'),
  workload('Deployment', 'api', ', ports: [{name: http, containerPort: 8080}]'),
  workload('StatefulSet', 'db'),
  `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, clusterIP: 10.96.0.9, ports: [{port: 80, targetPort: 3000}]}
`,
  `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: web}}
      ports:
        - port: 8080
  egress:
    - to:
        - podSelector: {matchLabels: {app: db}}
`,
  `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: api}}
`,
].join('---\n');

const samples = readFileSync(join(process.cwd(), 'test/cli/flows/shop.jsonl'), 'utf8');

async function explained(
  t: TestContext,
  flows: string,
  { args = [], files = { 'shop.yaml': manifests } }: { args?: readonly string[]; files?: Record<string, string> } = {},
) {
  const cwd = await folderWith(t, { ...files, 'seen.jsonl': flows });
  return netpol(['explain', '.', '--flows', 'seen.jsonl', ...args], { cwd });
}

interface Answer {
  readonly count: number;
  readonly verdict: string;
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly finding: string;
  readonly causes: readonly string[];
  readonly explanation: { readonly verdict: string; readonly fixes: readonly string[] } | null;
}

async function answersTo(
  t: TestContext,
  flows: string,
  files?: Record<string, string>,
): Promise<{ readonly code: number | null; readonly flows: readonly Answer[] }> {
  const { code, out } = await explained(t, flows, { args: ['--format', 'json'], ...(files && { files }) });
  return { code, flows: JSON.parse(out).flows };
}

/** One record of a TCP connection, as Hubble prints it. */
function record(
  verdict: string,
  source: unknown,
  destination: unknown,
  more: Readonly<Record<string, unknown>> = {},
): string {
  return `${JSON.stringify({
    flow: {
      verdict,
      IP: { source: '10.0.0.1', destination: '10.0.0.2' },
      l4: { TCP: { source_port: 40000, destination_port: 8080, flags: { SYN: true } } },
      source,
      destination,
      Type: 'L3_L4',
      traffic_direction: 'INGRESS',
      ...more,
    },
  })}\n`;
}

const web = { namespace: 'shop', pod_name: 'web-5f2c-aaaaa', labels: ['k8s:app=web'] };
const api = { namespace: 'shop', pod_name: 'api-6d4b-aaaaa', labels: ['k8s:app=api'] };
const denied = { drop_reason_desc: 'POLICY_DENIED' };

test('each distinct connection is judged once, drops first', async (t) => {
  const { code, flows } = await answersTo(t, samples);
  assert.equal(code, 1);
  assert.deepEqual(
    flows.map(
      ({ count, verdict, from, to, port, finding }) => `${count} ${verdict} ${from} > ${to} ${port}: ${finding}`,
    ),
    [
      '3 dropped shop/web[Deployment] > shop/api[Deployment] 9090: explained',
      '1 dropped 203.0.113.7 > shop/api[Deployment] 8080: explained',
      '1 audited shop/api[Deployment] > 198.51.100.4 (mail.example) 443: explained',
      '1 dropped ops/probe-xyz[Pod] > shop/api[Deployment] 8080: explained',
      '1 dropped shop/api[Deployment] > svc/shop/web 80: explained',
      '1 dropped shop/api[Deployment] > shop/db[StatefulSet] 5432: unexplained',
      '1 dropped shop/web[Deployment] > shop/api[Deployment] 8080: unexplained',
      '1 dropped shop/web[Deployment] > shop/api[Deployment] 8080: unexplained',
      '1 forwarded shop/web[Deployment] > shop/db[StatefulSet] 5432: contradicted',
      '1 forwarded 192.168.0.1 (host) > shop/api[Deployment] 9090: not judged',
      '1 forwarded 10.0.0.77 > shop/api[Deployment] 4240: not judged',
      '1 forwarded shop/web[Deployment] > shop/api[Deployment] 8080: agrees',
    ],
  );
});

test('a drop is led back to the line that drops it, with its repair', async (t) => {
  const { code, out, err } = await explained(t, samples.split('\n').slice(0, 5).join('\n'));
  assert.deepEqual([code, err], [1, '']);
  assert.equal(
    out,
    `2 connections: 1 dropped and 1 forwarded (4 records, 1 of replies left out)

Dropped 3 times: shop/web[Deployment] -> shop/api[Deployment] on TCP 9090 (ingress, POLICY_DENIED)
These manifests block it.

Blocked: shop/web[Deployment] -> shop/api[Deployment] on TCP 9090. Ingress of shop/api[Deployment] denies it.

Egress of shop/web[Deployment]: allowed
  nothing decides: without a policy that isolates these pods for egress, all is allowed

Ingress of shop/api[Deployment]: blocked
  network policies: isolated for ingress, and no rule matches
    shop/api isolates   shop.yaml:35
      35 |   policyTypes: [Ingress, Egress]
  nearest to allowing it:
    shop/api, ingress rule 1   shop.yaml:38
      38 |         - podSelector: {matchLabels: {app: web}}
      it opens TCP 8080, not TCP 9090

fix   Allow ingress of shop/api from shop/web on TCP 9090 (policy api, rule 1)
fix   Allow ingress of shop/api from shop/web on TCP 9090 (policy api, a new rule)

Forwarded as these manifests allow: 1 connection.
`,
  );
});

test('what the manifests do not explain names what may be behind it', async (t) => {
  const { flows } = await answersTo(t, samples);
  const [database, stale, request] = flows.filter(({ finding }) => finding === 'unexplained');
  assert.deepEqual(database?.causes.slice(0, 2), [
    'The cluster says that shop/lockdown denies it, which these manifests do not have.',
    'The pod has other labels in the cluster than in the manifests: app=database where shop/db[StatefulSet] has app=db.',
  ]);
  assert.match(
    stale?.causes.join() ?? '',
    /^The reason of the drop is STALE_OR_UNROUTABLE_IP: the destination’s address/,
  );
  assert.match(request?.causes[0] ?? '', /^A proxy refused the request/);
  const [passed] = flows.filter(({ finding }) => finding === 'contradicted');
  assert.match(passed?.causes.join(' ') ?? '', /may not be applied, .* may not enforce policies here/);
});

test('a reason that is no policy’s is not blamed on one, even where the manifests block it as well', async (t) => {
  const line = record('DROPPED', api, web, { drop_reason_desc: 'SERVICE_BACKEND_NOT_FOUND' });
  const [answer] = (await answersTo(t, line)).flows;
  assert.equal(answer?.finding, 'unexplained');
  assert.deepEqual(answer?.causes, [
    'The reason of the drop is SERVICE_BACKEND_NOT_FOUND: the service has no ready pod behind it. The manifests block this connection besides.',
  ]);
});

test('a drop on the side that the manifests allow says so', async (t) => {
  const [answer] = (await answersTo(t, record('DROPPED', api, web, denied))).flows;
  assert.equal(answer?.finding, 'explained');
  assert.match(
    answer?.causes.join() ?? '',
    /^The cluster dropped it at ingress, which these manifests allow; they block the other/,
  );
});

test('nothing dropped and nothing against the manifests: exit status 0', async (t) => {
  const { code, out } = await explained(t, record('FORWARDED', web, api, { is_reply: false }));
  assert.equal(code, 0);
  assert.match(out, /^1 connection: 1 forwarded \(1 record\)\n/);
});

describe('pods are found', () => {
  const cases: Readonly<Record<string, readonly [unknown, string]>> = {
    'by the owner that Hubble names': [
      { namespace: 'shop', pod_name: 'strange', workloads: [{ kind: 'Deployment', name: 'web' }] },
      'shop/web[Deployment]',
    ],
    'by the form of generated names': [{ namespace: 'shop', pod_name: 'web-7c9d8f5b6d-x2v4q' }, 'shop/web[Deployment]'],
    'by labels': [
      { namespace: 'shop', pod_name: 'strange', labels: ['k8s:app=web', 'k8s:x=y'] },
      'shop/web[Deployment]',
    ],
    'by labels alone': [{ namespace: 'shop', labels: ['k8s:app=web'] }, 'shop/web[Deployment]'],
    'by a namespace that only a label names': [
      { labels: ['k8s:io.kubernetes.pod.namespace=shop', 'k8s:app=web'] },
      'shop/web[Deployment]',
    ],
    'not by a name that merely begins alike': [
      { namespace: 'shop', pod_name: 'web-admin-0', labels: ['k8s:app=admin'] },
      'shop/web-admin-0[Pod]',
    ],
    'not in another namespace': [
      { namespace: 'ops', pod_name: 'web-5f2c-aaaaa', labels: ['k8s:app=web'] },
      'ops/web-5f2c-aaaaa[Pod]',
    ],
  };
  for (const [name, [source, expected]] of Object.entries(cases)) {
    test(name, async (t) => {
      const [answer] = (await answersTo(t, record('DROPPED', source, api, denied))).flows;
      assert.equal(answer?.from, expected);
      assert.notEqual(answer?.finding, 'not judged');
    });
  }

  test('by its own name and by its address', async (t) => {
    const pod = `apiVersion: v1
kind: Pod
metadata: {name: debug, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c}]}
status: {podIP: 10.0.0.1}
`;
    const files = { 'shop.yaml': `${manifests}---\n${pod}` };
    const named = record('DROPPED', { namespace: 'shop', pod_name: 'debug' }, api, denied);
    const addressed = record('DROPPED', { labels: ['reserved:unknown'] }, api, denied);
    const world = record('DROPPED', { labels: ['reserved:world'] }, api, denied);
    const { flows } = await answersTo(t, named + addressed + world, files);
    assert.deepEqual(flows.map(({ from, count, finding }) => [from, count, finding]).sort(), [
      ['10.0.0.1', 1, 'explained'],
      ['shop/debug[Pod]', 2, 'unexplained'],
    ]);
  });

  test('by the form of names that controllers of other kinds generate', async (t) => {
    const kinds = [
      ['argoproj.io/v1alpha1', 'Rollout', '7c9d8f5b6d-x2v4q', 'Rollout'],
      ['apps.openshift.io/v1', 'DeploymentConfig', '12-x2v4q', 'DeploymentConfig'],
      ['serving.knative.dev/v1', 'Service', '00003-deployment-7c9d8f5b6d-x2v4q', 'KnativeService'],
      ['apps.kruise.io/v1alpha1', 'CloneSet', 'x2v4q', 'CloneSet'],
      ['keda.sh/v1alpha1', 'ScaledJob', '7bvkw-x2v4q', 'ScaledJob'],
    ] as const;
    const spec = '{template: {metadata: {labels: {app: other}}, spec: {containers: [{name: c}]}}}';
    for (const [apiVersion, kind, suffix, shown] of kinds) {
      const object = `apiVersion: ${apiVersion}
kind: ${kind}
metadata: {name: other, namespace: shop}
spec: ${kind === 'ScaledJob' ? `{jobTargetRef: ${spec}}` : spec}
`;
      const files = { 'shop.yaml': `${manifests}---\n${object}` };
      const seen = record('DROPPED', { namespace: 'shop', pod_name: `other-${suffix}` }, api, denied);
      const [answer] = (await answersTo(t, seen, files)).flows;
      assert.equal(answer?.from, `shop/other[${shown}]`);
    }
  });

  test('policies without any workload are judged by the labels that were seen', async (t) => {
    const policies = manifests.split('---\n').slice(4).join('---\n');
    const { flows } = await answersTo(t, record('DROPPED', { ...web, labels: ['k8s:app=mail'] }, api, denied), {
      'policies.yaml': policies,
    });
    assert.equal(flows[0]?.finding, 'explained');
    assert.equal(flows[0]?.explanation?.verdict, 'blocked');
  });

  test('a pod of which nothing is known is not judged, and says why', async (t) => {
    const stranger = { namespace: 'ops', pod_name: 'x' };
    const { code, flows } = await answersTo(t, record('DROPPED', stranger, api, denied));
    assert.equal(code, 1);
    assert.deepEqual(flows[0]?.causes, ['Ops/x is in none of these manifests, and its record has no labels.']);
  });
});

describe('identities without a pod', () => {
  const from = async (t: TestContext, labels: readonly string[], direction = 'INGRESS') => {
    const [answer] = (
      await answersTo(t, record('DROPPED', { labels }, api, { ...denied, traffic_direction: direction }))
    ).flows;
    return answer;
  };

  test('the own node always reaches its pods', async (t) => {
    const answer = await from(t, ['reserved:host']);
    assert.equal(answer?.finding, 'not judged');
    assert.match(answer?.causes.join() ?? '', /always reaches its own pods/);
  });

  test('another node and the API server are addresses, named for what they are', async (t) => {
    assert.equal((await from(t, ['reserved:remote-node']))?.from, '10.0.0.1 (remote-node)');
    const server = await from(t, ['reserved:kube-apiserver', 'reserved:remote-node']);
    assert.deepEqual([server?.from, server?.finding], ['10.0.0.1 (kube-apiserver)', 'explained']);
  });

  test('a pod without an identity yet is not judged', async (t) => {
    assert.match((await from(t, ['reserved:init']))?.causes.join() ?? '', /no identity yet/);
  });

  test('two addresses concern no policy', async (t) => {
    const outside = { labels: ['reserved:world'] };
    const [answer] = (await answersTo(t, record('DROPPED', outside, outside, denied))).flows;
    assert.equal(answer?.finding, 'not judged');
  });
});

test('what a template decides is not certain', async (t) => {
  const templated = manifests.replace('app: web}}\n      ports', 'app: {{ .Values.client }}}}\n      ports');
  const { flows } = await answersTo(t, record('DROPPED', web, api, denied), { 'templates/shop.yaml': templated });
  assert.equal(flows[0]?.finding, 'not certain');
});

test('each scope is a cluster of its own; where they differ, the answer says so', async (t) => {
  const kustomization = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [all.yaml]\n';
  const files = {
    'dev/kustomization.yaml': kustomization,
    'dev/all.yaml': manifests,
    'prod/kustomization.yaml': kustomization,
    'prod/all.yaml': manifests.replace('app: web}}\n      ports', 'app: site}}\n      ports'),
  };
  const { out } = await explained(t, record('DROPPED', web, api, denied), { files });
  assert.match(out, /\n- dev and prod say different things of it: name the PATH/);
  assert.match(out, /^dev \(kustomization\)\nAllowed: .*^prod \(kustomization\)\nBlocked: /ms);
});

test('of pods that no manifest has, the scope with policies of their namespaces tells', async (t) => {
  const policies = manifests.split('---\n').slice(4).join('---\n');
  const other = policies.replaceAll('namespace: shop', 'namespace: other');
  const { flows } = await answersTo(t, record('DROPPED', { ...web, labels: ['k8s:app=mail'] }, api, denied), {
    'a/Chart.yaml': 'name: a\n',
    'a/templates/policies.yaml': other,
    'b/Chart.yaml': 'name: b\n',
    'b/templates/policies.yaml': policies,
  });
  assert.equal(flows[0]?.finding, 'explained');
});

test('replies are left out, also where only the first packet of a connection tells', async (t) => {
  const ack = { l4: { TCP: { source_port: 8080, destination_port: 40000, flags: { ACK: true } } } };
  const lines = [
    record('FORWARDED', api, web, ack),
    record('FORWARDED', api, web, { ...ack, is_reply: true }),
    record('FORWARDED', api, web, { ...ack, reply: true }),
    record('FORWARDED', web, api),
    record('DROPPED', web, api, { ...ack, ...denied }),
  ];
  const { flows } = await answersTo(t, lines.join(''));
  assert.deepEqual(
    flows.map(({ verdict, port }) => [verdict, port]),
    [
      ['dropped', 40000],
      ['forwarded', 8080],
    ],
  );
});

test('lines that are no flows are named with their numbers, and the rest is answered', async (t) => {
  const lines = `nonsense\n\n${record('FORWARDED', web, api)}{"a": 1}\r\n[]\n{"flow": {"verdict": "FORWARDED"`;
  const { code, out, err } = await explained(t, lines);
  assert.equal(code, 0);
  assert.match(out, /^1 connection: 1 forwarded/);
  assert.equal(
    err,
    [1, 4, 5, 6]
      .map((line) => {
        const why =
          line === 1 || line === 6
            ? 'it is not an object in JSON on one line'
            : 'it has no verdict, so it is no flow of Hubble’s';
        return `netpol: line ${line} was not read: ${why}\n`;
      })
      .join(''),
  );
});

test('JSON fits its schema', async (t) => {
  const schema = (name: string) =>
    JSON.parse(readFileSync(join(process.cwd(), `docs/json-schema/${name}.schema.json`), 'utf8'));
  const ajv = new Ajv({ allowUnionTypes: true }).addSchema(schema('explain'), 'explain.schema.json');
  const validate = ajv.compile<unknown>(schema('explain-flows'));
  const fits = (value: unknown) => validate(value);
  const { out } = await explained(t, `${samples}broken\n`, { args: ['--format', 'json'] });
  const answer = JSON.parse(out);
  assert.ok(fits(answer), JSON.stringify(validate.errors));
  assert.ok(!fits({ flows: [{}], records: answer.records }), 'the schema refuses what it does not describe');
  assert.deepEqual([answer.records.read, answer.records.unreadable.length], [14, 1]);
  const [first] = answer.flows;
  assert.match(first.explanation.fixes[0], /^Allow ingress of shop\/api from shop\/web on TCP 9090/);
  assert.equal(first.explanation.ingress.because[0].line, 35);
});

test('records come by standard input as well', async (t) => {
  const cwd = await folderWith(t, { 'shop.yaml': manifests });
  const { code, out } = await netpol(['explain', '--flows', '-'], { cwd, stdin: record('DROPPED', api, web, denied) });
  assert.equal(code, 1);
  assert.match(out, /^1 connection: 1 dropped \(1 record\)/);
});

describe('what keeps it from running is one line, exit status 2', () => {
  const cases: Readonly<Record<string, readonly [readonly string[], RegExp]>> = {
    'no such file': [['--flows', 'nowhere'], /nowhere: there is no such file/],
    'no flows at all': [['--flows', 'shop.yaml'], /shop\.yaml holds no flows of Hubble: line 1: it is not an object/],
    'an empty file': [['--flows', 'empty'], /empty holds no flows; give it what `hubble observe -o json` prints/],
    'another question': [['--flows', 'empty', '--from', 'web'], /leave out --from/],
    'twice standard input': [['-', '--flows', '-'], /standard input is given twice/],
  };
  for (const [name, [args, message]] of Object.entries(cases)) {
    test(name, async (t) => {
      const cwd = await folderWith(t, { 'shop.yaml': manifests, empty: '' });
      const { code, out, err } = await netpol(['explain', ...args], { cwd });
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, message);
      assert.equal(err.trim().split('\n').length, 1);
    });
  }
});

const ciliumOn = (rules: string) => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: p, namespace: shop}
spec: {endpointSelector: {matchLabels: {app: api}}, ${rules}}
`;

/** What is found of one connection from another node, or the other way round, with one more policy and nothing else. */
async function ofNode(t: TestContext, verdict: string, rules: string, identity = 'remote-node') {
  const node = { identity: 6, labels: identity.split(' ').map((each) => `reserved:${each}`) };
  const egress = rules.startsWith('egress');
  const [from, to] = egress ? [api, node] : [node, api];
  const direction = { traffic_direction: egress ? 'EGRESS' : 'INGRESS' };
  const more = { ...direction, ...(verdict === 'DROPPED' ? denied : {}) };
  const files = { 'shop.yaml': `${workload('Deployment', 'api')}---\n${ciliumOn(rules)}` };
  const { flows } = await answersTo(t, record(verdict, from, to, more), files);
  assert.equal(flows.length, 1);
  return flows[0];
}

test('a node is judged by what the record calls it, not by its address', async (t) => {
  for (const entity of ['remote-node', 'cluster', 'all']) {
    const rules = `ingress: [{fromEntities: [${entity}]}]`;
    assert.equal((await ofNode(t, 'FORWARDED', rules))?.finding, 'agrees', entity);
    assert.equal((await ofNode(t, 'DROPPED', rules))?.finding, 'unexplained', entity);
  }
  for (const peers of ['fromCIDR: [10.0.0.0/8]', 'fromEntities: [world]', 'fromEntities: [host]']) {
    const rules = `ingress: [{${peers}}]`;
    const drop = await ofNode(t, 'DROPPED', rules);
    assert.deepEqual([drop?.finding, drop?.explanation?.fixes], ['explained', []], peers);
    const passed = await ofNode(t, 'FORWARDED', rules);
    assert.equal(passed?.finding, 'contradicted', peers);
    assert.match(passed?.causes[0] ?? '', /policy-cidr-match-mode: nodes/);
  }
});

test('the own node and the API server are judged by what the record calls them', async (t) => {
  const cases = [
    ['toEntities: [host]', 'host', 'agrees'],
    ['toEntities: [remote-node]', 'host', 'contradicted'],
    ['toEntities: [kube-apiserver]', 'kube-apiserver remote-node', 'agrees'],
    ['toEntities: [kube-apiserver]', 'kube-apiserver world', 'agrees'],
    ['toEntities: [kube-apiserver]', 'world', 'contradicted'],
    ['toCIDR: [10.0.0.2/32]', 'kube-apiserver remote-node', 'contradicted'],
    ['toCIDR: [10.0.0.2/32]', 'kube-apiserver world', 'agrees'],
    ['toCIDR: [10.0.0.2/32]', 'kube-apiserver', 'not certain'],
    ['toCIDR: [10.0.0.2/32]', 'world', 'agrees'],
  ] as const;
  for (const [peers, identity, finding] of cases) {
    const found = await ofNode(t, 'FORWARDED', `egress: [{${peers}}]`, identity);
    assert.equal(found?.finding, finding, `${peers} ${identity}`);
  }
});

test('a node is not called outside of the cluster', async (t) => {
  const files = { 'shop.yaml': `${workload('Deployment', 'api')}---\n${ciliumOn('ingress: [{}]')}` };
  const flow = record('DROPPED', { labels: ['reserved:remote-node'] }, api, denied);
  const { out } = await explained(t, flow, { files });
  assert.match(out, /Egress of 10\.0\.0\.1: allowed\n {2}a node: no policy of pods applies/);
});

test('a drop by a policy without a port is not judged, and no run without drops', async (t) => {
  const icmp = { l4: { ICMPv4: { type: 13 } } };
  const dropped = await explained(t, record('DROPPED', web, api, { ...icmp, ...denied }));
  assert.equal(dropped.code, 1);
  assert.match(dropped.out, /1 dropped without a port \(ICMP and others, which netpol does not judge\) left out/);
  assert.match(dropped.err, /1 drop without a port \(ICMP and others\) is not judged/);
  const passed = await explained(t, record('FORWARDED', web, api, { ...icmp, is_reply: false }));
  assert.deepEqual([passed.code, passed.err], [0, '']);
  const other = record('DROPPED', web, api, { ...icmp, drop_reason_desc: 'INVALID_SOURCE_IP' });
  assert.equal((await explained(t, other)).code, 0);
});

test('one address that the records call different things is judged as each', async (t) => {
  const to = (...labels: string[]) => ({ labels: labels.map((each) => `reserved:${each}`) });
  const sent = { traffic_direction: 'EGRESS' };
  const flows =
    record('FORWARDED', api, to('kube-apiserver', 'world'), sent) +
    record('FORWARDED', api, to('kube-apiserver', 'remote-node'), sent);
  const files = {
    'shop.yaml': `${workload('Deployment', 'api')}---\n${ciliumOn('egress: [{toCIDR: [10.0.0.0/8]}]')}`,
  };
  const found = await answersTo(t, flows, files);
  assert.deepEqual(
    found.flows.map(({ finding }) => finding),
    ['contradicted', 'agrees'],
  );
});
