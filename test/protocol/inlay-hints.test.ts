import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientCapabilities, InlayHint, Range } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Inbox, positionOf, rich, ServerProcess, type StartOptions } from './server-process.js';

const workloads = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {env: prod}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  template:
    metadata: {labels: {app: api, tier: back}}
    spec: {containers: [{name: api, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, ports: [{name: http, containerPort: 3000}]}]}
`;

const whole: Range = { start: { line: 0, character: 0 }, end: { line: 10_000, character: 0 } };

function hintsOf(server: ServerProcess, uri: string, range = whole): Promise<InlayHint[] | null> {
  return server.connection.sendRequest('textDocument/inlayHint', { textDocument: { uri }, range });
}

function labelOf({ label }: InlayHint): string {
  return typeof label === 'string' ? label : label.map(({ value }) => value).join('');
}

/** The text as an editor shows it, each hint in ‹ ›. */
function shown(text: string, hints: readonly InlayHint[] | null): string {
  const document = TextDocument.create('', 'yaml', 0, text);
  const edits = (hints ?? []).map((hint) => ({
    range: { start: hint.position, end: hint.position },
    newText: `${hint.paddingLeft === true ? ' ' : ''}‹${labelOf(hint)}›${hint.paddingRight === true ? ' ' : ''}`,
  }));
  return TextDocument.applyEdits(document, edits);
}

/** The text that is sent is the one that is shown, without its hints. */
async function shows(server: ServerProcess, name: string, expected: string): Promise<void> {
  const text = expected.replace(/ ?‹[^›]*›(?: (?=[\w]))?/g, (hint) =>
    hint.startsWith(' ') && hint.endsWith(' ') ? ' ' : '',
  );
  const uri = server.uri(name);
  await server.open(uri, text);
  assert.equal(shown(text, await hintsOf(server, uri)), expected);
  await server.close(uri);
}

const start = (t: Parameters<typeof ServerProcess.start>[0], options: StartOptions = {}) =>
  ServerProcess.start(t, { ...options, files: { 'workloads.yaml': workloads, ...options.files } });

test('a policy of Kubernetes: counts, AND and OR, named ports, and what is left out', async (t) => {
  const server = await start(t);
  await shows(
    server,
    'policy.yaml',
    `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec: ‹policyTypes: [Ingress, Egress]› # whom it is about
  podSelector: ‹1 workload›
    matchLabels: {tier: back}
  ingress:
    - {} ‹from everyone, on every port›
    - from: [] ‹from everyone, on every port›
    - ports: ‹from everyone›
        - port: http ‹= TCP 8080›
        - port: 9090 ‹protocol: TCP›
        - protocol: UDP ‹every port›
    - from: ‹on every port›
        - namespaceSelector: {} ‹every pod in every namespace, 2 workloads›
        - ‹OR› namespaceSelector: ‹every namespace›
            matchLabels: {}
          ‹AND› podSelector: ‹1 workload›
            matchLabels: {app: web}
        - ‹OR› podSelector: {} ‹every pod in namespace shop, 2 workloads›
        - podSelector: {matchLabels: {app: web}} ‹1 workload›
        - ipBlock: {cidr: 10.0.0.0/8}
  egress:
    - to:
        - {podSelector: {matchLabels: {app: web}}, ‹AND› namespaceSelector: {matchLabels: {env: prod}} ‹1 workload›}
        - ‹OR› podSelector: ‹no workload› # misspelt
            matchLabels: {app: wbe}
      ports:
        - {port: 53, protocol: UDP}
`,
  );
});

test('policies of Calico, Cilium and of the whole cluster, and those in a List', async (t) => {
  const server = await start(t);
  await shows(
    server,
    'policy.yaml',
    `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: calico, namespace: shop}
spec: ‹tier: default, order: last, types: [Ingress]›
  selector: app == 'api' ‹1 workload›
  ingress:
    - action: Allow
      protocol: TCP
      source:
        selector: app in {'web', 'x'}
        ‹AND› namespaceSelector: env == 'prod' ‹1 workload›
      destination:
        ports: [http ‹= TCP 8080›, 9090]
    - action: Deny ‹from everyone, on every port›
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: global}
spec: ‹selector: all()›
  tier: security
  order: 10
  namespaceSelector: env == 'prod' ‹2 workloads›
  types: [Ingress]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: cilium, namespace: shop}
spec: ‹enableDefaultDeny: ingress›
  endpointSelector: {} ‹every pod in namespace shop, 2 workloads›
  ingress:
    - fromEndpoints:
        - {} ‹every pod in namespace shop, 2 workloads›
        - matchLabels: ‹1 workload›
            app: web
      toPorts:
        - ports:
            - port: "8080" ‹protocol: ANY›
            - port: http ‹= TCP 8080 or TCP 3000›
              protocol: TCP
    - fromEntities: [cluster] ‹on every port›
      ‹OR› fromCIDR: [10.0.0.0/8]
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: admin}
spec:
  priority: 5
  subject:
    namespaces: {} ‹every pod in every namespace, 2 workloads›
  ingress:
    - name: from-web ‹on every port›
      action: Allow
      from:
        - pods:
            namespaceSelector: {matchLabels: {env: prod}}
            ‹AND› podSelector: {matchLabels: {app: web}} ‹1 workload›
        - ‹OR› namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}} ‹2 workloads›
---
apiVersion: v1
kind: List
items:
  - apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: listed, namespace: shop}
    spec: ‹policyTypes: [Ingress]›
      podSelector: {} ‹every pod in namespace shop, 2 workloads›
`,
  );
});

test('silent where nothing is known: templates, other people’s objects, namespaces without workloads, half-typed text', async (t) => {
  const server = await start(t);
  await shows(
    server,
    'policy.yaml',
    `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector:
    matchLabels: {app: "{{ .Values.app }}"}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {matchLabels: {{ .Values.labels }} }
        - ‹OR› namespaceSelector:
            matchLabels: {kubernetes.io/metadata.name: kube-system}
      ports:
        - port: {{ .Values.port }}
          protocol: TCP
---
kind: ConfigMap
apiVersion: v1
data: {podSelector: {}}
---
spec:
  podSelector: {}
`,
  );
  const uri = server.uri('policy.yaml');
  await server.open(
    uri,
    'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nspec:\n  podSelector: {}\n  ingress:\n    - from:\n        - ',
  );
  assert.deepEqual((await hintsOf(server, uri))?.map(labelOf), [
    'policyTypes: [Ingress]',
    'every pod in the namespace it is applied to',
  ]);
  assert.equal(await hintsOf(server, server.uri('nowhere.yaml')), null);
  assert.deepEqual(await hintsOf(server, server.uri('workloads.yaml')), []);
});

const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  ingress:
    - from:
        - podSelector: {matchLabels: {app: web}}
        - namespaceSelector: {matchLabels: {env: prod}}
      ports: [{port: http}]
`;

test('only what is in the range is said, and only the kinds that a person wants', async (t) => {
  const server = await start(t, { files: { 'policy.yaml': policy } });
  const uri = server.uri('policy.yaml');
  const from = positionOf(policy, '    - from');
  const some = await hintsOf(server, uri, { start: from, end: { line: from.line + 2, character: 0 } });
  assert.deepEqual(some?.map(labelOf), ['1 workload']);
  const labels = async (inlayHints: object) => {
    server.settings = { inlayHints };
    await server.refreshedBy(() =>
      server.connection.sendNotification('workspace/didChangeConfiguration', { settings: null }),
    );
    return (await hintsOf(server, uri))?.map(labelOf);
  };
  assert.deepEqual(await labels({ andOr: false }), [
    'policyTypes: [Ingress]',
    '1 workload',
    '1 workload',
    '2 workloads',
    '= TCP 8080',
  ]);
  assert.deepEqual(await labels({ workloads: false, ports: false }), ['policyTypes: [Ingress]', 'OR', 'protocol: TCP']);
  assert.deepEqual(await labels({ defaults: false, workloads: false }), ['OR', '= TCP 8080']);
  assert.deepEqual(await labels({ andOr: false, workloads: false, ports: false, defaults: false }), []);
  assert.deepEqual(server.logged.all, []);
  await labels({ andOr: 'no', colour: true });
  const said = server.logged.all.map(({ message }) => message).join('\n');
  assert.match(said, /settings: inlayHints\.andOr/);
  assert.match(said, /settings: inlayHints\.colour/);
});

test('a count leads to its workload, and its tooltip names each with a link', async (t) => {
  const server = await start(t, { files: { 'policy.yaml': policy } });
  const hints = (await hintsOf(server, server.uri('policy.yaml'))) ?? [];
  const [, subject] = hints;
  const [part] = typeof subject?.label === 'object' ? subject.label : [];
  assert.deepEqual(part?.location, {
    uri: server.uri('workloads.yaml'),
    range: { start: { line: 6, character: 17 }, end: { line: 6, character: 20 } },
  });
  const both = hints.find((hint) => labelOf(hint) === '2 workloads');
  assert.deepEqual(both?.tooltip, {
    kind: 'markdown',
    value: `This lets in 2 workloads:\n\n- [Deployment shop/api](${server.uri('workloads.yaml')}#L7)\n- [Deployment shop/web](${server.uri('workloads.yaml')}#L15)`,
  });
  // Of two workloads neither is the one to go to.
  assert.ok(typeof both?.label === 'object' && both.label.every(({ location }) => location === undefined));
});

test('the client asks again when another file changes a count', async (t) => {
  const capabilities: ClientCapabilities = {
    ...rich,
    workspace: { ...rich.workspace, inlayHint: { refreshSupport: true } },
  };
  const server = await ServerProcess.spawned(t, { files: { 'workloads.yaml': workloads, 'policy.yaml': policy } });
  const asked = new Inbox<true>('refresh of the hints');
  server.connection.onRequest('workspace/inlayHint/refresh', () => {
    asked.add(true);
    return null;
  });
  await server.initialize({ capabilities });
  await server.statuses.where(({ state }) => state === 'ready');
  await asked.where(() => true);
  const uri = server.uri('policy.yaml');
  assert.ok((await hintsOf(server, uri))?.some((hint) => labelOf(hint) === '2 workloads'));
  const before = asked.all.length;
  await server.open(server.uri('more.yaml'), workloads.replaceAll('name: api, namespace', 'name: more, namespace'));
  await asked.where(() => true, before);
  assert.ok((await hintsOf(server, uri))?.some((hint) => labelOf(hint) === '3 workloads'));
});

test('overlays that differ are each said, and a patch that leaves something out says nothing of it', async (t) => {
  const base = policy.replace(', namespace: shop', '');
  const web = (name: string) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: web}}
`;
  const server = await ServerProcess.start(t, {
    files: {
      'base/kustomization.yaml': 'resources: [policy.yaml]\n',
      'base/policy.yaml': base,
      'one/kustomization.yaml': 'namespace: one\nresources: [../base, web.yaml]\n',
      'one/web.yaml': web('web'),
      'two/kustomization.yaml': 'namespace: two\nresources: [../base, web.yaml]\npatches: [{path: patch.yaml}]\n',
      'two/web.yaml': `${web('web')}---\n${web('old-web')}`,
      'two/patch.yaml':
        'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: api}\nspec:\n  podSelector: {matchLabels: {app: api}}\n',
    },
  });
  const hints = await hintsOf(server, server.uri('base/policy.yaml'));
  assert.ok(
    hints?.some((hint) => labelOf(hint) === '1 workload in one, 2 workloads in two'),
    JSON.stringify(hints?.map(labelOf)),
  );
  const ofPatch = await hintsOf(server, server.uri('two/patch.yaml'));
  assert.deepEqual(ofPatch?.map(labelOf), []);
});
