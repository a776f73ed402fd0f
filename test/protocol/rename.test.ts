import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Range, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { api, apiPolicy, frontend, shop } from './manifests.js';
import { linking, Navigator } from './navigating.js';
import { poor, ServerProcess } from './server-process.js';

const others = `apiVersion: v1
kind: Service
metadata:
  name: api
  namespace: shop
  labels: {app: api}
  annotations: {app: api}
spec:
  selector:
    app: api
  ports:
    - {name: http, port: 80, targetPort: http}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
  namespace: shop
  labels: {app: api}
spec:
  selector: {matchLabels: {app: worker, tier: api}}
  template:
    metadata:
      labels: {app: worker, tier: api}
      annotations: {app: api}
    spec:
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            - topologyKey: zone
              labelSelector:
                matchExpressions:
                  - {key: app, operator: In, values: [worker, "api"]}
      containers:
        - name: worker
          env: [{name: app, value: api}]
---
# Another namespace's namesake, with a policy of its own.
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: other, labels: {app: api}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: other}
spec:
  podSelector: {matchLabels: {app: api}}
`;

const callers = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: callers, namespace: shop}
spec:
  podSelector:
    matchExpressions:
      - key: app
        operator: NotIn
        values:
          - 'api'
          - frontend
      - {key: app, operator: Exists}
  egress:
    - to:
        - podSelector: {matchLabels: {app: api}} # app: api
      ports: [{port: http}]
`;

const tests = `namespace: shop
tests:
  - from: {pods: {app: frontend}}
    to: {pods: {app: api}}
    port: 8080
    expect: allowed
`;

const files = { ...shop, 'others.yaml': others, 'policies/callers.yaml': callers, 'shop.netpol-test.yaml': tests };

async function renaming(
  t: TestContext,
  more: Readonly<Record<string, string>> = {},
  base: Readonly<Record<string, string>> = files,
) {
  const all = { ...base, ...more };
  return new Navigator(await ServerProcess.start(t, { files: all, capabilities: linking }), all);
}

/** The sentence with which a request is refused. */
async function refusal(asked: Promise<unknown>): Promise<string> {
  try {
    return `not refused: ${JSON.stringify(await asked)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const ofValue = (name: string) => [
  `workloads/api.yaml:8: matchLabels: {app: ${name}}`,
  `workloads/api.yaml:12: app: ${name}`,
  `policies/api.yaml:9: app: ${name}`,
  `others.yaml:10: app: ${name}`,
  `others.yaml:18: selector: {matchLabels: {app: ${name}}}`,
  `others.yaml:39: - {key: app, operator: In, values: [worker, "${name}"]}`,
  `policies/callers.yaml:10: - '${name}'`,
  `policies/callers.yaml:15: - podSelector: {matchLabels: {app: ${name}}} # app: api`,
  `shop.netpol-test.yaml:4: to: {pods: {app: ${name}}}`,
];

test('a label’s value is renamed wherever it means the same, and nowhere else', async (t) => {
  const go = await renaming(t);
  for (const [path, wanted, behind] of [
    ['policies/api.yaml', 'api', 'app: '],
    ['workloads/api.yaml', 'api\n', 'app: '],
    ['workloads/api.yaml', 'api}', 'app: '],
    ['others.yaml', 'api', '  selector:\n    app: '],
    ['policies/callers.yaml', "api'"],
    ['shop.netpol-test.yaml', 'api'],
  ] as const) {
    const edit = await go.rename(path, wanted, 'backend', behind);
    assert.deepEqual(go.changed(edit), ofValue('backend'), `from ${path}, ${wanted}`);
  }
});

test('kinds of others have their selectors renamed with their pods', async (t) => {
  const made = (apiVersion: string, kind: string, selector: string) => `apiVersion: ${apiVersion}
kind: ${kind}
metadata: {name: canary, namespace: shop}
spec:
  selector: ${selector}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: c}]}
`;
  const go = await renaming(t, {
    'rollout.yaml': made('argoproj.io/v1alpha1', 'Rollout', '{matchLabels: {app: api}}'),
    'config.yaml': made('apps.openshift.io/v1', 'DeploymentConfig', '{app: api}'),
    'own.yaml': made('shop.example/v1', 'Storefront', '{matchLabels: {app: api}}'),
  });
  const changed = go.changed(await go.rename('policies/api.yaml', 'api', 'backend', 'app: '));
  assert.deepEqual(changed.filter((line) => /^(?:rollout|config|own)/.test(line)).sort(), [
    'config.yaml:5: selector: {app: backend}',
    'config.yaml:7: metadata: {labels: {app: backend}}',
    'own.yaml:5: selector: {matchLabels: {app: backend}}',
    'own.yaml:7: metadata: {labels: {app: backend}}',
    'rollout.yaml:5: selector: {matchLabels: {app: backend}}',
    'rollout.yaml:7: metadata: {labels: {app: backend}}',
  ]);
});

test('a key is renamed with whatever value', async (t) => {
  const go = await renaming(t);
  const edit = await go.rename('policies/api.yaml', 'app', 'app.kubernetes.io/name', '      ');
  const changed = go.changed(edit);
  assert.ok(
    changed.includes('policies/callers.yaml:12: - {key: app.kubernetes.io/name, operator: Exists}'),
    changed.join('\n'),
  );
  assert.ok(changed.includes('policies/callers.yaml:7: - key: app.kubernetes.io/name'));
  assert.ok(changed.includes('workloads/frontend.yaml:12: app.kubernetes.io/name: frontend'));
  assert.ok(changed.includes('others.yaml:27: selector: {matchLabels: {app.kubernetes.io/name: worker, tier: api}}'));
  // Annotations, the objects' own labels and variables of containers are something else.
  for (const line of [6, 7, 25, 31, 41, 45, 51])
    assert.ok(!changed.some((each) => each.startsWith(`others.yaml:${line}:`)), String(line));
  assert.equal(changed.length, 16);
});

test('text that YAML would read as something else gets quotes, and comes back', async (t) => {
  const go = await renaming(t);
  const edit = await go.rename('policies/api.yaml', 'api', 'true', 'app: ');
  assert.deepEqual(
    go.changed(edit),
    ofValue('true').map((line) => line.replace(/(app: )true/, '$1"true"')),
  );
  const back = new Navigator(
    await ServerProcess.start(t, { files: go.after(edit), capabilities: linking }),
    go.after(edit),
  );
  assert.deepEqual(
    back.changed(await back.rename('policies/api.yaml', 'true', 'api')).map((line) => line.replaceAll('"api"', 'api')),
    ofValue('api').map((line) => line.replaceAll('"api"', 'api')),
  );
});

test('the edits of other files are told apart in a preview, and none is left out of it', async (t) => {
  const go = await renaming(t);
  await go.server.open(go.server.uri('policies/api.yaml'), apiPolicy, 7);
  const edit = await go.rename('policies/api.yaml', 'api', 'backend', 'app: ');
  const [annotation] = Object.values(edit?.changeAnnotations ?? {});
  // Left to be ticked one by one, half of a renaming would be made.
  assert.equal(annotation?.needsConfirmation, false);
  assert.equal(annotation?.label, 'in 4 other files');
  const documents = (edit?.documentChanges ?? []).flatMap((each) => ('edits' in each ? [each] : []));
  const own = documents.find(({ textDocument }) => textDocument.uri === go.server.uri('policies/api.yaml'));
  assert.equal(own?.textDocument.version, 7);
  assert.ok(own?.edits.every((each) => !('annotationId' in each)));
  assert.ok(
    documents
      .filter((each) => each !== own)
      .every(
        ({ edits, textDocument }) => textDocument.version === null && edits.every((each) => 'annotationId' in each),
      ),
  );
});

test('a client of few abilities gets plain changes', async (t) => {
  const server = await ServerProcess.start(t, { files, capabilities: poor });
  const go = new Navigator(server, files);
  assert.equal(server.initialized.capabilities.renameProvider, true);
  const edit: WorkspaceEdit | null = await go.rename('policies/api.yaml', 'api', 'backend', 'app: ');
  assert.equal(edit?.documentChanges, undefined);
  assert.deepEqual(go.changed(edit), ofValue('backend'));
});

test('what can be renamed is said before, and what cannot with the reason', async (t) => {
  const go = await renaming(t);
  assert.deepEqual(go.server.initialized.capabilities.renameProvider, { prepareProvider: true });
  const prepare = (path: string, wanted: string, behind = '') =>
    go.server.connection.sendRequest<{ range: Range; placeholder: string }>(
      'textDocument/prepareRename',
      go.params(path, wanted, behind),
    );
  const found = await prepare('policies/callers.yaml', "api'");
  assert.equal(found.placeholder, 'api');
  assert.deepEqual(found.range, { start: { line: 9, character: 13 }, end: { line: 9, character: 16 } });
  assert.match(await refusal(prepare('policies/api.yaml', 'NetworkPolicy')), /^Only labels .* can be renamed here\.$/);
  assert.match(await refusal(prepare('others.yaml', 'app: api}', 'annotations: {')), /^Only labels/);
  const rename = (name: string) => refusal(go.rename('policies/api.yaml', 'api', name, 'app: '));
  assert.match(await rename('a b'), /"a b" cannot be a label’s value: only letters/);
  assert.match(await rename('frontend'), /app: frontend is in use already \(workloads\/frontend\.yaml, line \d+\)/);
  assert.match(await rename('worker'), /app: worker is in use already/);
  assert.match(
    await refusal(go.rename('policies/api.yaml', 'app', 'tier', '      ')),
    /The label tier is in use already/,
  );
  assert.equal(await go.rename('policies/api.yaml', 'api', 'api', 'app: '), null);
  // The other namespace's word is free.
  assert.deepEqual(go.changed(await go.rename('others.yaml', 'api}}', 'front', 'labels: {app: ')).length > 0, true);
});

test('the namesake of a namespace that no selector joins is another label', async (t) => {
  const go = await renaming(t);
  const edit = await go.rename('others.yaml', 'api', 'lone', 'namespace: other, labels: {app: ');
  assert.deepEqual(go.changed(edit), [
    'others.yaml:47: metadata: {name: api, namespace: other, labels: {app: lone}}',
    'others.yaml:53: podSelector: {matchLabels: {app: lone}}',
  ]);
});

test('a peer that looks into every namespace joins them', async (t) => {
  const wide = callers.replace(
    '- podSelector: {matchLabels: {app: api}}',
    '- {namespaceSelector: {}, podSelector: {matchLabels: {app: api}}}',
  );
  const go = await renaming(t, { 'policies/callers.yaml': wide });
  const changed = go.changed(await go.rename('policies/api.yaml', 'api', 'backend', 'app: '));
  assert.ok(
    changed.includes('others.yaml:47: metadata: {name: api, namespace: other, labels: {app: backend}}'),
    changed.join('\n'),
  );
});

const calico = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  selector: "app == 'api' && !has(app/other)"
  ingress:
    - action: Allow
      source: {selector: 'app in { "frontend", "api" } || app != "api" || apps == "api"'}
      destination: {selector: app == 'api', ports: [80]}
`;

test('within selectors of Calico the words are renamed where they stand', async (t) => {
  const go = await renaming(t, { 'calico.yaml': calico }, shop);
  const changed = go.changed(await go.rename('calico.yaml', 'api', 'backend', "== '"));
  assert.deepEqual(
    changed.filter((line) => line.startsWith('calico')),
    [
      `calico.yaml:5: selector: "app == 'backend' && !has(app/other)"`,
      `calico.yaml:8: source: {selector: 'app in { "frontend", "backend" } || app != "backend" || apps == "api"'}`,
      `calico.yaml:9: destination: {selector: app == 'backend', ports: [80]}`,
    ],
  );
  const key = go.changed(await go.rename('workloads/api.yaml', 'app', 'name', '        '));
  assert.ok(key.includes(`calico.yaml:5: selector: "name == 'api' && !has(app/other)"`), key.join('\n'));
  const partial = await renaming(
    t,
    { 'calico.yaml': calico.replace("app == 'api' &&", "app starts with 'ap' &&") },
    shop,
  );
  assert.match(
    await refusal(partial.rename('policies/api.yaml', 'api', 'backend', 'app: ')),
    /A selector asks whether app starts with "ap"/,
  );
  assert.ok(partial.changed(await partial.rename('policies/api.yaml', 'api', 'apis', 'app: ')).length > 0);
});

const cilium = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  endpointSelector:
    matchLabels: {"k8s:app": api, any:app: api}
  ingress:
    - fromEndpoints:
        - matchLabels: {k8s:io.kubernetes.pod.namespace: shop, app: frontend}
        - matchExpressions: [{key: k8s:app, operator: In, values: [api]}]
        - matchLabels: {k8s:io.cilium.k8s.namespace.labels.app: api}
        - matchLabels: {reserved:app: api, container:app: api}
`;

test('the words that Cilium writes before a key stay', async (t) => {
  const go = await renaming(t, { 'cilium.yaml': cilium }, shop);
  const key = go.changed(await go.rename('workloads/api.yaml', 'app', 'example.com/app', '        '));
  assert.deepEqual(
    key.filter((line) => line.startsWith('cilium')),
    [
      'cilium.yaml:6: matchLabels: {"k8s:example.com/app": api, any:example.com/app: api}',
      'cilium.yaml:9: - matchLabels: {k8s:io.kubernetes.pod.namespace: shop, example.com/app: frontend}',
      'cilium.yaml:10: - matchExpressions: [{key: k8s:example.com/app, operator: In, values: [api]}]',
    ],
  );
  const from = go.changed(await go.rename('cilium.yaml', 'app"', 'name', 'k8s:'));
  assert.ok(from.includes('workloads/api.yaml:12: name: api'), from.join('\n'));
});

test('labels of namespaces, in every family', async (t) => {
  const namespaces = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: ops, labels: {team: platform}}\n';
  const peer = apiPolicy.replace(
    'podSelector:\n            matchLabels:\n              app: frontend',
    'namespaceSelector:\n            matchLabels:\n              team: platform',
  );
  const go = await renaming(
    t,
    {
      'ns.yaml': namespaces,
      'peer.yaml': peer,
      'calico.yaml': calico.replace("app == 'api' && !has(app/other)", "pcns.team == 'platform'"),
      'cilium.yaml': cilium.replace('namespace.labels.app: api', 'namespace.labels.team: platform'),
      'team.yaml': api.replace('app: api\n', 'app: api\n        team: platform\n'),
    },
    {},
  );
  const changed = go.changed(await go.rename('ns.yaml', 'team', 'crew'));
  assert.deepEqual(changed, [
    'ns.yaml:3: metadata: {name: ops, labels: {crew: platform}}',
    'peer.yaml:16: crew: platform',
    `calico.yaml:5: selector: "pcns.crew == 'platform'"`,
    'cilium.yaml:11: - matchLabels: {k8s:io.cilium.k8s.namespace.labels.crew: platform}',
  ]);
  const name = peer.replace('team: platform', 'kubernetes.io/metadata.name: ops');
  const named = await renaming(t, { 'ns.yaml': namespaces, 'peer.yaml': name }, {});
  assert.match(
    await refusal(named.rename('peer.yaml', 'ops', 'other')),
    /the label that the API server gives each namespace/,
  );
  assert.match(await refusal(named.rename('ns.yaml', 'ops', 'other')), /^Only labels/);
});

test('a named port is renamed with the policies, services and probes that mean it', async (t) => {
  const probed = api.replace(
    '- {name: http, containerPort: 8080}',
    '- {name: http, containerPort: 8080}\n          readinessProbe: {httpGet: {port: http, path: /http}}',
  );
  const go = await renaming(t, { 'workloads/api.yaml': probed });
  const wanted = [
    'workloads/api.yaml:17: - {name: web, containerPort: 8080}',
    'workloads/api.yaml:18: readinessProbe: {httpGet: {port: web, path: /http}}',
    'others.yaml:12: - {name: http, port: 80, targetPort: web}',
    'policies/callers.yaml:16: ports: [{port: web}]',
  ];
  // The frontend's port of that name is not what the policy is about.
  for (const [path, word, behind] of [
    ['workloads/api.yaml', 'http', 'name: '],
    ['workloads/api.yaml', 'http', 'port: '],
    ['others.yaml', 'http', 'targetPort: '],
    ['policies/callers.yaml', 'http'],
  ] as const) {
    assert.deepEqual(go.changed(await go.rename(path, word, 'web', behind)), wanted, `${path} ${behind}`);
  }
  assert.match(await refusal(go.rename('policies/callers.yaml', 'http', 'Not A Port')), /cannot be a port’s name/);
  assert.match(await refusal(go.rename('others.yaml', 'http', 'web', '{name: ')), /^Only labels/);
  assert.match(await refusal(go.rename('policies/api.yaml', '8080', 'web')), /^Only labels/);
});

test('patches, and labels that a kustomization gives', async (t) => {
  const base = {
    'base/kustomization.yaml': 'resources: [api.yaml, policy.yaml]\n',
    'base/api.yaml': api,
    'base/policy.yaml': apiPolicy,
  };
  const overlay = (name: string, more = '') => ({
    [`${name}/kustomization.yaml`]: `resources: [../base]\npatches:\n  - path: patch.yaml\n  - patch: |-\n      apiVersion: networking.k8s.io/v1\n      kind: NetworkPolicy\n      metadata: {name: api, namespace: shop}\n      spec:\n        egress:\n          - to: [{podSelector: {matchLabels: {app: api}}}]\n${more}`,
    [`${name}/patch.yaml`]:
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: api, namespace: shop}\nspec:\n  podSelector:\n    matchLabels: {app: api}\n',
  });
  const go = await renaming(t, { ...base, ...overlay('one'), ...overlay('two') }, {});
  const wanted = [
    'base/api.yaml:8: matchLabels: {app: backend}',
    'base/api.yaml:12: app: backend',
    'base/policy.yaml:9: app: backend',
    ...['one', 'two'].flatMap((name) => [
      `${name}/kustomization.yaml:10: - to: [{podSelector: {matchLabels: {app: backend}}}]`,
      `${name}/patch.yaml:6: matchLabels: {app: backend}`,
    ]),
  ];
  assert.deepEqual(go.changed(await go.rename('one/patch.yaml', 'api}', 'backend', 'app: ')), wanted);
  assert.deepEqual(go.changed(await go.rename('base/policy.yaml', 'api', 'backend', 'app: ')), wanted);
  const common = await renaming(
    t,
    { ...base, 'one/kustomization.yaml': 'resources: [../base]\ncommonLabels: {team: shop}\n' },
    {},
  );
  assert.deepEqual(common.changed(await common.rename('one/kustomization.yaml', 'team', 'crew')), [
    'one/kustomization.yaml:2: commonLabels: {crew: shop}',
  ]);
});

test('anchors: labels that are repeated are renamed once, all else is refused', async (t) => {
  const anchored = api
    .replace('{app: api}', '&labels {app: api}')
    .replace('labels:\n        app: api', 'labels: *labels');
  const go = await renaming(t, { 'workloads/api.yaml': anchored, 'policies/api.yaml': apiPolicy }, {});
  assert.deepEqual(go.changed(await go.rename('policies/api.yaml', 'api', 'backend', 'app: ')), [
    'workloads/api.yaml:8: matchLabels: &labels {app: backend}',
    'policies/api.yaml:9: app: backend',
  ]);
  const shared = anchored.replace(
    '    spec:\n      containers',
    '      annotations: *labels\n    spec:\n      containers',
  );
  const elsewhere = await renaming(t, { 'workloads/api.yaml': shared, 'policies/api.yaml': apiPolicy }, {});
  assert.match(
    await refusal(elsewhere.rename('policies/api.yaml', 'api', 'backend', 'app: ')),
    /stands behind a YAML anchor \(workloads\/api\.yaml, line 8\)/,
  );
  const word = api.replace('name: api\n', 'name: &name api\n').replace('app: api}', 'app: *name}');
  const scalar = await renaming(t, { 'workloads/api.yaml': word, 'policies/api.yaml': apiPolicy }, {});
  assert.match(
    await refusal(scalar.rename('policies/api.yaml', 'api', 'backend', 'app: ')),
    /not written as such in workloads\/api\.yaml, line 8/,
  );
});

test('what a Helm template writes is left alone, and that is said', async (t) => {
  const chart = {
    'chart/Chart.yaml': 'name: chart\n',
    'chart/templates/api.yaml': api,
    'chart/templates/web.yaml': frontend
      .replaceAll('app: frontend', 'app: {{ .Values.app }}')
      .replaceAll('name: frontend', 'name: {{ .Release.Name }}'),
    'chart/templates/policy.yaml': apiPolicy.replace('app: frontend', 'app: {{ .Values.app }}'),
  };
  const go = await renaming(t, chart, {});
  const edit = await go.rename('chart/templates/policy.yaml', 'api', 'backend', 'app: ');
  assert.deepEqual(go.changed(edit), [
    'chart/templates/api.yaml:8: matchLabels: {app: backend}',
    'chart/templates/api.yaml:12: app: backend',
    'chart/templates/policy.yaml:9: app: backend',
  ]);
  const [annotation] = Object.values(edit?.changeAnnotations ?? {});
  assert.match(annotation?.description ?? '', /Labels that a template writes are not known/);
  assert.match(await refusal(go.rename('chart/templates/policy.yaml', '.Values', 'x')), /^Only labels|template/);
});

test('every way to write the file', async (t) => {
  for (const write of [
    (text: string) => text.replaceAll('\n', '\r\n'),
    (text: string) => `\uFEFF# größer 😀\n${text}`,
    (text: string) =>
      `apiVersion: v1\nkind: List\nitems:\n${text
        .trim()
        .split('\n')
        .map((line, i) => `${i === 0 ? '- ' : '  '}${line}`)
        .join('\n')}\n`,
  ]) {
    const all = { 'api.yaml': write(api), 'policy.yaml': write(apiPolicy) };
    const go = await renaming(t, all, {});
    const texts = go.after(await go.rename('policy.yaml', 'api', 'backend', 'app: '));
    assert.equal(texts['policy.yaml'], all['policy.yaml'].replace('app: api', 'app: backend'));
    assert.equal(texts['api.yaml'], all['api.yaml'].replaceAll('app: api', 'app: backend'));
  }
});
