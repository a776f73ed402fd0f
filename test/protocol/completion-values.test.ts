import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CompletionItem, CompletionList } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { accepted, unmarked } from './completion-cases.js';
import { ServerProcess } from './server-process.js';

const workload = (namespace: string, name: string, labels: string, ports: readonly string[], pod = '') => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}, ${labels}}}
    spec:
      ${pod}
      containers:
        - name: main
          env: [{name: BILLING_URL, value: "https://pay.example.com:8443/v1"}]
          ports: [${ports.map((port) => `{${port}}`).join(', ')}]
`;

const base = [
  workload(
    'shop',
    'api',
    'tier: back, version: "1.2", canary: "true"',
    ['name: http, containerPort: 8080'],
    'serviceAccountName: api',
  ),
  workload('shop', 'web', 'tier: front', ['name: http, containerPort: 3000']),
  workload('shop', 'worker', 'tier: back', []),
  workload('data', 'db', 'team: core', [
    'name: pg, containerPort: 5432',
    'name: gossip, protocol: UDP, containerPort: 7946',
  ]),
  'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod}}\n',
  'apiVersion: v1\nkind: Namespace\nmetadata: {name: data, labels: {env: prod, team: core}}\n',
  'apiVersion: v1\nkind: Node\nmetadata: {name: node-1, labels: {role: gateway}}\n',
  'apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop, labels: {part: front-door}}\nspec: {selector: {app: api}, ports: [{name: web, port: 80, targetPort: http}]}\n',
  'apiVersion: v1\nkind: Service\nmetadata: {name: worker, namespace: shop}\nspec: {selector: {app: worker}, ports: [{port: 90, targetPort: 9000}]}\n',
  'apiVersion: cilium.io/v2\nkind: CiliumCIDRGroup\nmetadata: {name: partners, labels: {kind-of: bank}}\nspec: {externalCIDRs: [192.0.2.0/24]}\n',
  'apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: security}\nspec: {order: 100}\n',
  'apiVersion: projectcalico.org/v3\nkind: NetworkSet\nmetadata: {name: banks, namespace: shop, labels: {partner: bank}}\nspec: {nets: [192.0.2.0/24]}\n',
  'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: out, namespace: shop}\nspec:\n  podSelector: {}\n  policyTypes: [Egress]\n  egress: [{to: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.7/32]}}]}]\n',
  'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: names, namespace: data}\nspec:\n  endpointSelector: {}\n  egress: [{toFQDNs: [{matchName: login.example.org}, {matchPattern: "*.example.net"}]}]\n',
].join('---\n');

const settings = `cluster:
  podCIDRs: [10.244.0.0/16]
  serviceCIDRs: [10.96.0.0/12]
  nodeCIDRs: [192.168.7.0/24]
`;

const object = (apiVersion: string, kind: string, namespace: string | undefined, lines: readonly string[]) =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: x\n${namespace === undefined ? '' : `  namespace: ${namespace}\n`}spec:\n${lines.map((line) => `  ${line}\n`).join('')}`;
const policy = (...lines: readonly string[]) => object('networking.k8s.io/v1', 'NetworkPolicy', 'shop', lines);
const cilium = (...lines: readonly string[]) => object('cilium.io/v2', 'CiliumNetworkPolicy', 'shop', lines);
const clusterwide = (...lines: readonly string[]) =>
  object('cilium.io/v2', 'CiliumClusterwideNetworkPolicy', undefined, lines);
const calico = (...lines: readonly string[]) => object('projectcalico.org/v3', 'NetworkPolicy', 'shop', lines);
const cluster = (...lines: readonly string[]) =>
  object('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', undefined, [
    'tier: Admin',
    'priority: 1',
    ...lines,
  ]);
const admin = (...lines: readonly string[]) =>
  object('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', undefined, ['priority: 1', ...lines]);
const service = (...lines: readonly string[]) => object('v1', 'Service', 'shop', lines);

const from = (...lines: readonly string[]) =>
  policy('podSelector: {}', 'ingress:', '  - from:', ...lines.map((line) => `      ${line}`));
const to = (...lines: readonly string[]) =>
  policy('podSelector: {}', 'policyTypes: [Egress]', 'egress:', '  - to:', ...lines.map((line) => `      ${line}`));
const toSelected = (...lines: readonly string[]) =>
  policy('podSelector: {matchLabels: {app: api}}', 'ingress:', '  - ports:', ...lines.map((line) => `      ${line}`));
const endpoints = (...lines: readonly string[]) =>
  cilium('endpointSelector: {}', 'ingress:', '  - fromEndpoints:', ...lines.map((line) => `      ${line}`));
const egressOf = (family: (...lines: readonly string[]) => string, ...lines: readonly string[]) =>
  family('endpointSelector: {matchLabels: {app: api}}', 'egress:', ...lines.map((line) => `  ${line}`));
const entity = (...lines: readonly string[]) =>
  calico(
    "selector: app == 'api'",
    'ingress:',
    '  - action: Allow',
    '    protocol: TCP',
    ...lines.map((line) => `    ${line}`),
  );

type Complete = (marked: string) => Promise<readonly CompletionItem[]>;

async function completing(
  t: Parameters<typeof ServerProcess.start>[0],
  files: Record<string, string> = { 'base.yaml': base, '.netpol.yaml': settings, 'new.yaml': '' },
  path = 'new.yaml',
): Promise<Complete> {
  const server = await ServerProcess.start(t, { files });
  const uri = server.uri(path);
  let version = 0;
  return async (marked) => {
    const { text, offset } = unmarked(marked);
    version++;
    if (version === 1) await server.open(uri, text);
    else await server.change(uri, version, [{ text }]);
    const answer: CompletionItem[] | CompletionList = await server.connection.sendRequest('textDocument/completion', {
      textDocument: { uri },
      position: TextDocument.create(uri, 'yaml', version, text).positionAt(offset),
    });
    return 'items' in answer ? answer.items : answer;
  };
}

/** What is typed, the label that is offered with its detail, and what stands in place of the mark and its word then. */
type Case = readonly [marked: string, label: string, detail: string, written: string];

/** Each is offered with its detail, and accepted it leaves the text as it should be: with LF, with CRLF, behind a BOM. */
async function agree(complete: Complete, cases: readonly Case[]): Promise<void> {
  for (const [marked, label, detail, written] of cases) {
    for (const form of [
      (text: string) => text,
      (text: string) => text.replaceAll('\n', '\r\n'),
      (text: string) => `\ufeff${text}`,
    ]) {
      const text = form(marked);
      const items = await complete(text);
      const item = items.find((each) => each.label === label);
      assert.ok(item, `${label} is not among ${items.map((each) => each.label).join(', ')} in\n${marked}`);
      assert.equal(item.detail, detail, marked);
      const wanted = form(marked.replace(/[\w./-]*\|>[\w./-]*/, () => written));
      assert.equal(accepted(unmarked(text).text, item), wanted, `${label} in\n${marked}`);
    }
  }
}

test('labels of the objects that a selector of Kubernetes can choose', async (t) => {
  const complete = await completing(t);
  await agree(complete, [
    [policy('podSelector:', '  matchLabels:', '    |>'), 'app: api', '1 workload: api', 'app: api'],
    [policy('podSelector:', '  matchLabels:', '    ti|>'), 'tier: back', '2 workloads: api and worker', 'tier: back'],
    [policy('podSelector:', '  matchLabels:', '    |>'), 'canary: "true"', '1 workload: api', 'canary: "true"'],
    [
      policy('podSelector:', '  matchLabels:', '    t|>: back'),
      'tier',
      '3 workloads, with the values back and front',
      'tier',
    ],
    [policy('podSelector:', '  matchLabels: {t|>}'), 'tier: front', '1 workload: web', 'tier: front'],
    [policy('podSelector:', '  matchLabels:', '    app: |>'), 'web', '1 workload: web', 'web'],
    [policy('podSelector:', '  matchLabels:', '    app: "w|>"'), 'web', '1 workload: web', 'web'],
    [policy('podSelector:', '  matchLabels:', '    canary: |>'), '"true"', '1 workload: api', '"true"'],
    [policy('podSelector:', '  matchLabels:', "    canary: '|>'"), 'true', '1 workload: api', 'true'],
    [policy('podSelector:', '  matchLabels:', '    version: |>'), '"1.2"', '1 workload: api', '"1.2"'],
    [
      policy('podSelector:', '  matchExpressions:', '    - key: |>'),
      'tier',
      '3 workloads, with the values back and front',
      'tier',
    ],
    [
      policy('podSelector:', '  matchExpressions:', '    - {key: app, operator: In, values: [api, |>]}'),
      'web',
      '1 workload: web',
      'web',
    ],
    [
      policy(
        'podSelector:',
        '  matchExpressions:',
        '    - key: tier',
        '      operator: NotIn',
        '      values:',
        '        - |>',
      ),
      'back',
      '2 workloads: api and worker',
      'back',
    ],
    // A peer without a namespaceSelector is of the own namespace, one with it of those that it chooses.
    [from('- podSelector:', '    matchLabels:', '      |>'), 'app: web', '1 workload: web', 'app: web'],
    [
      from('- podSelector:', '    matchLabels:', '      |>', '  namespaceSelector: {matchLabels: {team: core}}'),
      'app: db',
      '1 workload: data/db',
      'app: db',
    ],
    [
      from('- namespaceSelector: {}', '  podSelector:', '    matchLabels:', '      app: |>'),
      'db',
      '1 workload: data/db',
      'db',
    ],
    // What the manifests do not hold and every cluster has.
    [
      from(
        '- namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}',
        '  podSelector: {matchLabels: {k|>}}',
      ),
      'k8s-app: kube-dns',
      'the cluster DNS, which the manifests do not hold',
      'k8s-app: kube-dns',
    ],
    [
      from('- namespaceSelector:', '    matchLabels:', '      |>'),
      'env: prod',
      '2 namespaces: shop and data',
      'env: prod',
    ],
    [
      from('- namespaceSelector:', '    matchLabels:', '      |>'),
      'kubernetes.io/metadata.name: shop',
      'namespace with 3 workloads',
      'kubernetes.io/metadata.name: shop',
    ],
    [
      from('- namespaceSelector:', '    matchLabels:', '      kubernetes.io/metadata.name: |>'),
      'data',
      'namespace with 1 workload',
      'data',
    ],
    [service('selector:', '  |>', 'ports: []'), 'tier: back', '2 workloads: api and worker', 'tier: back'],
    [
      `apiVersion: v1\nkind: List\nitems:\n${policy('podSelector:', '  matchLabels:', '    |>')
        .replaceAll(/^(?=.)/gm, '    ')
        .replace('    api', '  - api')}`,
      'app: worker',
      '1 workload: worker',
      'app: worker',
    ],
  ]);
});

test('labels of the other families', async (t) => {
  const complete = await completing(t);
  await agree(complete, [
    [cilium('endpointSelector:', '  matchLabels:', '    |>'), 'app: api', '1 workload: api', 'app: api'],
    [
      endpoints('- matchLabels:', '    |>'),
      'k8s:io.kubernetes.pod.namespace: data',
      'namespace with 1 workload',
      'k8s:io.kubernetes.pod.namespace: data',
    ],
    [
      endpoints('- matchLabels:', '    |>'),
      'k8s:io.cilium.k8s.namespace.labels.team: core',
      '1 namespace: data',
      'k8s:io.cilium.k8s.namespace.labels.team: core',
    ],
    [
      endpoints('- matchLabels:', '    "k8s:io.kubernetes.pod.namespace": |>'),
      'shop',
      'namespace with 3 workloads',
      'shop',
    ],
    [
      endpoints('- matchLabels:', '    io.kubernetes.pod.namespace: data', '    |>'),
      'app: db',
      '1 workload: data/db',
      'app: db',
    ],
    [endpoints('- matchLabels:', '    io.cilium.k8s.policy.serviceaccount: |>'), 'api', '1 workload: shop/api', 'api'],
    [clusterwide('endpointSelector: {matchLabels: {app: |>}}'), 'db', '1 workload: data/db', 'db'],
    [clusterwide('nodeSelector:', '  matchLabels:', '    |>'), 'role: gateway', '1 node: node-1', 'role: gateway'],
    [
      egressOf(cilium, '- toCIDRSet:', '    - cidrGroupSelector:', '        matchLabels:', '          |>'),
      'kind-of: bank',
      '1 CIDR group: partners',
      'kind-of: bank',
    ],
    [
      egressOf(
        cilium,
        '- toServices:',
        '    - k8sServiceSelector:',
        '        selector:',
        '          matchLabels:',
        '            |>',
      ),
      'part: front-door',
      '1 service: api',
      'part: front-door',
    ],
    [
      cluster('subject:', '  namespaces:', '    matchLabels:', '      |>'),
      'team: core',
      '1 namespace: data',
      'team: core',
    ],
    [
      cluster(
        'subject:',
        '  pods:',
        '    namespaceSelector: {matchLabels: {team: core}}',
        '    podSelector: {matchLabels: {|>}}',
      ),
      'app: db',
      '1 workload: data/db',
      'app: db',
    ],
    [calico('selector: |>'), 'tier', '3 workloads, with the values back and front', 'tier'],
    [calico('selector: tier == |>'), "'back'", '2 workloads: api and worker', "'back'"],
    [entity('source:', '  selector: |>'), 'partner', '1 network set, with the value bank', 'partner'],
  ]);
});

test('ports of the pods that a rule lets connect to', async (t) => {
  const complete = await completing(t);
  const http = 'http, TCP, of api; behind port 80 of Service api';
  const db = '- namespaceSelector: {matchLabels: {team: core}}';
  await agree(complete, [
    [toSelected('- port: |>'), '8080', http, '8080'],
    [toSelected('- port: h|>'), 'http', 'TCP 8080, of api; behind port 80 of Service api', 'http'],
    // Containers need not declare what a service sends to them.
    [
      toSelected('- port: |>').replace('app: api', 'app: worker'),
      '9000',
      'TCP, of worker; behind port 90 of Service worker',
      '9000',
    ],
    [to(db).concat('      ports:\n        - port: |>\n'), '5432', 'pg, TCP, of db', '5432'],
    [
      to(db).concat('      ports:\n        - port: |>\n'),
      '7946',
      'gossip, UDP, of db; needs protocol: UDP beside it',
      '7946',
    ],
    [
      to(db).concat('      ports:\n        - protocol: UDP\n          port: |>\n'),
      'gossip',
      'UDP 7946, of db',
      'gossip',
    ],
    [
      to('- ipBlock: {cidr: 0.0.0.0/0}').concat('      ports: [{port: |>}]\n'),
      '8443',
      'TCP, of pay.example.com; BILLING_URL of api says so',
      '8443',
    ],
    [
      egressOf(
        cilium,
        '- toEndpoints:',
        '    - matchLabels: {k8s:io.kubernetes.pod.namespace: data}',
        '  toPorts:',
        '    - ports:',
        '        - port: |>',
      ),
      '"5432"',
      'pg, TCP, of db',
      '"5432"',
    ],
    [
      cilium(
        'endpointSelector: {matchLabels: {app: api}}',
        'ingress:',
        '  - toPorts:',
        '      - ports: [{port: "|>"}]',
      ),
      '8080',
      http,
      '8080',
    ],
    [entity('destination:', '  ports: [|>]'), '8080', http, '8080'],
    [entity('destination:', '  ports:', '    - |>'), 'http', 'TCP 8080, of api; behind port 80 of Service api', 'http'],
    [
      cluster(
        'subject: {namespaces: {matchLabels: {team: core}}}',
        'ingress:',
        '  - action: Accept',
        '    from: [{namespaces: {}}]',
        '    protocols:',
        '      - tcp:',
        '          destinationPort:',
        '            number: |>',
      ),
      '5432',
      'pg, TCP, of db',
      '5432',
    ],
    [
      cluster(
        'subject: {namespaces: {matchLabels: {team: core}}}',
        'ingress:',
        '  - action: Accept',
        '    from: [{namespaces: {}}]',
        '    protocols:',
        '      - destinationNamedPort: |>',
      ),
      'gossip',
      'UDP 7946, of db',
      'gossip',
    ],
    [
      admin(
        'subject: {namespaces: {}}',
        'egress:',
        '  - action: Allow',
        '    to: [{namespaces: {matchLabels: {team: core}}}]',
        '    ports:',
        '      - portNumber: {protocol: UDP, port: |>}',
      ),
      '7946',
      'gossip, UDP, of db',
      '7946',
    ],
    [
      service('selector: {app: web}', 'ports:', '  - port: 80', '    targetPort: |>'),
      '3000',
      'http, TCP, of web',
      '3000',
    ],
  ]);
});

test('blocks of addresses', async (t) => {
  const complete = await completing(t);
  const except = ['- ipBlock:', '    cidr: 10.0.0.0/8', '    except:', '      - |>'];
  const pods = 'The cluster’s pods; their addresses change, selectors choose them better';
  await agree(complete, [
    [to('- ipBlock:', '    cidr: |>'), '203.0.113.0/24', 'In 1 policy: out', '203.0.113.0/24'],
    [to('- ipBlock:', '    cidr: |>'), '192.168.7.0/24', 'The cluster’s nodes', '192.168.7.0/24'],
    [to('- ipBlock:', '    cidr: |>'), '0.0.0.0/0', 'Every IPv4 address', '0.0.0.0/0'],
    [to('- ipBlock:', '    cidr: |>'), '"::/0"', 'Every IPv6 address', '"::/0"'],
    [to('- ipBlock:', '    cidr: 10.2|>'), '10.244.0.0/16', pods, '10.244.0.0/16'],
    [to(...except), '10.244.0.0/16', pods, '10.244.0.0/16'],
    [
      to('- ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, |>]}'),
      '169.254.169.254/32',
      'The metadata service of cloud providers',
      '169.254.169.254/32',
    ],
    [
      to('- ipBlock:', '    cidr: 203.0.113.0/24', '    except: [|>]'),
      '203.0.113.7/32',
      'In 1 policy: out',
      '203.0.113.7/32',
    ],
    [egressOf(cilium, '- toCIDR:', '    - |>'), '203.0.113.0/24', 'In 1 policy: out', '203.0.113.0/24'],
    [entity('source:', '  nets: [|>]'), '203.0.113.0/24', 'In 1 policy: out', '203.0.113.0/24'],
    [
      cluster('subject: {namespaces: {}}', 'egress:', '  - action: Accept', '    to:', '      - networks: [|>]'),
      '0.0.0.0/0',
      'Every IPv4 address',
      '0.0.0.0/0',
    ],
  ]);
});

test('names of other objects', async (t) => {
  const complete = await completing(t);
  const head = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: x\n';
  await agree(complete, [
    [`${head}  namespace: |>\nspec:\n  podSelector: {}\n`, 'data', '1 workload and 1 policy', 'data'],
    [
      egressOf(cilium, '- toServices:', '    - k8sService:', '        serviceName: |>'),
      'worker',
      'Service in shop, port 90 to the pods’ 9000',
      'worker',
    ],
    [
      egressOf(cilium, '- toServices:', '    - k8sService:', '        namespace: |>'),
      'data',
      '1 workload and 1 policy',
      'data',
    ],
    [
      egressOf(cilium, '- toFQDNs:', '    - matchName: |>'),
      'pay.example.com',
      'BILLING_URL of api names it, with port 8443',
      'pay.example.com',
    ],
    [
      egressOf(cilium, '- toFQDNs:', '    - matchName: |>'),
      'login.example.org',
      'In 1 policy: names',
      'login.example.org',
    ],
    [
      egressOf(cilium, '- toFQDNs:', '    - matchPattern: |>'),
      '"*.example.net"',
      'In 1 policy: names',
      '"*.example.net"',
    ],
    [egressOf(cilium, '- toCIDRSet:', '    - cidrGroupRef: |>'), 'partners', 'CiliumCIDRGroup', 'partners'],
    [entity('source:', '  services:', '    name: |>'), 'api', 'Service in shop, port 80 to the pods’ http', 'api'],
    [entity('source:', '  serviceAccounts:', '    names: [|>]'), 'default', '2 workloads: web and worker', 'default'],
    [calico('tier: |>'), 'security', 'Order 100; what no rule of it decides is denied', 'security'],
  ]);
});

test('what a place cannot mean is not offered', async (t) => {
  const complete = await completing(t);
  const cases: readonly (readonly [marked: string, labels: RegExp])[] = [
    // Of other namespaces; what stands there already; what no pod has beside the other labels.
    [policy('podSelector:', '  matchLabels:', '    |>'), /db|team|kubernetes\.io/],
    [policy('podSelector:', '  matchLabels:', '    app: api', '    |>'), /app|front|worker/],
    [policy('podSelector:', '  matchLabels:', '    app: |>', '    tier: back'), /web/],
    [policy('podSelector:', '  matchExpressions:', '    - {key: app, operator: In, values: [api, |>]}'), /api/],
    [from('- namespaceSelector:', '    matchLabels:', '      |>'), /app|tier/],
    // The port of a service is not the pods'; a source's port is nobody's.
    [toSelected('- port: |>'), /^(?:80|3000|5432|web)$/],
    [toSelected('- protocol: UDP', '  port: |>'), /8080|http/],
    [entity('source:', '  ports: [|>]'), /./],
    [to('- ipBlock:', '    cidr: 10.0.0.0/8', '    except:', '      - |>'), /^(?:10\.0\.0\.0\/8|192|172|169|203|fc)/],
    [to('- ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, |>]}'), /^10\.0\.0\.0\/8$|:/],
    [egressOf(cilium, '- toFQDNs:', '    - matchName: |>'), /\*/],
    // In no namespace; free text; a comment; a template.
    ['apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n  namespace: |>\n', /shop|data/],
    ['apiVersion: v1\nkind: Namespace\nmetadata:\n  name: |>\n', /./],
    [policy('podSelector:', '  matchLabels:', '    # a|>'), /app/],
    [policy('podSelector:', '  matchLabels:', '    app: api # |>'), /web/],
    [policy('podSelector:', '  matchLabels:', '    app: {{ .Values.|> }}'), /./],
    ['matchLabels:\n  |>\n', /./],
    ['apiVersion: example.com/v1\nkind: Thing\nspec:\n  selector:\n    matchLabels:\n      |>\n', /app/],
  ];
  for (const [marked, labels] of cases) {
    const found = (await complete(marked)).map(({ label }) => label).filter((label) => labels.test(label));
    assert.deepEqual(found, [], marked);
  }
});

test('the commonest label comes first, and what changes with a release last', async (t) => {
  const complete = await completing(t);
  const labels = (await complete(policy('podSelector:', '  matchLabels:', '    |>'))).map(({ label }) => label);
  assert.deepEqual(labels, [
    'tier: back',
    'app: api',
    'app: web',
    'app: worker',
    'canary: "true"',
    'tier: front',
    'version: "1.2"',
    'app',
    'tier',
    'canary',
    'version',
  ]);
});

test('in a patch of a kustomization, the labels are those where it is built', async (t) => {
  const files = {
    'base/kustomization.yaml': 'resources: [api.yaml, policy.yaml]\n',
    'base/api.yaml': workload('shop', 'api', 'tier: back', []),
    'base/policy.yaml': policy('podSelector: {}'),
    'prod/kustomization.yaml': 'resources: [../base]\nnamespace: live\npatches: [{path: patch.yaml}]\n',
    'prod/patch.yaml': '',
    'other.yaml': workload('other', 'stranger', 'tier: front', []),
  };
  const complete = await completing(t, files, 'prod/patch.yaml');
  const patch = policy('podSelector:', '  matchLabels:', '    |>');
  const items = await complete(patch);
  assert.deepEqual(
    items.map(({ label, detail }) => [label, detail]),
    [
      ['app: api', '1 workload: api'],
      ['tier: back', '1 workload: api'],
      ['app', '1 workload, with the value api'],
      ['tier', '1 workload, with the value back'],
    ],
  );
});

test('of very many values those that fit what is typed are given, and the client asks again', async (t) => {
  const many = Array.from({ length: 300 }, (_, i) => workload('shop', `job-${i}`, 'kind: job', [])).join('---\n');
  const files = { 'many.yaml': many, 'new.yaml': '' };
  const server = await ServerProcess.start(t, { files });
  const uri = server.uri('new.yaml');
  const ask = async (text: string, version: number): Promise<CompletionItem[] | CompletionList> => {
    if (version === 1) await server.open(uri, text);
    else await server.change(uri, version, [{ text }]);
    return server.connection.sendRequest('textDocument/completion', {
      textDocument: { uri },
      position: TextDocument.create(uri, 'yaml', version, text).positionAt(text.length),
    });
  };
  const head = policy('podSelector:', '  matchLabels:', '    app: ').trimEnd();
  const all = await ask(`${head} `, 1);
  assert.ok('items' in all && all.isIncomplete);
  assert.equal(all.items.length, 200);
  const some = await ask(`${head} job-299`, 2);
  assert.ok(Array.isArray(some));
  assert.deepEqual(
    some.map(({ label }) => label),
    ['job-299'],
  );
});
