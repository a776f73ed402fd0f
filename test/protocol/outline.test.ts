import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  ClientCapabilities,
  DocumentLink,
  DocumentSymbol,
  FoldingRange,
  Position,
  SelectionRange,
  SymbolInformation,
} from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { apiPolicy, shop } from './manifests.js';
import { positionOf, rangeOf, rich, ServerProcess } from './server-process.js';

const hierarchical: ClientCapabilities = {
  ...rich,
  textDocument: {
    ...rich.textDocument,
    documentSymbol: { hierarchicalDocumentSymbolSupport: true, labelSupport: true },
    documentLink: { tooltipSupport: true },
    foldingRange: { lineFoldingOnly: true },
  },
};

async function outline(server: ServerProcess, name: string, text: string): Promise<string> {
  const uri = server.uri(name);
  await server.open(uri, text);
  const symbols: DocumentSymbol[] = await server.connection.sendRequest('textDocument/documentSymbol', {
    textDocument: { uri },
  });
  const drawn = (each: readonly DocumentSymbol[], depth: number): string[] =>
    each.flatMap(({ name, detail, children }) => [
      `${'  '.repeat(depth)}${name}${detail === undefined ? '' : ` [${detail}]`}`,
      ...drawn(children ?? [], depth + 1),
    ]);
  return `\n${drawn(symbols, 0).join('\n')}\n`;
}

test('the outline of policies: directions, rules, peers and ports, in the words of each family', async (t) => {
  const server = await ServerProcess.start(t, { files: {}, capabilities: hierarchical });
  assert.deepEqual(server.initialized.capabilities.documentSymbolProvider, { label: 'netpol' });
  const text = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: web}}
          namespaceSelector: {matchLabels: {env: prod}}
        - ipBlock: {cidr: 10.0.0.0/8}
      ports: [{port: 8080}, {port: http, protocol: TCP}]
    - ports: [{port: 9090}]
    - from: [{podSelector: {}}, {ipBlock: {cidr: 192.0.2.0/24}}, {ipBlock: {cidr: 198.51.100.0/24}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: rules-that-do-not-count}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  egress: []
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: global}
spec:
  namespaceSelector: env == 'prod'
  ingress:
    - action: Deny
      source: {selector: app == 'web', nets: [10.0.0.0/8]}
    - {action: Pass}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: cilium}
specs:
  - endpointSelector: {matchLabels: {app: api}}
    ingress:
      - fromEntities: [cluster]
    ingressDeny:
      - fromEndpoints: [{matchLabels: {app: bad}}]
  - endpointSelector: {matchLabels: {app: web}}
    egress:
      - toFQDNs: [{matchName: example.com}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: {name: default}
spec:
  subject: {namespaces: {}}
  egress:
    - name: no-metadata
      action: Deny
      to: [{networks: [169.254.169.254/32]}]
`;
  assert.equal(
    await outline(server, 'policies.yaml', text),
    `
api [NetworkPolicy in shop, for pods app=api]
  egress [isolated, allows nothing]
  ingress [isolated, 3 rules]
    from pods app=web AND in namespaces with env=prod or addresses 10.0.0.0/8 [TCP 8080, TCP port named http]
      pods app=web AND in namespaces with env=prod
      addresses 10.0.0.0/8
      TCP 8080
      TCP port named http
    from everyone [TCP 9090]
      TCP 9090
    from every pod in shop or 2 more [every port]
      every pod in shop
      addresses 192.0.2.0/24
      addresses 198.51.100.0/24
rules-that-do-not-count [NetworkPolicy, for every pod]
  ingress [isolated, allows nothing]
  egress [open: not among its policy types, no rule]
global [GlobalNetworkPolicy, for every pod in namespaces with env=prod]
  ingress [isolated, 2 rules]
    Deny from pods app=web in every namespace AND addresses 10.0.0.0/8 [every port]
      pods app=web in every namespace AND addresses 10.0.0.0/8
    Pass from everyone [every port]
cilium [CiliumNetworkPolicy, for pods app=api]
  ingress [isolated, 1 rule]
    from everything in the cluster [every port]
      everything in the cluster
  ingressDeny [1 rule]
    Deny from pods app=bad in the same namespace [every port]
      pods app=bad in the same namespace
  egress [isolated, 1 rule]
    to example.com [TCP 443]
      example.com
      TCP 443
default [BaselineAdminNetworkPolicy, for every pod in every namespace]
  egress [in order, 1 rule]
    no-metadata: Deny to addresses 169.254.169.254/32 [every port]
      addresses 169.254.169.254/32
`,
  );
});

test('the outline of workloads, namespaces and services; a List, a template, what is half typed', async (t) => {
  const server = await ServerProcess.start(t, { files: {}, capabilities: hierarchical });
  const text = `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Namespace
    metadata: {name: shop, labels: {env: prod}}
  - apiVersion: batch/v1
    kind: CronJob
    metadata: {name: nightly}
    spec:
      jobTemplate:
        spec:
          template:
            metadata: {labels: {app: nightly}}
            spec:
              initContainers: [{name: wait}]
              containers:
                - name: run
                  ports: [{name: metrics, containerPort: 9090}, {containerPort: 53, protocol: UDP}]
  - apiVersion: keda.sh/v1alpha1
    kind: ScaledJob
    metadata: {name: scaled}
    spec:
      jobTargetRef:
        template:
          metadata: {labels: {app: scaled}}
          spec: {containers: [{name: work}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {ports: [{name: http, port: 80, targetPort: web}]}
---
apiVersion: example.com/v1
kind: Unheard
metadata: {name: of-others}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .Release.Name }}-api
spec:
  podSelector: {matchLabels: {app: "{{ .Values.app }}"}}
  ingress:
    - from:
        - podSelector: {{ .Values.from }}
---
kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
spec:
  ingress:
    -
`;
  assert.equal(
    await outline(server, 'all.yaml', text),
    `
shop [Namespace]
  env: prod
nightly [CronJob]
  app: nightly
  wait [init container]
  run [container]
    metrics: TCP 9090
    UDP 53
scaled [ScaledJob]
  app: scaled
  work [container]
api [Service in shop]
  http: TCP 80 [to port web of the pods]
{{ .Release.Name }}-api [NetworkPolicy]
  ingress [isolated, 1 rule]
    from a source that cannot be read [every port]
      a source that cannot be read
(unnamed) [NetworkPolicy, for every pod]
  ingress [isolated, 1 rule]
    from everyone [every port]
`,
  );
  assert.equal(await outline(server, 'notes.yaml', 'a: {kind: Deployment}\nb: [1, 2]\n'), '\n\n');
});

test('the tests of a test file', async (t) => {
  const server = await ServerProcess.start(t, { files: shop, capabilities: hierarchical });
  const text = `tests:
  - {name: the shop works, from: frontend, to: api, port: 8080, expect: allowed}
  - from: api
    to: frontend
    expect: denied
`;
  assert.equal(
    await outline(server, 'shop.netpol-test.yaml', text),
    `
the shop works [allowed]
api to frontend: denied [denied]
`,
  );
});

test('places are those of the names, in a file with CRLF and a BOM', async (t) => {
  const server = await ServerProcess.start(t, { files: {}, capabilities: hierarchical });
  const text = `\uFEFF# first\r\n---\r\n${apiPolicy.replaceAll('\n', '\r\n')}`;
  const uri = server.uri('crlf.yaml');
  await server.open(uri, text);
  const [policy]: DocumentSymbol[] = await server.connection.sendRequest('textDocument/documentSymbol', {
    textDocument: { uri },
  });
  assert.deepEqual(policy?.selectionRange, rangeOf(text, 'api', 'name: '));
  assert.deepEqual(policy?.range.start, positionOf(text, 'apiVersion'));
  assert.deepEqual(policy?.children?.[0]?.selectionRange, rangeOf(text, 'ingress', '\n  '));
});

test('a client without hierarchy gets a list, each with what it stands in; an unknown document gives nothing', async (t) => {
  const server = await ServerProcess.start(t, { files: shop });
  assert.equal(server.initialized.capabilities.documentSymbolProvider, true);
  const uri = server.uri('policies/api.yaml');
  const list: SymbolInformation[] = await server.connection.sendRequest('textDocument/documentSymbol', {
    textDocument: { uri },
  });
  assert.deepEqual(
    list.map(({ name, containerName, location }) => [name, containerName, location.uri === uri]),
    [
      ['api', undefined, true],
      ['ingress', 'api', true],
      ['from pods app=frontend in shop', 'ingress', true],
      ['pods app=frontend in shop', 'from pods app=frontend in shop', true],
      ['TCP 8080', 'from pods app=frontend in shop', true],
    ],
  );
  const unknown = { textDocument: { uri: server.uri('nowhere.yaml') } };
  for (const method of ['documentSymbol', 'foldingRange', 'documentLink', 'semanticTokens/full']) {
    assert.equal(await server.connection.sendRequest(`textDocument/${method}`, unknown), null, method);
  }
});

async function symbolsFor(server: ServerProcess, query: string): Promise<string[]> {
  const found: SymbolInformation[] = await server.connection.sendRequest('workspace/symbol', { query });
  return found.map(({ name, containerName }) => `${name} (${containerName})`);
}

test('policies, workloads, namespaces and services are found by letters of their names', async (t) => {
  const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\nspec: {}\n';
  const server = await ServerProcess.start(t, {
    files: {
      ...shop,
      'service.yaml': `${service}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n`,
      'base/kustomization.yaml': 'resources: [policy.yaml]\n',
      'base/policy.yaml': apiPolicy.replace('  namespace: shop\n', '').replaceAll('api\n', 'quotes\n'),
      'one/kustomization.yaml': 'namespace: one\nresources: [../base]\n',
      'two/kustomization.yaml': 'namespace: two\nresources: [../base]\n',
    },
  });
  const all = await symbolsFor(server, 'api');
  assert.deepEqual(
    all,
    ['shop/api (NetworkPolicy, workspace)', 'shop/api (Deployment, workspace)', 'shop/api (Service, workspace)'].map(
      (each) => each.replace('workspace', all[0]?.match(/, (.*)\)/)?.[1] ?? ''),
    ),
  );
  // As editors do: the letters in their order, whatever stands between.
  assert.deepEqual((await symbolsFor(server, 'sfrt')).length, 1);
  assert.deepEqual((await symbolsFor(server, 'shop/FRONT')).length, 1);
  assert.deepEqual(await symbolsFor(server, 'tnorf'), []);
  // A base, under the name that each overlay gives it.
  assert.deepEqual(await symbolsFor(server, 'quotes'), [
    'one/quotes (NetworkPolicy, one)',
    'two/quotes (NetworkPolicy, two)',
  ]);
  assert.equal((await symbolsFor(server, '')).filter((each) => each.startsWith('shop (Namespace')).length, 1);
  const uri = server.uri('new.yaml');
  await server.open(uri, apiPolicy.replace('name: api', 'name: a-new-one'));
  assert.equal((await symbolsFor(server, 'anewone')).length, 1);
  await server.refreshedBy(() => server.close(uri));
  assert.deepEqual(await symbolsFor(server, 'anewone'), []);
});

test('symbols are bounded, and the best are kept', async (t) => {
  const many = Array.from({ length: 600 }, (_, i) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: n${i}-shop}\n`);
  const last = apiPolicy.replace('name: api', 'name: shop-of-all');
  const server = await ServerProcess.start(t, { files: { 'many.yaml': many.join('---\n'), 'policy.yaml': last } });
  const found = await symbolsFor(server, 'shop');
  assert.equal(found.length, 500);
  assert.match(found[0] ?? '', /^shop\/shop-of-all /);
});

/** The first and the last line of each fold. */
async function folds(server: ServerProcess, uri: string): Promise<string[]> {
  const ranges: FoldingRange[] = await server.connection.sendRequest('textDocument/foldingRange', {
    textDocument: { uri },
  });
  return ranges.map(({ startLine, endLine, kind }) => `${startLine}-${endLine}${kind === undefined ? '' : ` ${kind}`}`);
}

test('documents, comments, lists under their key and items fold; templates too', async (t) => {
  const server = await ServerProcess.start(t, { files: {} });
  const uri = server.uri('policy.yaml');
  const text = `# The policies
# of the shop.
kind: NetworkPolicy
spec:
  podSelector: {}

  # Whom it lets in.
  # For now.
  ingress:
  - from:
    - podSelector:
        matchLabels:
          app: web
    # the other one
    - namespaceSelector: {}
    ports:
    - port: 80
---
# alone
data:
  script: |
    if true; then
      # two
      # lines
      echo
    fi
{{- if .Values.extra }}
  more:
    a: 1
{{- end }}
`;
  await server.open(uri, text);
  const expected = [
    '0-16 region',
    '3-16',
    '6-7 comment',
    '8-16',
    '9-16',
    '10-12',
    '11-12',
    '15-16',
    '17-29 region',
    '19-28',
    '20-25',
    '21-24',
    '22-23 comment',
    '27-28',
  ];
  assert.deepEqual(await folds(server, uri), expected);
  await server.change(uri, 2, [{ text: `\uFEFF${text.replaceAll('\n', '\r\n')}` }]);
  assert.deepEqual(await folds(server, uri), expected);
  await server.change(uri, 3, [{ text: '' }]);
  assert.deepEqual(await folds(server, uri), []);
});

test('a client that takes few folds gets the outermost', async (t) => {
  const capabilities: ClientCapabilities = {
    ...rich,
    textDocument: { ...rich.textDocument, foldingRange: { rangeLimit: 2, lineFoldingOnly: true } },
  };
  const server = await ServerProcess.start(t, { files: shop, capabilities });
  assert.deepEqual(await folds(server, server.uri('policies/api.yaml')), ['2-4', '5-18']);
});

test('a selection grows from a word to the file, for each place by itself', async (t) => {
  const server = await ServerProcess.start(t, { files: {} });
  const text = `# netpol-disable-next-line world-open-ingress -- a reason
kind: NetworkPolicy
spec:
  ingress:
    - ports:
        - port: "http"
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
spec:
  selector: app == 'web' && !(env in {'a', "b"})
`;
  const uri = server.uri('policy.yaml');
  await server.open(uri, text);
  const grown = async (...positions: Position[]) => {
    const found: SelectionRange[] = await server.connection.sendRequest('textDocument/selectionRange', {
      textDocument: { uri },
      positions,
    });
    const document = TextDocument.create(uri, 'yaml', 1, text);
    return found.map((each) => {
      const texts: string[] = [];
      for (let at: SelectionRange | undefined = each; at !== undefined; at = at.parent)
        texts.push(document.getText(at.range));
      return texts;
    });
  };
  const [port, rule, condition, nowhere] = await grown(
    positionOf(text, 'http'),
    positionOf(text, 'world-open'),
    positionOf(text, 'b"', '"'),
    { line: 99, character: 9 },
  );
  const first = text.slice(0, text.indexOf('---'));
  assert.deepEqual(port, [
    'http',
    '"http"',
    'port: "http"',
    '- port: "http"',
    'ports:\n        - port: "http"',
    '- ports:\n        - port: "http"',
    'ingress:\n    - ports:\n        - port: "http"',
    'spec:\n  ingress:\n    - ports:\n        - port: "http"',
    first.slice(first.indexOf('kind')).trimEnd(),
    first.trimEnd(),
    first,
    text,
  ]);
  assert.deepEqual(rule?.slice(0, 3), [
    'world-open-ingress',
    'netpol-disable-next-line world-open-ingress -- a reason',
    '# netpol-disable-next-line world-open-ingress -- a reason',
  ]);
  assert.deepEqual(condition?.slice(0, 6), [
    '"b"',
    '(env in {\'a\', "b"})',
    '!(env in {\'a\', "b"})',
    "app == 'web' && !(env in {'a', \"b\"})",
    "selector: app == 'web' && !(env in {'a', \"b\"})",
    "spec:\n  selector: app == 'web' && !(env in {'a', \"b\"})",
  ]);
  assert.equal(nowhere?.at(-1), text);
});

test('links lead to what is there: files, rules, what is tested', async (t) => {
  const kustomization = `resources:
  - policy.yaml
  - "../shop"
  - gone.yaml
  - https://example.com/x.yaml
components: [../extra]
patches:
  - path: patch.yaml
  - patch: "- op: remove"
`;
  const config = `rules:
  world-open-ingress: off
  no-such-rule: off
helm:
  values:
    chart:
      - values-prod.yaml
      - [values-prod.yaml, gone.yaml]
`;
  const tests = 'scope: overlay\ntests:\n  - {from: "*", to: "*", expect: allowed}\n';
  const silenced = `# netpol-disable-next-line world-open-ingress, no-such-rule -- why\n${apiPolicy}`;
  const patch = apiPolicy.replace(/ {2}podSelector:[\s\S]*/, '  policyTypes: [Ingress]\n');
  const server = await ServerProcess.start(t, {
    capabilities: hierarchical,
    files: {
      'overlay/kustomization.yaml': kustomization,
      'overlay/policy.yaml': silenced,
      'overlay/patch.yaml': patch,
      'shop/kustomization.yaml': 'resources: []\n',
      'extra/kustomization.yaml': 'kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\n',
      '.netpol.yaml': config,
      'chart/Chart.yaml': 'name: chart\nversion: 1.0.0\napiVersion: v2\n',
      'chart/values-prod.yaml': '{}\n',
      'shop.netpol-test.yaml': tests,
    },
  });
  const links = async (name: string, text: string) => {
    const uri = server.uri(name);
    const found: DocumentLink[] = await server.connection.sendRequest('textDocument/documentLink', {
      textDocument: { uri },
    });
    const document = TextDocument.create(uri, 'yaml', 1, text);
    const root = server.uri('');
    return found.map(({ range, target, tooltip }) => [
      document.getText(range),
      target?.replace(`${root}/`, '').replace(/^.*\/docs\//, 'docs/'),
      tooltip,
    ]);
  };
  const folder = 'Open the kustomization of this folder';
  assert.deepEqual(await links('overlay/kustomization.yaml', kustomization), [
    ['policy.yaml', 'overlay/policy.yaml', 'Open the file'],
    ['../shop', 'shop/kustomization.yaml', folder],
    ['../extra', 'extra/kustomization.yaml', folder],
    ['patch.yaml', 'overlay/patch.yaml', 'Open the file'],
  ]);
  const page = [
    'world-open-ingress',
    'docs/rules/world-open-ingress.md',
    'Read what world-open-ingress finds, and why',
  ];
  assert.deepEqual(await links('overlay/policy.yaml', silenced), [page]);
  assert.deepEqual(await links('.netpol.yaml', config), [
    page,
    ['values-prod.yaml', 'chart/values-prod.yaml', 'Open the values'],
    ['values-prod.yaml', 'chart/values-prod.yaml', 'Open the values'],
  ]);
  assert.deepEqual(await links('shop.netpol-test.yaml', tests), [
    ['overlay', 'overlay/kustomization.yaml', 'Open what is tested'],
  ]);
});
