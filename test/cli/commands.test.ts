import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { rules } from '#server/rules/index.js';
import { Netpol } from '#server/service.js';
import { templates } from '#server/templates/index.js';
import { denyEgress, shop } from '../protocol/manifests.js';
import { folderWith, netpol } from './terminal.js';

const withDeny = { ...shop, 'policies/deny.yaml': denyEgress };

test('effective shows every policy, or the one that is named', async (t) => {
  const cwd = await folderWith(t, withDeny);
  const all = await netpol(['effective'], { cwd });
  assert.deepEqual([all.code, all.err], [0, '']);
  assert.match(all.out, /^api {2}NetworkPolicy, namespace shop\n/);
  assert.match(all.out, /\ndeny-egress {2}NetworkPolicy/);
  for (const name of ['api', 'shop/api']) {
    const { out } = await netpol(['effective', '--policy', name], { cwd });
    assert.match(
      out,
      /TCP 8080 {2}from pods app=frontend in shop \(1 workload: frontend\) {3}api, policies\/api\.yaml:13/,
    );
    assert.match(out, /everything else is denied/);
    assert.doesNotMatch(out, /\ndeny-egress {2}NetworkPolicy/);
  }
});

test('effective for a workload joins the policies that select it', async (t) => {
  const cwd = await folderWith(t, withDeny);
  const { code, out } = await netpol(['effective', '--workload', 'shop/api'], { cwd });
  assert.equal(code, 0);
  assert.match(out, /^api {2}Deployment, namespace shop\nselected by 2 policies: /);
  assert.match(out, /DNS: UDP 53 and TCP 53 are blocked/);
});

test('effective as JSON', async (t) => {
  const cwd = await folderWith(t, withDeny);
  const [answer] = JSON.parse((await netpol(['effective', '--policy', 'api', '--format', 'json'], { cwd })).out);
  assert.equal(answer.name, 'api');
  assert.equal(answer.ingress.isolated, true);
  assert.deepEqual(answer.ingress.allowed[0].by, { policy: 'api', at: 'policies/api.yaml:13' });
  assert.equal(answer.egress.allowed.length, 0);
});

test('effective as JSON says what is passed on, and to where', async (t) => {
  const cwd = await folderWith(t, {
    'tier.yaml': 'apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: security}\nspec: {order: 100}\n',
    'policy.yaml': `apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: security.meta}
spec:
  tier: security
  types: [Egress]
  egress:
    - {action: Deny, destination: {nets: [169.254.169.254/32]}}
    - {action: Pass}
`,
    'pod.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: {name: db, namespace: app}\nspec: {containers: [{name: c, image: i}]}\n',
  });
  const { out } = await netpol(['effective', '--workload', 'db', '--format', 'json'], { cwd });
  const [{ subject, egress }] = JSON.parse(out);
  assert.equal(subject, 'selected by 1 policy: security.meta');
  assert.deepEqual([egress.isolated, egress.isolatedBy, egress.allowed], [false, [], []]);
  assert.deepEqual(
    egress.before.map(({ action, tier }: { action: string; tier: string }) => [action, tier]),
    [
      ['denies', 'security'],
      ['passes on', 'security'],
    ],
  );
});

test('a name that is not there is said in one line, with those that are', async (t) => {
  const cwd = await folderWith(t, withDeny);
  const policy = await netpol(['effective', '--policy', 'apii'], { cwd });
  assert.deepEqual([policy.code, policy.out], [2, '']);
  assert.equal(policy.err, 'netpol: there is no policy "apii" here; there are shop/api, shop/deny-egress\n');
  const workload = await netpol(['effective', '--workload', 'other/api'], { cwd });
  assert.equal(workload.code, 2);
  assert.match(workload.err, /^netpol: there is no workload "other\/api" here; there are shop\/api, shop\/frontend\n$/);
});

test('add prints each standard policy as YAML that passes its own check', async () => {
  for (const { id } of templates) {
    const { code, out, err } = await netpol(['add', id, '--namespace', 'shop']);
    assert.deepEqual([code, err], [0, ''], id);
    const documents = parseAllDocuments(out);
    for (const document of documents) {
      assert.deepEqual(document.errors, [], id);
      const { kind, metadata } = document.toJS();
      assert.match(kind, /NetworkPolicy$|^Tier$|NetworkSet$|^CiliumCIDRGroup$/, id);
      if (kind === 'NetworkPolicy') assert.equal(metadata.namespace, 'shop', id);
    }
    const uri = 'file:///add/policy.yaml';
    const service = await Netpol.open({ list: async () => [uri], read: async () => ({ text: out }) }, ['file:///add']);
    assert.deepEqual(
      service.findings(uri).filter(({ severity }) => severity === 'error'),
      [],
      id,
    );
  }
});

test('add takes pods and parameters', async () => {
  const { out } = await netpol(['add', 'allow-dns-egress', '-n', 'shop', '--pods', 'app=api', '--pods', 'tier=back']);
  assert.deepEqual(parseAllDocuments(out)[0]?.toJS().spec.podSelector, {
    matchLabels: { app: 'api', tier: 'back' },
  });
  // What is behind the first sign is the value, and none that a label may have.
  const { code, err } = await netpol(['add', 'allow-dns-egress', '--pods', 'tier=back=end']);
  assert.equal(code, 2);
  assert.match(err, /the label value "back=end" is refused/);
});

test('add layered prints the whole baseline', async () => {
  const { code, out } = await netpol(['add', 'layered', '--namespace', 'shop']);
  assert.equal(code, 0);
  const names = parseAllDocuments(out).map((document) => document.toJS().metadata.name);
  assert.equal(names[0], 'default-deny-all');
  assert.equal(names[1], 'allow-dns-egress');
  assert.equal(names.length, 6);
});

test('add --list names every template', async () => {
  const { out } = await netpol(['add', '--list']);
  for (const { id } of templates) assert.ok(out.includes(id), id);
});

test('rules lists the catalogue and prints every page', async () => {
  const list = await netpol(['rules']);
  assert.equal(list.code, 0);
  for (const { id } of rules) {
    assert.ok(list.out.includes(id));
    const page = await netpol(['rules', id]);
    assert.equal(page.code, 0);
    assert.ok(page.out.includes(id));
  }
  const json = JSON.parse((await netpol(['rules', '--format', 'json'])).out);
  assert.equal(json.length, rules.length);
});

test('schema prints a kind\u2019s JSON Schema', async () => {
  const { code, out } = await netpol(['schema', 'NetworkPolicy']);
  assert.equal(code, 0);
  assert.ok(JSON.parse(out).properties.spec);
});

test('schema tells kinds of one name apart by their group', async () => {
  const versions = async (name: string) => JSON.parse((await netpol(['schema', name])).out).properties.apiVersion.enum;
  assert.deepEqual(await versions('NetworkPolicy'), ['networking.k8s.io/v1']);
  for (const name of ['projectcalico.org/NetworkPolicy', 'projectcalico.org/v3/networkpolicy'])
    assert.deepEqual(await versions(name), ['projectcalico.org/v3', 'crd.projectcalico.org/v1']);
});

for (const [args, says] of [
  [['add'], /name one template/],
  [['add', 'allow-dns-egres'], /did you mean "allow-dns-egress"\?/],
  [['add', 'zzz'], /there is no template "zzz"; `netpol add --list`/],
  [['add', 'default-deny-all', '--pods', 'app'], /--pods app: write KEY=VALUE/],
  [['add', 'default-deny-all', '--set', 'x=1'], /default-deny-all has no parameter "x"/],
  [['rules', 'dns-egress-mising'], /did you mean "dns-egress-missing"\?/],
  [['rules', '--format', 'xml'], /--format xml: use text or json/],
  [['schema'], /name one kind/],
  [['schema', 'Toaster'], /there is no kind "Toaster"; there are NetworkPolicy, .* projectcalico.org\/NetworkPolicy,/],
  [['effective', '--format', 'xml'], /--format xml: use text or json/],
] as const) {
  test(`netpol ${args.join(' ')} is refused in one line`, async () => {
    const { code, out, err } = await netpol(args);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^netpol: [^\n]+\n$/);
    assert.match(err, says);
  });
}
