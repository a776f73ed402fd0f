import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import { folderWith, netpol } from './terminal.js';

const manifests = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: wbe}}
      ports:
        - port: 8080
    - from:
        - ipBlock: {cidr: 10.0.0.0/8}
      ports:
        - port: 8080
`;

async function explained(
  t: Parameters<typeof folderWith>[0],
  args: string,
  more: Readonly<Record<string, string>> = {},
) {
  const cwd = await folderWith(t, { 'shop.yaml': manifests, ...more });
  return netpol(['explain', ...args.split(' ')], { cwd });
}

test('blocked: the answer, the lines that decide it, and what comes near', async (t) => {
  const { code, out, err } = await explained(t, '--from web --to api --port 8080');
  assert.equal(err, '');
  const [told, fixes = ''] = out.split('\nfix   ', 2);
  assert.equal(
    told,
    `Blocked: shop/web[Pod] -> shop/api[Deployment] on TCP 8080. Ingress of shop/api[Deployment] denies it.

Egress of shop/web[Pod]: allowed
  nothing decides: without a policy that isolates these pods for egress, all is allowed

Ingress of shop/api[Deployment]: blocked
  network policies: isolated for ingress, and no rule matches
    shop/api isolates   shop.yaml:27
      27 |   policyTypes: [Ingress]
  nearest to allowing it:
    shop/api, ingress rule 1   shop.yaml:30
      30 |         - podSelector: {matchLabels: {app: wbe}}
      it wants pods with app=wbe; shop/web[Pod] has app=web
    shop/api, ingress rule 2   shop.yaml:34
      34 |         - ipBlock: {cidr: 10.0.0.0/8}
      its block is taken to be about addresses outside of the cluster; some network plugins match pods by it as well (\`cni\` in .netpol.yaml says which is yours)
`,
  );
  assert.match(fixes, /^Allow ingress of shop\/api from shop\/web on TCP 8080/);
  assert.equal(code, 1);
});

test('allowed: exit status 0, with the rule that allows it', async (t) => {
  const { code, out } = await explained(t, '--from 10.1.2.3 --to svc/shop/api --port 80');
  assert.equal(
    out,
    `Allowed: 10.1.2.3 -> svc/shop/api on TCP 80. Ingress of shop/api[Deployment] allows it.
svc/shop/api sends to TCP 8080 of shop/api[Deployment]: policies judge the pods' port.

Egress of 10.1.2.3: allowed
  outside of the cluster: no policy applies

Ingress of shop/api[Deployment]: allowed
  network policies: allows
    shop/api, ingress rule 2 allows TCP 8080 from addresses 10.0.0.0/8   shop.yaml:33
      33 |     - from:

cut   Cut ingress of shop/api from 10.1.2.3 on TCP 8080 (policy api, an exception in rule 2)
`,
  );
  assert.equal(code, 0);
});

test('all ports: what passes first, then the rest', async (t) => {
  const { code, out } = await explained(t, '--from 10.1.2.3 --to api');
  assert.match(out, /^Partly allowed: .* Allowed: TCP 8080\. The rest is blocked\.$/m);
  assert.match(out, /^TCP 8080: allowed\. Egress of/m);
  assert.match(out, /^every other port: blocked\. Egress of/m);
  assert.equal(code, 1);
});

test('a pod and itself, host-network pods, templates: what is special is said', async (t) => {
  const itself = await explained(t, '--from web --to web');
  assert.match(itself.out, /^Allowed: .* It is the same pod, which may always connect to itself\.$/m);
  const replicas = await explained(t, '--from api --to api');
  assert.match(replicas.out, /^This is about two different pods of it: one pod may always connect to itself\.$/m);
  const host = `apiVersion: v1
kind: Pod
metadata: {name: node-agent, namespace: shop, labels: {app: agent}}
spec: {hostNetwork: true, containers: [{name: c, image: i}]}
`;
  const agent = await explained(t, '--from node-agent --to api --port 8080', { 'host.yaml': host });
  assert.match(agent.out, /^Not certain: .* As written it is blocked, but what decides is not fully known\.$/m);
  assert.match(agent.out, /not defined by the API/);
  assert.equal(agent.code, 1);
});

test('in an ambient mesh: what becomes of the answer where policies see the tunnel alone', async (t) => {
  const mesh = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
`;
  const opening = (port: number) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: from-web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: ${port}}]}]
`;
  const asked = async (args: string, more: Readonly<Record<string, string>>) => {
    const { out } = await explained(t, `--from web --to api ${args}`, more);
    return /^Both ends are in Istio's ambient mesh, .*$/m.exec(out)?.[0];
  };
  const where =
    "Both ends are in Istio's ambient mesh, where TCP connections go to port 15008 of shop/api[Deployment].";
  assert.equal(
    await asked('--port 8080', { 'mesh.yaml': mesh, 'more.yaml': opening(8080) }),
    `${where} The policies block that, so what they allow here is cut. Allow TCP 15008 as well.`,
  );
  assert.equal(
    await asked('--port 8080', { 'mesh.yaml': mesh, 'more.yaml': opening(15008) }),
    `${where} The policies allow that, so what they block here passes in the mesh's tunnel, unless an AuthorizationPolicy of Istio's denies it.`,
  );
  // The same either way, another protocol, no mesh.
  assert.equal(await asked('--port 8080', { 'mesh.yaml': mesh }), undefined);
  assert.equal(
    await asked('--port 8080 --protocol UDP', { 'mesh.yaml': mesh, 'more.yaml': opening(15008) }),
    undefined,
  );
  assert.equal(await asked('--port 8080', { 'more.yaml': opening(8080) }), undefined);
});

test('each scope is a cluster of its own', async (t) => {
  const kustomization = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [all.yaml]\n';
  const cwd = await folderWith(t, {
    'one/kustomization.yaml': kustomization,
    'one/all.yaml': manifests,
    'two/kustomization.yaml': kustomization,
    'two/all.yaml': manifests.replace('app: wbe', 'app: web'),
  });
  const { code, out } = await netpol(['explain', '--from', 'web', '--to', 'api', '--port', 'http'], { cwd });
  assert.match(out, /^.*one \(kustomization\)\nBlocked: /m);
  assert.match(out, /^.*two \(kustomization\)\nAllowed: /m);
  assert.equal(code, 1);
});

test('what an allowing rule asks of requests is said, unless another allows without it', async (t) => {
  const policy = (more: string) => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: api-http, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: api}}
  ingress:
    - fromEndpoints: [{matchLabels: {app: web}}]
      toPorts: [{ports: [{port: "8080", protocol: TCP}], rules: {http: [{method: GET, path: /public}]}}]
${more}`;
  const asked = async (more: string) => {
    const cwd = await folderWith(t, {
      'pods.yaml': manifests.split('---\napiVersion: networking')[0] ?? '',
      'p.yaml': policy(more),
    });
    const { out } = await netpol(['explain', '--from', 'web', '--to', 'api', '--port', '8080', '--format', 'json'], {
      cwd,
    });
    return JSON.parse(out).ingress.conditions;
  };
  assert.deepEqual(await asked(''), ['HTTP GET /public']);
  assert.deepEqual(await asked('    - fromEndpoints: [{matchLabels: {app: web}}]\n'), []);
});

test('--namespace places what names no namespace, and decides between names', async (t) => {
  const pods = ['web', 'api'].map(
    (name) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}}
spec: {containers: [{name: c, image: i}]}
`,
  );
  const cwd = await folderWith(t, { 'all.yaml': pods.join('---\n') });
  const { out } = await netpol(['explain', '--from', 'web', '--to', 'api', '--namespace', 'shop'], { cwd });
  assert.match(out, /^Allowed: shop\/web\[Pod\] -> shop\/api\[Pod\]\. No policy stands in the way\.$/m);
});

test('JSON fits its schema and has the contract of DESIGN', async (t) => {
  const schema = JSON.parse(readFileSync(join(process.cwd(), 'docs/json-schema/explain.schema.json'), 'utf8'));
  const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
  for (const args of ['--from web --to api --port 8080', '--from internet --to api', '--from api --to api']) {
    const { out } = await explained(t, `${args} --format json`);
    assert.ok(validate(JSON.parse(out)), JSON.stringify(validate.errors));
  }
  assert.ok(!validate({ allowed: true }), 'the schema refuses what it does not describe');
  const { out } = await explained(t, '--from web --to api --port 8080 --format json');
  const { allowed, egress, ingress, nearest, fixes } = JSON.parse(out);
  assert.match(fixes[0], /^Allow ingress of shop\/api from shop\/web on TCP 8080/);
  assert.deepEqual([allowed, egress.allowed, egress.isolated, egress.because], [false, true, false, []]);
  assert.deepEqual(ingress, {
    allowed: false,
    certain: true,
    isolated: true,
    conditions: [],
    because: [
      {
        policy: 'shop/api',
        rule: null,
        name: null,
        direction: 'ingress',
        tier: 'namespaced',
        effect: 'denies',
        file: 'shop.yaml',
        line: 27,
      },
    ],
  });
  assert.deepEqual(nearest[0], {
    direction: 'ingress',
    policy: 'shop/api',
    rule: 1,
    file: 'shop.yaml',
    line: 30,
    reasons: [{ kind: 'label', message: 'it wants pods with app=wbe; shop/web[Pod] has app=web' }],
  });
});

describe('what keeps it from running is one line, exit status 2', () => {
  const cases: Readonly<Record<string, RegExp>> = {
    '--from web': /say --from and --to/,
    '--from wab --to api': /no workload "wab" here; did you mean shop\/web\[Pod\]\?/,
    '--from web --to svc/shop/api --port 8080': /svc\/shop\/api has no such port; it has TCP 80\./,
    '--from web --to api --port 70000': /use a number from 1 to 65535/,
    '--from web --to api --port htpp': /declares a port named "htpp"; there is http/,
    '--from web --to api --protocol ICMP': /use TCP, UDP or SCTP/,
    '--from web --to api --format xml': /use text or json/,
  };
  for (const [args, message] of Object.entries(cases)) {
    test(args, async (t) => {
      const { code, out, err } = await explained(t, args);
      assert.equal(out, '');
      assert.match(err, message);
      assert.equal(err.trim().split('\n').length, 1);
      assert.equal(code, 2);
    });
  }
});

test('with Cilium every command takes the configured addresses of nodes for nodes', async (t) => {
  const policy = `apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop, labels: {app: api}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: api, namespace: shop}
spec: {endpointSelector: {}, egress: [{toCIDR: [10.0.9.0/24, 192.0.2.0/24]}]}
`;
  const expected = `tests: [{name: node, from: shop/api, to: 10.0.9.9, expect: denied}]\n`;
  const settings = 'cni: cilium\ncluster: {nodeCIDRs: [10.0.9.0/24]}\n';
  const cwd = await folderWith(t, { 'all.yaml': policy, 'a.netpol-test.yaml': expected, '.netpol.yaml': settings });
  const { out } = await netpol(['check', '.'], { cwd });
  assert.match(out, /never matches a node.*this leads nowhere/);
  const asked = await netpol(['explain', '.', '--from', 'shop/api', '--to', '10.0.9.9', '--port', '443'], { cwd });
  assert.match(asked.out, /^Blocked: /);
  assert.match(asked.out, /10\.0\.9\.9 is a node's address, and Cilium never matches nodes by address/);
  assert.equal(asked.code, 1);
  const listed = (await netpol(['list', '.'], { cwd })).out.split('\n').filter((line) => /^shop\/api/.test(line));
  assert.deepEqual(listed, ['shop/api[Pod] => 192.0.2.0-192.0.2.255[External] : All Connections']);
  assert.equal((await netpol(['test', '.'], { cwd })).code, 0);
});
