import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { templates } from '#server/templates/index.js';
import { folderWith, netpol } from './terminal.js';

const files = [
  '00-default-deny.yaml',
  '10-allow-dns.yaml',
  '20-allow-intra-namespace.yaml',
  '30-allow-ingress-controller.yaml',
  '40-allow-prometheus-scrape.yaml',
  'kustomization.yaml',
];

const workloads = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: c, ports: [{containerPort: 3000}, {containerPort: 9000}]}]}
`;

const entry = `---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 3000}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
`;

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'netpol-add-'));
  t.after(() => rm(made, { recursive: true }));
  return made;
}

test('every parameter of every template is a flag, and shown by --list', async () => {
  const list = (await netpol(['add', '--list'])).out;
  for (const { id, parameters } of templates) {
    for (const { name, type, default: text, choices } of parameters) {
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      assert.ok(list.includes(`    ${flag} `), flag);
      const value = { string: 'other', port: '4321', cidr: '10.9.0.0/16', number: '77', choice: choices?.[0] }[type];
      assert.ok(value !== undefined);
      const byFlag = await netpol(['add', id, flag, value]);
      assert.deepEqual([byFlag.code, byFlag.err], [0, ''], `${id} ${flag}`);
      assert.deepEqual(byFlag, await netpol(['add', id, '--set', `${name}=${value}`]));
      if (type !== 'choice') assert.ok(text === value || byFlag.out.includes(value), `${id} ${flag}`);
    }
  }
});

test('a policy goes to a file, which is not overwritten unasked', async (t) => {
  const cwd = await folder(t);
  const args = ['add', 'allow-dns-egress', '-n', 'shop', '-o', 'policies/dns.yaml'];
  const first = await netpol(args, { cwd });
  assert.deepEqual([first.code, first.out, first.err], [0, '', 'wrote policies/dns.yaml\n']);
  const written = await readFile(join(cwd, 'policies/dns.yaml'), 'utf8');
  assert.equal(written, (await netpol(['add', 'allow-dns-egress', '-n', 'shop', '-o', '-'], { cwd })).out);
  await writeFile(join(cwd, 'policies/dns.yaml'), '# mine\n');
  const second = await netpol(args, { cwd });
  assert.equal(second.code, 2);
  assert.equal(second.err, 'netpol: policies/dns.yaml exists already, and nothing was written; --force overwrites\n');
  assert.equal(await readFile(join(cwd, 'policies/dns.yaml'), 'utf8'), '# mine\n');
  assert.equal((await netpol([...args, '--force'], { cwd })).code, 0);
  assert.equal(await readFile(join(cwd, 'policies/dns.yaml'), 'utf8'), written);
});

test('the baseline is written as files, all of them or none', async (t) => {
  const cwd = await folder(t);
  const args = ['add', 'baseline', '--namespace', 'shop', '--output-dir', 'policies'];
  await netpol(['add', 'allow-dns-egress', '-o', 'policies/10-allow-dns.yaml'], { cwd });
  const refused = await netpol(args, { cwd });
  assert.equal(refused.code, 2);
  assert.match(refused.err, /^netpol: policies\/10-allow-dns\.yaml exists already, and nothing was written/);
  assert.deepEqual(await readdir(join(cwd, 'policies')), ['10-allow-dns.yaml']);
  const { code, err } = await netpol([...args, '--force'], { cwd });
  assert.equal(code, 0);
  assert.equal(err, files.map((name) => `wrote policies/${name}\n`).join(''));
  assert.deepEqual((await readdir(join(cwd, 'policies'))).sort(), files);
  const kustomization = parse(await readFile(join(cwd, 'policies/kustomization.yaml'), 'utf8'));
  assert.deepEqual([kustomization.namespace, kustomization.resources], ['shop', files.slice(0, -1)]);
  const checked = await netpol(['check', 'policies'], { cwd });
  assert.deepEqual([checked.code, checked.err], [0, '']);
});

test('no second kustomization is written into a folder', async (t) => {
  const cwd = await folder(t);
  await writeFile(join(cwd, 'kustomization.yml'), 'resources: []\n');
  const { code, err } = await netpol(['add', 'baseline', '-n', 'shop', '--output-dir', '.', '--force'], { cwd });
  assert.equal(code, 2);
  assert.match(err, /^netpol: kustomization\.yml is a kustomization already/);
  assert.deepEqual(await readdir(cwd), ['kustomization.yml']);
});

test('several namespaces have a folder each', async (t) => {
  const cwd = await folder(t);
  const { code } = await netpol(['add', 'baseline', '-n', 'shop, team-b', '--output-dir', '.'], { cwd });
  assert.equal(code, 0);
  for (const namespace of ['shop', 'team-b']) {
    assert.deepEqual((await readdir(join(cwd, namespace))).sort(), files);
    const policy = parse(await readFile(join(cwd, namespace, '00-default-deny.yaml'), 'utf8'));
    assert.equal(policy.metadata.namespace, namespace);
  }
});

test('without a folder the baseline is one stream of policies', async () => {
  const { code, out } = await netpol(['add', 'baseline', '-n', 'shop']);
  assert.equal(code, 0);
  const kinds = out.split('---\n').map((text) => parse(text).kind);
  assert.deepEqual(kinds, Array(5).fill('NetworkPolicy'));
});

test('the baseline takes its ports from workloads, and the rest from .netpol.yaml', async (t) => {
  const cwd = await folder(t);
  await writeFile(join(cwd, 'web.yaml'), workloads + entry);
  await writeFile(join(cwd, '.netpol.yaml'), 'cluster:\n  nodeLocalDNS: true\n  ingressController: traefik\n');
  const { out } = await netpol(['add', 'baseline', '-n', 'shop', '--workloads', 'web.yaml'], { cwd });
  const [, dns, , ingress] = out.split('---\n').map((text) => parse(text));
  assert.equal(dns.spec.egress[0].to[1].ipBlock.cidr, '169.254.20.10/32');
  assert.deepEqual(ingress.spec.ingress[0].ports, [{ protocol: 'TCP', port: 3000 }]);
  assert.match(JSON.stringify(ingress.spec.ingress[0].from), /traefik/);
  // What is known of the cluster that the workloads are for counts before that of the current folder.
  await mkdir(join(cwd, 'prod'));
  await writeFile(join(cwd, 'prod/web.yaml'), workloads + entry);
  await writeFile(join(cwd, 'prod/.netpol.yaml'), 'cluster:\n  ingressController: contour\n');
  const prod = (await netpol(['add', 'baseline', '-n', 'shop', '--workloads', 'prod'], { cwd })).out;
  assert.match(prod, /contour/);
  assert.doesNotMatch(prod, /traefik|169\.254/);
  const elsewhere = await netpol(['add', 'baseline', '-n', 'shop,zoo', '--workloads', 'web.yaml'], { cwd });
  assert.deepEqual([elsewhere.code, elsewhere.out], [2, '']);
  assert.match(elsewhere.err, /nothing in web\.yaml is in the namespace "zoo"/);
});

test('what is about the addresses of nodes says where the plugin never matches these', async (t) => {
  const cwd = await folderWith(t, { 'cilium/.netpol.yaml': 'cni: cilium\n', 'calico/.netpol.yaml': 'cni: calico\n' });
  const said = async (folder: string, ...args: readonly string[]) =>
    (await netpol(['add', ...args], { cwd: join(cwd, folder) })).err;
  assert.match(await said('cilium', 'allow-kubelet-probes'), /^netpol: with Cilium an ipBlock never matches a node: /);
  assert.match(await said('cilium', 'allow-api-server', '--app', 'x'), /Use cilium-allow-api-server\n$/);
  assert.equal(await said('cilium', 'allow-dns-egress'), '');
  assert.equal(await said('calico', 'allow-kubelet-probes'), '');
});

test('where nothing leads in from outside, the baseline opens no port to the ingress controller, and says so', async (t) => {
  const cwd = await folder(t);
  await writeFile(join(cwd, 'web.yaml'), workloads);
  const args = ['add', 'baseline', '-n', 'shop', '--workloads', 'web.yaml'];
  const { code, out, err } = await netpol(args, { cwd });
  assert.equal(code, 0);
  assert.doesNotMatch(out, /ingress-nginx|3000|9000/);
  assert.match(err, /^netpol: 30-allow-ingress-controller is left out: no Ingress, [^\n]+ leads to shop\.[^\n]*\n$/);
  await netpol([...args, '--output-dir', 'made'], { cwd });
  const kustomization = await readFile(join(cwd, 'made/kustomization.yaml'), 'utf8');
  assert.match(kustomization, /^# 30-allow-ingress-controller is left out: /m);
  assert.deepEqual(
    parse(kustomization).resources,
    files.filter((name) => !/^30|^kust/.test(name)),
  );
});

for (const [args, says] of [
  [['add', 'baseline'], /say for which namespace/],
  [['add', 'baseline', '-n', 'Shop'], /"Shop" cannot be the name of a namespace/],
  [['add', 'baseline', '-n', 'shop,,b'], /"" cannot be the name of a namespace/],
  [['add', 'baseline', '-n', 'shop', '--ports', '80'], /the baseline has no parameter "ports"/],
  [['add', 'baseline', '-n', 'shop', '--pods', 'app=x'], /the baseline has no parameter "pods"/],
  [['add', 'baseline', '-n', 'shop', '-o', 'a', '--output-dir', 'b'], /either --output or --output-dir/],
  [['add', 'baselin', '-n', 'shop'], /did you mean "baseline"\?/],
  [['add', 'allow-dns-egress', '-n', 'Bad NS'], /--namespace: "Bad NS" cannot be the name of a namespace: use/],
  [['add', 'allow-dns-egress', '-n', 'shop,b'], /"shop,b" cannot be the name of a namespace/],
  [['add', 'layered', '--pods', 'app=Bad V'], /the API server would refuse this policy: .*"Bad V" is refused/],
  [['add', 'allow-dns-egress', '--name', 'Bad'], /would refuse this policy: metadata\.name: "Bad" cannot be/],
  [['add', 'allow-dns-egress', '--output-dir', 'x'], /--output-dir is for the baseline/],
  [['add', 'allow-dns-egress', '--workloads', 'x'], /--workloads is for the baseline/],
  [['add', 'allow-dns-egress', '--ports', '80'], /allow-dns-egress has no parameter "ports"; it has name, dns/],
  [['add', 'allow-from-app', '--ports', '99999'], /--ports: "99999" is not a port/],
  [['add', 'allow-external-api', '--cidrs', 'example.com'], /--cidrs: "example.com" is not an address range/],
  [['add', 'allow-ingress-controller', '--controller', 'cilium'], /--controller: use one of ingress-nginx, .*traefik/],
] as const) {
  test(`netpol ${args.join(' ')} is refused in one line`, async () => {
    const { code, out, err } = await netpol(args);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^netpol: [^\n]+\n$/);
    assert.match(err, says);
  });
}
