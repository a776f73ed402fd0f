import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { quoted } from '#server/cli/shell.js';
import { folderWith, netpol } from './terminal.js';

const workload = (kind: string, name: string, image: string, more = '') => `apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}, tier: "it's"}}
    spec: {${more}containers: [{name: main, image: ${image}, ports: [{name: http, containerPort: 8080}, {name: syslog, containerPort: 514, protocol: UDP}]}]}
---
`;

const manifests = `${workload('Deployment', 'web', 'nginx:1')}${workload('StatefulSet', 'api', 'gcr.example/distroless/static')}apiVersion: v1
kind: Pod
metadata: {name: lone, namespace: shop, labels: {app: lone}}
spec: {containers: [{name: main, image: i}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 443, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Ingress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: web}}}]
      ports: [{port: 8080}]
`;

async function probed(t: Parameters<typeof folderWith>[0], args: string, files: Readonly<Record<string, string>> = {}) {
  const cwd = await folderWith(t, { 'shop.yaml': manifests, ...files });
  return netpol(['probe', ...args.split(' ').filter((word) => word !== '')], { cwd });
}

function commands(out: string): readonly string[] {
  return out.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('a command for each port, against the service of the destination, after a look-up of its name', async (t) => {
  const { code, out } = await probed(t, '--from web --to svc/api');
  assert.equal(code, 0);
  assert.deepEqual(commands(out), [
    'kubectl exec --namespace=shop deployment/web --container=main -- nslookup api.shop.svc',
    'kubectl exec --namespace=shop deployment/web --container=main -- nc -zv -w 3 api.shop.svc 80',
  ]);
  assert.match(out, /# shop\/web to shop\/api on TCP 8080: expected to be allowed\n/);
});

test('an image without a shell is debugged; a pod without a service is asked for its address', async (t) => {
  const { out } = await probed(t, '--from api --to lone --port 8080');
  assert.deepEqual(commands(out), [
    `kubectl debug --namespace=shop "$(kubectl get pod --namespace=shop --selector='app=api,tier=it'\\''s' -o name | head -n 1)" --image=nicolaka/netshoot --quiet -i -- nc -zv -w 3 "$(kubectl get pod lone --namespace=shop -o jsonpath='{.status.podIP}')" 8080`,
  ]);
});

test('a pod of its own gets the labels of the source, and says which services select it', async (t) => {
  const { out } = await probed(t, '--from web --to 203.0.113.7 --port 443 --via run');
  assert.match(out, /# While it runs, the pod has the labels of web: Service web may send requests to it\.\n/);
  assert.deepEqual(commands(out), [
    `kubectl run netpol-probe --namespace=shop --image=nicolaka/netshoot --labels='app=web,tier=it'\\''s' --quiet --rm -i --restart=Never -- nc -zv -w 3 203.0.113.7 443`,
  ]);
});

test('of kinds in which kubectl exec finds no pod, one is chosen by its labels', async (t) => {
  const rollout = workload('Rollout', 'canary', 'nginx:1').replace('apps/v1', 'argoproj.io/v1alpha1');
  const { out } = await probed(t, '--from canary --to 203.0.113.7 --port 443', { 'canary.yaml': rollout });
  assert.deepEqual(commands(out), [
    `kubectl exec --namespace=shop "$(kubectl get pod --namespace=shop --selector='app=canary,tier=it'\\''s' -o name | head -n 1)" --container=main -- nc -zv -w 3 203.0.113.7 443`,
  ]);
});

test('a StatefulSet of another group is not the one that kubectl finds', async (t) => {
  const kruise = workload('StatefulSet', 'other', 'nginx:1').replace('apps/v1', 'apps.kruise.io/v1beta1');
  const { out } = await probed(t, '--from other --to 203.0.113.7 --port 443', { 'other.yaml': kruise });
  assert.match(
    commands(out)[0] ?? '',
    /^kubectl exec --namespace=shop "\$\(kubectl get pod .* --container=main -- nc /,
  );
});

test('of what runs now and then there is no pod to run in', async (t) => {
  const job = `apiVersion: keda.sh/v1alpha1
kind: ScaledJob
metadata: {name: job, namespace: shop}
spec: {jobTargetRef: {template: {metadata: {labels: {app: job}}, spec: {containers: [{name: main, image: gcr.example/distroless/static}]}}}}
`;
  const { out } = await probed(t, '--from job --to 203.0.113.7 --port 443', { 'job.yaml': job });
  assert.match(commands(out)[0] ?? '', /^kubectl run netpol-probe --namespace=shop .* --labels=app=job /);
});

test('UDP is called unreliable, and DNS is asked for a name', async (t) => {
  const udp = await probed(t, '--from web --to api --port 514/UDP');
  assert.match(udp.out, /# UDP answers nothing by itself/);
  assert.match(udp.out, /-- nc -zvu -w 3 "\$\(kubectl get pod /);
  const dns = await probed(t, '--from web --to dns --port 53/UDP');
  assert.match(
    commands(dns.out)[0] ?? '',
    /-- nslookup -timeout=3 kubernetes\.default\.svc\.cluster\.local "\$\(kubectl get pod --namespace=kube-system --selector=k8s-app=kube-dns /,
  );
});

test('from outside: a machine of the reader, through the load balancer', async (t) => {
  const { out } = await probed(t, '--from internet --to web --port 8080');
  assert.match(out, /# Run it on a machine outside of the cluster\.\n/);
  assert.deepEqual(commands(out), [
    `nc -zv -w 3 "$(kubectl get service web --namespace=shop -o jsonpath='{.status.loadBalancer.ingress[0].ip}')" 443`,
  ]);
  const none = await probed(t, '--from 198.51.100.0/24 --to api --port 8080');
  assert.match(none.out, /expected to be denied\n# No Service of type LoadBalancer leads here/);
});

test('of tests: what they expect, and what the manifests say where it differs', async (t) => {
  const tests = `tests:
  - {name: "web\\nrm -rf /", from: shop/web, to: shop/api, port: 8080, expect: denied}
  - {name: all, from: "*", to: shop/api, port: 8080, expect: denied}
  - {name: gone, from: nobody*, to: shop/api, expect: denied}
`;
  const { code, out } = await probed(t, '--pairs 1', { 'x.netpol-test.yaml': tests });
  assert.equal(code, 0);
  assert.match(out, /# == web rm -rf \/\n/);
  assert.match(out, /on TCP 8080: expected to be denied, and allowed by these manifests\n/);
  assert.match(out, /# all: 1 more pair; --pairs shows more of them\.\n/);
  assert.match(out, /# gone: from: "nobody\*" matches no workload/);
  const shell = spawnSync('sh', ['-n'], { input: out, encoding: 'utf8' });
  assert.deepEqual([shell.status, shell.stderr], [0, '']);
});

test('nothing of a manifest is run by the shell', async (t) => {
  const evil = manifests
    .replaceAll("it's", '$(touch x)`id`')
    .replaceAll('name: main', 'name: "m; id"')
    .replaceAll('name: lone', 'name: "-x;id"');
  const { out } = await probed(t, '--from web --to api --port 8080 --via run', { 'shop.yaml': evil });
  assert.match(out, /--labels='app=web,tier=\$\(touch x\)`id`'/);
  const exec = await probed(t, '--from web --to api --port 8080', { 'shop.yaml': evil });
  assert.ok(commands(exec.out).every((line) => !line.includes(';')));
  const named = await probed(t, '--from web --to shop/* --port 8080', { 'shop.yaml': evil });
  assert.ok(commands(named.out).every((line) => !line.includes('-x;id')));
  for (const word of ['', "a'b", '$x', '"', 'a b', 'a\nb', '`x`', '\\']) {
    const { stdout } = spawnSync('sh', ['-c', `printf %s ${quoted(word)}`], { encoding: 'utf8' });
    assert.equal(stdout, word);
  }
});

test('the JSON fits its schema', async (t) => {
  const schema = JSON.parse(readFileSync(join(process.cwd(), 'docs/json-schema/probe.schema.json'), 'utf8'));
  const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
  const { out } = await probed(t, '--from * --to api --format json');
  const report = JSON.parse(out);
  assert.ok(validate(JSON.parse(out)), JSON.stringify(validate.errors));
  assert.ok(report.probes.length > 3);
  assert.ok(!validate({ probes: [{}], notes: [] }));
});

test('what it cannot make a command of is exit status 2', async (t) => {
  for (const args of [
    '',
    '--from web',
    '--port 80',
    '--from web --to nobody',
    '--from web --to api --port 0',
    '--from web --to api --via ssh',
    '--pairs 0',
  ]) {
    const { code, out, err } = await probed(t, args);
    assert.deepEqual([code, out], [2, ''], args);
    assert.match(err, /^netpol: .*\n$/);
  }
});
