import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shop } from '../protocol/manifests.js';
import { folderWith, netpol } from './terminal.js';

const flannel = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'kube-flannel-ds', namespace: 'kube-flannel' },
  spec: {
    template: {
      metadata: { labels: { app: 'flannel' } },
      spec: { hostNetwork: true, containers: [{ name: 'kube-flannel', image: 'docker.io/flannel/flannel:v0.25.5' }] },
    },
  },
};
const deny = (name: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}, namespace: shop}\nspec: {podSelector: {}, policyTypes: [Ingress]}\n`;

test('that nothing enforces policies is told once, with the other places, and JSON has each', async (t) => {
  const cwd = await folderWith(t, { 'a.yaml': deny('a'), 'b.yaml': deny('b'), 'net.json': JSON.stringify(flannel) });
  const { out, code } = await netpol(['check'], { cwd });
  assert.equal(code, 1);
  assert.equal(out.match(/^warning cni-does-not-enforce/gm)?.length, 1);
  assert.match(out, /The same at b\.yaml:2\./);
  assert.match(
    out,
    /the network is taken to be Flannel alone, which DaemonSet kube-flannel\/kube-flannel-ds \(net\.json:1\) installs/,
  );
  const json: { findings: { rule: string }[] } = JSON.parse((await netpol(['check', '--format', 'json'], { cwd })).out);
  assert.equal(json.findings.filter(({ rule }) => rule === 'cni-does-not-enforce').length, 2);
});

test('a list says which plugin it took from the manifests, and nothing where none is there', async (t) => {
  const note = /the network is taken to be/;
  const found = await netpol(['list'], { cwd: await folderWith(t, { ...shop, 'net.json': JSON.stringify(flannel) }) });
  assert.match(found.err, note);
  const asked = ['explain', '--from', 'shop/frontend', '--to', 'shop/api'];
  const cwd = await folderWith(t, { ...shop, 'net.json': JSON.stringify(flannel) });
  assert.match((await netpol(asked, { cwd })).err, note);
  const plain = await netpol(['list'], { cwd: await folderWith(t, shop) });
  assert.doesNotMatch(plain.err + plain.out, note);
  const configured = { ...shop, 'net.json': JSON.stringify(flannel), '.netpol.yaml': 'cni: canal\n' };
  const { out, err } = await netpol(['list'], { cwd: await folderWith(t, configured) });
  assert.doesNotMatch(out + err, note);
});

test('a configuration that is wrong stops every command, with the first places', async (t) => {
  const text = 'cni: x\nkubernetesVersion: 1.30\nexclud: []\nfoo: 1\n';
  const cwd = await folderWith(t, { ...shop, '.netpol.yaml': text });
  for (const command of ['check', 'list', 'effective']) {
    const { code, err } = await netpol([command], { cwd });
    assert.equal(code, 2);
    assert.match(
      err,
      /\.netpol\.yaml:1: cni: .*\.netpol\.yaml:2: kubernetesVersion: .*\.netpol\.yaml:3: exclud: .*And 1 more\./,
    );
    assert.equal(err.trimEnd().split('\n').length, 1);
  }
});

test('include limits what is read', async (t) => {
  const files = { 'a/deny.yaml': deny('a'), 'b/deny.yaml': deny('b'), '.netpol.yaml': 'include: [a/]\n' };
  const { out } = await netpol(['check', '--format', 'json'], { cwd: await folderWith(t, files) });
  assert.equal((JSON.parse(out) as { summary: { policies: number } }).summary.policies, 1);
});
