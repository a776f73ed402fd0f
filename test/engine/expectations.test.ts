import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decisionsOf } from '#server/engine/decisions.js';
import { outcomeSentence } from '#server/engine/outcome-words.js';
import { runTests, scopesTested } from '#server/engine/test-runs.js';
import { endText, readPort } from '#server/model/expectation.js';
import { Netpol } from '#server/service.js';
import { documentOf } from '#server/text/document.js';
import { readTests } from '#server/workspace/test-file.js';
import { Memory, root } from '../workspace/memory.js';

const pod = (name: string, more = '') => `apiVersion: v1
kind: Pod
metadata: {name: ${name.split('/')[1]}, namespace: ${name.split('/')[0]}, labels: {app: ${name.split('/')[1]}}}
spec: {${more}containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}
---
`;

const policies = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Ingress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: web}}}, {ipBlock: {cidr: 203.0.113.0/24}}]
      ports: [{port: 8080}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress, Egress]
`;

const manifests = `${pod('shop/web')}${pod('shop/api')}${pod('shop/db')}${pod('team-a/web')}${pod('team-b/job')}apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{name: web, port: 80, targetPort: http}]}
---
${policies}`;

/** What becomes of each test of a file beside some manifests: its verdict, with how many pairs fail and the problem. */
async function outcomes(tests: string, files: Readonly<Record<string, string>> = { 'shop.yaml': manifests }) {
  const netpol = await Netpol.open(new Memory(files), [root]);
  const document = documentOf(`${root}/x.netpol-test.yaml`, tests);
  const read = readTests(document);
  assert.deepEqual([document.problems, read.problems], [[], []], tests);
  const tested = scopesTested(netpol.workspace, read);
  assert.ok('scopes' in tested, 'problem' in tested ? tested.problem : '');
  const [scope] = tested.scopes;
  assert.ok(scope !== undefined && tested.scopes.length === 1);
  return runTests(scope, netpol.profileOf(scope), read).outcomes.map(({ test, outcome }) => ({ test, outcome }));
}

/** One test, written in a line. */
async function verdict(line: string, head = 'namespace: shop\n', files?: Readonly<Record<string, string>>) {
  const [first] = await outcomes(`${head}tests:\n  - {${line}}\n`, files);
  assert.ok(first !== undefined);
  const { verdict, pairs, failing, problem } = first.outcome;
  return problem === undefined ? `${verdict} ${failing}/${pairs}` : `${verdict}, ${problem.field}: ${problem.message}`;
}

test('one connection is as expected or not, at both ends', async () => {
  assert.equal(await verdict('from: shop/web, to: shop/api, port: 8080, expect: allowed'), 'passed 0/1');
  assert.equal(await verdict('from: shop/web, to: shop/api, port: 8080, expect: denied'), 'failed 1/1');
  assert.equal(await verdict('from: shop/web, to: shop/api, port: 9090, expect: denied'), 'passed 0/1');
  // Its ingress is open; the egress of the source is not.
  assert.equal(await verdict('from: shop/db, to: shop/web, port: 8080, expect: denied'), 'passed 0/1');
  assert.equal(await verdict('from: shop/db, to: shop/web, port: 8080, expect: allowed'), 'failed 1/1');
});

test('a port may be a number, a name, of a protocol, one of several, or all', async () => {
  assert.equal(await verdict('from: shop/web, to: shop/api, port: http, expect: allowed'), 'passed 0/1');
  assert.equal(await verdict('from: shop/web, to: shop/api, port: 8080/TCP, expect: allowed'), 'passed 0/1');
  assert.equal(await verdict('from: shop/web, to: shop/api, port: UDP/8080, expect: denied'), 'passed 0/1');
  assert.equal(await verdict('from: shop/web, to: shop/api, port: [8080, 9090], expect: allowed'), 'failed 1/1');
  assert.equal(await verdict('from: shop/web, to: shop/api, port: [9091, 9090], expect: denied'), 'passed 0/1');
  // Without a port: every port.
  assert.equal(await verdict('from: shop/web, to: shop/api, expect: allowed'), 'failed 1/1');
  assert.equal(await verdict('from: shop/web, to: shop/api, expect: denied'), 'failed 1/1');
  assert.equal(await verdict('from: team-b/job, to: shop/api, expect: denied'), 'passed 0/1');
  assert.equal(
    await verdict('from: shop/web, to: shop/api, port: htpt, expect: allowed'),
    'not asked, port: no container of shop/api[Pod] declares a port named "htpt"; there is http.',
  );
});

test('a service stands for its pods on their own ports', async () => {
  assert.equal(await verdict('from: shop/web, to: svc/api, port: 80, expect: allowed'), 'passed 0/1');
  assert.equal(await verdict('from: shop/web, to: svc/shop/api, expect: allowed'), 'passed 0/1');
  assert.match(
    await verdict('from: shop/web, to: svc/api, port: 8080, expect: allowed'),
    /^not asked, port: .*no such port/,
  );
});

test('which ports of the pods a service leads to is said where a test fails', async () => {
  const notes = async (expect: string) => {
    const [found] = await outcomes(`tests: [{from: shop/web, to: svc/shop/api, port: 80, expect: ${expect}}]`);
    return found?.outcome.notes;
  };
  assert.deepEqual(await notes('allowed'), []);
  assert.deepEqual(await notes('denied'), [
    "svc/shop/api sends to TCP 8080 of shop/api[Pod]: policies judge the pods' port.",
  ]);
});

test('each of what wildcards, selectors and lists name has to hold, and none is asked about itself', async () => {
  assert.equal(await verdict('from: "*", to: shop/db, expect: denied'), 'passed 0/4');
  assert.equal(await verdict('from: "*", to: shop/api, port: 8080, expect: denied'), 'failed 1/4');
  assert.equal(await verdict('from: "*", except: shop/web, to: shop/api, port: 8080, expect: denied'), 'passed 0/3');
  assert.equal(await verdict('from: "*", to: "*", port: 8080, expect: allowed'), 'failed 10/20');
  assert.equal(await verdict('from: team-*/*, to: shop/api, port: 8080, expect: denied'), 'passed 0/2');
  assert.equal(await verdict('from: "*/web", to: shop/api, port: 8080, expect: allowed'), 'failed 1/2');
  assert.equal(await verdict('from: pod/w*, to: shop/api, port: 8080, expect: allowed'), 'failed 1/2');
  assert.equal(await verdict('from: [web, team-b/job], to: shop/api, port: 8080, expect: denied'), 'failed 1/2');
  assert.equal(await verdict('from: {pods: {app: web}}, to: shop/api, port: 8080, expect: allowed'), 'passed 0/1');
  assert.equal(await verdict('from: {pods: {app: web}}, to: api, port: 8080, expect: allowed', ''), 'failed 1/2');
  assert.equal(await verdict('from: {namespace: team-*}, to: shop/api, expect: denied'), 'passed 0/2');
  assert.equal(
    await verdict('from: {namespaceLabels: {kubernetes.io/metadata.name: team-b}}, to: shop/db, expect: denied'),
    'passed 0/1',
  );
  // The kind stands before the namespace or behind the name, and is one that there is.
  assert.equal(await verdict('from: Pod/shop/w*, to: shop/api, port: 8080, expect: allowed'), 'passed 0/1');
  assert.equal(await verdict('from: "shop/w*[Pod]", to: shop/api, port: 8080, expect: allowed'), 'passed 0/1');
  for (const none of ['deployment/shop/w*', 'shop/w*[Deployment]', 'pod/shop/w*/more'])
    assert.match(
      await verdict(`from: "${none}", to: shop/api, expect: allowed`),
      /^not asked, from: .* matches no/,
      none,
    );
  // Named by itself, a pod is asked about itself.
  assert.equal(await verdict('from: shop/db, to: shop/db, port: 8080, expect: allowed'), 'passed 0/1');
  // A workload that is named is meant, whatever is left out of the wildcard.
  assert.equal(await verdict('from: "*", except: shop/*, to: shop/db, expect: denied'), 'passed 0/2');
});

test('what matches nothing is never a pass', async () => {
  assert.match(
    await verdict('from: nobody*, to: shop/db, expect: denied'),
    /^not asked, from: "nobody\*" matches no workload\. There are shop\/web/,
  );
  assert.match(
    await verdict('from: {pods: {app: wbe}}, to: shop/db, expect: denied'),
    /^not asked, from: pods app=wbe matches no workload/,
  );
  assert.match(
    await verdict('from: shop/webb, to: shop/db, expect: denied'),
    /^not asked, from: .*did you mean shop\/web\[Pod\]/,
  );
  assert.match(await verdict('from: "*", except: shop/ap, to: shop/db, expect: denied'), /^not asked, except: /);
  assert.equal(
    await verdict('from: shop/d*, except: shop/db, to: shop/api, expect: denied'),
    'not asked, except: leaves nothing of `from`.',
  );
  assert.equal(
    await verdict('from: shop/d*, to: shop/d*, expect: denied'),
    'not asked, to: names no connection: what is left is one workload and itself.',
  );
});

test('addresses, ranges and the internet are outside of the cluster', async () => {
  assert.equal(await verdict('from: 203.0.113.7, to: shop/api, port: 8080, expect: allowed'), 'passed 0/1');
  assert.equal(await verdict('from: 198.51.100.0/24, to: shop/api, expect: denied'), 'passed 0/1');
  // A part of it is let in.
  assert.equal(await verdict('from: 203.0.112.0/23, to: shop/api, port: 8080, expect: allowed'), 'failed 1/1');
  assert.equal(await verdict('from: internet, to: shop/api, port: 8080, expect: denied'), 'failed 1/1');
  assert.equal(
    await verdict('from: internet, except: 203.0.113.0/24, to: shop/api, port: 8080, expect: denied'),
    'passed 0/1',
  );
  assert.equal(await verdict('from: shop/db, to: internet, port: 443, expect: denied'), 'passed 0/1');
});

test('the words of the profile mean pods of the manifests, or such as are usual', async () => {
  assert.equal(await verdict('from: ingress-controller, to: shop/web, port: 8080, expect: allowed'), 'passed 0/1');
  assert.equal(await verdict('from: [ingress-controller, monitoring], to: shop/api, expect: denied'), 'passed 0/2');
  assert.equal(await verdict('from: shop/db, to: dns, port: 53/UDP, expect: denied'), 'passed 0/1');
  const [assumed] = await outcomes('tests: [{from: shop/web, to: dns, port: 53/UDP, expect: allowed}]');
  assert.match(
    assumed?.outcome.notes.join() ?? '',
    /hold no pods of the cluster DNS: they are taken to run in namespace kube-system/,
  );
  const dns = `${manifests}---\n${pod('kube-system/coredns').replace('app: coredns', 'k8s-app: kube-dns')}`;
  const [known] = await outcomes('tests: [{from: shop/web, to: dns, port: 53/UDP, expect: allowed}]', {
    'a.yaml': dns,
  });
  assert.deepEqual(known?.outcome.notes, []);
});

test('what is not known for certain is no pass', async () => {
  const template = `${manifests}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: extra, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: "{{ .Values.client }}"}}}]
`;
  const files = { 'a.yaml': template };
  assert.equal(await verdict('from: shop/web, to: shop/db, port: 8080, expect: denied', '', files), 'not certain 1/1');
  assert.equal(await verdict('from: shop/web, to: shop/db, port: 8080, expect: allowed', '', files), 'not certain 1/1');
});

test('host-network pods are meant by their own names alone', async () => {
  const files = { 'a.yaml': `${pod('shop/agent', 'hostNetwork: true, ')}${manifests}` };
  assert.equal(await verdict('from: "*", to: shop/db, expect: denied', '', files), 'passed 0/4');
  const [all] = await outcomes('tests: [{from: "*", to: shop/db, expect: denied}]', files);
  assert.match(all?.outcome.notes.join() ?? '', /leaves out shop\/agent\[Pod\]/);
  assert.equal(await verdict('from: shop/agent, to: shop/db, port: 80, expect: denied', '', files), 'not certain 1/1');
  assert.match(
    await verdict('from: shop/ag*, to: shop/db, expect: denied', '', files),
    /^not asked, from: .*Name it to test it/,
  );
});

test('a failure has the connection and the lines that decide it', async () => {
  const [denied] = await outcomes('tests: [{from: team-a/web, to: shop/api, port: 8080, expect: allowed}]');
  assert.ok(denied !== undefined);
  assert.equal(
    outcomeSentence(denied.test.expectation, denied.outcome),
    'team-a/web to shop/api on TCP 8080 is denied: shop/api isolates shop/api for ingress, and no rule allows it.',
  );
  const [open] = await outcomes('tests: [{from: "*", to: shop/api, port: 8080, expect: denied}]');
  assert.ok(open !== undefined);
  assert.equal(
    outcomeSentence(open.test.expectation, open.outcome),
    '1 of 4 connections is allowed: shop/web to shop/api on TCP 8080. Of the first: no policy isolates shop/web for egress; shop/api, ingress rule 1 allows it.',
  );
  const at = open.outcome.failures
    .flatMap(({ parts }) => parts.flatMap(decisionsOf))
    .find((each) => each.at !== undefined)?.at;
  assert.match(at?.document.text.slice(at.range.start) ?? '', /^(?:- )?from: \[\{podSelector/);
  const [many] = await outcomes('tests: [{from: "*", to: "*", port: 9999, expect: allowed}]');
  assert.ok(many !== undefined && many.outcome.failing > many.outcome.failures.length);
  assert.match(outcomeSentence(many.test.expectation, many.outcome), /^\d+ of 20 connections are denied: .*; \.\.\./);
});

test('what a test is called without a name, and what a port may be', () => {
  const [unnamed] = readTests(
    documentOf(
      'x',
      'tests: [{from: a, to: {namespace: b, pods: {c: d}}, port: [80, 53/UDP], except: e, expect: denied}]',
    ),
  ).tests;
  assert.equal(unnamed?.expectation.name, 'a to pods c=d in namespace b on 80, 53/UDP, except e: denied');
  assert.equal(
    endText({ kind: 'selector', namespace: undefined, namespaceLabels: new Map([['x', 'y']]), pods: new Map() }),
    'every pod in namespaces x=y',
  );
  for (const wrong of [0, 65536, 1.5, '', 'Http', 'TCP/80/UDP', '80-90', 'a/80', -1, true])
    assert.equal(readPort(wrong), undefined, String(wrong));
  assert.deepEqual(readPort('udp/53'), { protocol: 'UDP', port: 53 });
  assert.deepEqual(readPort('sctp-sig'), { protocol: undefined, port: 'sctp-sig' });
});

test('which scope is tested', async () => {
  const kustomization = 'kind: Kustomization\nresources: [shop.yaml]\n';
  const overlay = 'kind: Kustomization\nresources: [../../base]\n';
  const files = {
    'base/kustomization.yaml': kustomization,
    'base/shop.yaml': manifests,
    'overlays/dev/kustomization.yaml': overlay,
    'overlays/prod/kustomization.yaml': overlay,
    'overlays/prod/tests/placeholder.yaml': '{}',
  };
  const netpol = await Netpol.open(new Memory(files), [root]);
  const titles = (path: string, scope = '') => {
    const document = documentOf(
      `${root}/${path}/x.netpol-test.yaml`,
      `${scope === '' ? '' : `scope: ${scope}\n`}tests: []`,
    );
    const found = scopesTested(netpol.workspace, readTests(document));
    return 'problem' in found ? found.problem : found.scopes.map(({ title }) => title).join();
  };
  assert.equal(titles('overlays/prod'), 'overlays/prod');
  assert.equal(titles('overlays/prod/tests'), 'overlays/prod');
  assert.equal(titles('base'), 'overlays/dev,overlays/prod');
  assert.equal(titles('tests'), 'Say with `scope:` what is tested: overlays/dev and overlays/prod.');
  assert.equal(titles('tests', 'overlays/dev'), 'overlays/dev');
  assert.equal(titles('overlays', './dev'), 'overlays/dev');
  assert.equal(
    titles('tests', 'overlays/stage'),
    'There is no scope "overlays/stage" here. There are overlays/dev and overlays/prod.',
  );
});

test('of several scopes the only one below the folder of the tests is tested', async () => {
  const kustomization = 'kind: Kustomization\nresources: [shop.yaml]\n';
  const netpol = await Netpol.open(
    new Memory({
      'one/app/kustomization.yaml': kustomization,
      'one/app/shop.yaml': manifests,
      'two/app/kustomization.yaml': kustomization,
      'two/app/shop.yaml': manifests,
    }),
    [root],
  );
  const tested = (path: string) => {
    const found = scopesTested(netpol.workspace, readTests(documentOf(`${root}/${path}`, 'tests: []')));
    return 'problem' in found ? found.problem : found.scopes.map(({ title }) => title).join();
  };
  assert.equal(tested('one/x.netpol-test.yaml'), 'one/app');
  assert.equal(tested('two/x.netpol-test.yaml'), 'two/app');
  assert.match(tested('x.netpol-test.yaml'), /^Say with/);
});
