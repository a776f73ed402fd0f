import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ConvertedFamily, convert, type Surroundings } from '#server/convert/index.js';
import { resourcesOf } from '#server/kinds/index.js';
import { documentOf } from '#server/text/document.js';
import { renderYaml } from '#server/text/render.js';

const alone: Surroundings = { policies: [], addressSets: [] };

function converted(text: string, to: ConvertedFamily, around = alone) {
  const [resource] = resourcesOf(documentOf('file:///a.yaml', text));
  assert.ok(resource !== undefined, text);
  return convert(resource, to, around);
}

/** What is lost, with the text of the line that says it. */
function lost(text: string, to: ConvertedFamily, around = alone): readonly string[] {
  const made = converted(text, to, around);
  assert.ok(made !== undefined);
  assert.equal(made.object === undefined, made.losses.length > 0);
  const lines = text.split('\n');
  return made.losses.map(({ at, what }) => {
    const line = text.slice(0, at.range.start).split('\n').length - 1;
    return `${lines[line]?.trim()}: ${what}`;
  });
}

function policyIn(text: string) {
  const [resource] = resourcesOf(documentOf('file:///b.yaml', text));
  assert.ok(resource?.object?.type === 'policy');
  return resource.object.value;
}

const calico = (spec: string, kind = 'NetworkPolicy') =>
  `apiVersion: projectcalico.org/v3\nkind: ${kind}\nmetadata: {name: a}\nspec:\n${spec}`;
const cilium = (spec: string, kind = 'CiliumNetworkPolicy') =>
  `apiVersion: cilium.io/v2\nkind: ${kind}\nmetadata: {name: a}\nspec:\n${spec}`;
const kubernetes = (spec: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec:\n${spec}`;

describe('what a NetworkPolicy cannot say is named, each thing with its line', () => {
  const only = 'and all others only allow';
  const cases: readonly [name: string, text: string, losses: readonly string[]][] = [
    [
      "Calico's actions, tiers and orders",
      calico('  tier: security\n  order: 5\n  types: [Ingress]\n  ingress:\n    - action: Deny\n    - action: Log\n'),
      ['tier: security: it stands in the tier security'],
    ],
    [
      "Calico's actions",
      calico('  types: [Ingress]\n  ingress:\n    - action: Deny\n    - action: Log\n    - action: Allow\n'),
      [`- action: Deny: its action is Deny, ${only}`, `- action: Log: its action is Log, ${only}`],
    ],
    [
      "Calico's selectors, accounts and services",
      calico(
        "  selector: app in {'a'} || has(b)\n  serviceAccountSelector: x == 'y'\n  types: [Egress]\n  egress:\n    - action: Allow\n      destination:\n        services: {name: s, namespace: t}\n    - action: Allow\n      destination:\n        selector: a == 'b'\n        notSelector: c == 'd'\n    - action: Allow\n      source:\n        selector: a == 'b'\n",
      ),
      [
        "selector: app in {'a'} || has(b): its selector asks for more than a list of labels that a pod has or lacks",
        'services: {name: s, namespace: t}: it names a service',
        'destination:: it joins several conditions on the other end, or excludes some of it',
        "selector: a == 'b': it is about some of the pods that the policy selects",
      ],
    ],
    [
      'what is in no namespace',
      calico(
        '  types: [Ingress]\n  ingress:\n    - action: Allow\n      source:\n        selector: kind == \'partner\'\n        namespaceSelector: global()\n    - action: Allow\n      source:\n        namespaceSelector: "!has(projectcalico.org/name) && !has(env)"\n',
      ),
      [
        'namespaceSelector: global(): it chooses what is in no namespace: GlobalNetworkSets and host endpoints',
        'namespaceSelector: "!has(projectcalico.org/name) && !has(env)": it chooses what is in no namespace: GlobalNetworkSets and host endpoints',
      ],
    ],
    [
      "Calico's protocols and HTTP",
      calico(
        '  types: [Ingress]\n  ingress:\n    - action: Allow\n      protocol: ICMP\n    - action: Allow\n      protocol: TCP\n      http:\n        methods: [GET]\n    - action: Allow\n      ipVersion: 4\n    - action: Allow\n      ipVersion: 6\n      source:\n        selector: has(a)\n',
      ),
      [
        '- action: Allow: it names protocols besides TCP, UDP and SCTP',
        'http:: it looks into the connection (HTTP GET)',
        '- action: Allow: it is about one family of addresses alone (`ipVersion`)',
        'source:: it is about one family of addresses alone (`ipVersion`)',
      ],
    ],
    [
      'policies of the whole cluster',
      calico('  selector: all()\n  types: [Ingress]\n', 'GlobalNetworkPolicy'),
      ['kind: GlobalNetworkPolicy: it is for the whole cluster'],
    ],
    [
      'policies that are only watched',
      calico('  selector: all()\n  types: [Ingress]\n', 'StagedNetworkPolicy'),
      ['kind: StagedNetworkPolicy: it is only watched, and not enforced'],
    ],
    [
      "Cilium's entities, names, services, nodes and groups",
      cilium(
        '  endpointSelector: {}\n  egress:\n    - toEntities:\n        - world\n    - toFQDNs:\n        - matchName: example.com\n    - toServices:\n        - k8sService: {serviceName: s}\n    - toCIDRSet:\n        - cidrGroupRef: g\n',
      ),
      [
        "- world: the entity world is Cilium's own",
        '- matchName: example.com: it names hosts (example.com)',
        '- k8sService: {serviceName: s}: it names a service',
        '- cidrGroupRef: g: its addresses stand in another object',
      ],
    ],
    [
      "Cilium's rules of layer 7, denials and open policies",
      cilium(
        '  endpointSelector: {}\n  enableDefaultDeny:\n    egress: false\n  ingress:\n    - toPorts:\n        - ports: [{port: "80", protocol: TCP}]\n          rules:\n            http: [{method: GET}]\n  ingressDeny:\n    - fromCIDR: [203.0.113.0/24]\n  egress:\n    - toEntities: [all]\n',
      ),
      [
        'http: [{method: GET}]: it looks into the connection (HTTP GET)',
        `- fromCIDR: [203.0.113.0/24]: its action is Deny, ${only}`,
        '- toEntities: [all]: it allows without isolating the pods',
      ],
    ],
    [
      'a rule that only watches names',
      cilium(
        '  endpointSelector: {}\n  egress:\n    - toPorts:\n        - ports: [{port: "53", protocol: ANY}]\n          rules:\n            dns: [{matchPattern: "*"}]\n',
      ),
      ['dns: [{matchPattern: "*"}]: it looks into the connection (DNS, every name)'],
    ],
    [
      'service accounts as labels',
      cilium(
        '  endpointSelector: {}\n  ingress:\n    - fromEndpoints:\n        - matchLabels: {io.cilium.k8s.policy.serviceaccount: robot}\n',
      ),
      [
        '- matchLabels: {io.cilium.k8s.policy.serviceaccount: robot}: its selector asks for more than a list of labels that a pod has or lacks',
      ],
    ],
    [
      'several policies in one object',
      'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a}\nspecs:\n  - endpointSelector: {}\n    ingress: [{}]\n  - endpointSelector: {}\n    egress: [{}]\n',
      ['metadata: {name: a}: it holds several policies (specs)'],
    ],
    [
      'a template',
      cilium('  endpointSelector: {}\n  ingress: {{ .Values.ingress }}\n'),
      ['metadata: {name: a}: part of it is not known, such as what a template writes'],
    ],
  ];
  for (const [name, text, losses] of cases) test(name, () => assert.deepEqual(lost(text, 'kubernetes'), losses));

  test('a policy that denies has its place among others; one among policies that only allow has none', () => {
    const text = calico('  order: 10\n  types: [Ingress]\n  ingress: [{action: Allow}]\n');
    const deny = policyIn(calico('  order: 20\n  types: [Ingress]\n  ingress: [{action: Deny}]\n'));
    const staged = policyIn(calico('  types: [Ingress]\n  ingress: [{action: Deny}]\n', 'StagedNetworkPolicy'));
    const elsewhere = policyIn(calico('  tier: t\n  types: [Ingress]\n  ingress: [{action: Deny}]\n'));
    assert.deepEqual(lost(text, 'kubernetes', { ...alone, policies: [policyIn(text), staged, elsewhere] }), []);
    assert.deepEqual(lost(text, 'kubernetes', { ...alone, policies: [deny] }), [
      'order: 10: its order decides, among policies that deny; there it would be 1000',
    ]);
    assert.deepEqual(lost(text.replace('order: 10', 'order: 1000'), 'kubernetes', { ...alone, policies: [deny] }), []);
  });

  test('where there are sets of addresses, a selector may mean them, unless it says that it does not', () => {
    const [resource] = resourcesOf(
      documentOf('file:///s.yaml', 'apiVersion: projectcalico.org/v3\nkind: GlobalNetworkSet\nmetadata: {name: s}\n'),
    );
    assert.ok(resource?.object?.type === 'addressSet');
    const around = { ...alone, addressSets: [resource.object.value] };
    const text = calico("  types: [Ingress]\n  ingress:\n    - action: Allow\n      source: {selector: a == 'b'}\n");
    assert.deepEqual(lost(text, 'kubernetes'), []);
    assert.deepEqual(lost(text, 'kubernetes', around), [
      "source: {selector: a == 'b'}: its selector may choose sets of addresses as well, which are here",
    ]);
    const there = converted(
      kubernetes('  policyTypes: [Ingress]\n  ingress: [{from: [{podSelector: {}}]}]\n'),
      'calico',
      around,
    );
    assert.ok(there?.object !== undefined);
    const made = renderYaml(there.object);
    assert.match(made, /selector: projectcalico.org\/orchestrator == 'k8s'/);
    assert.deepEqual(lost(made, 'kubernetes', around), []);
  });
});

test('what is wrong is said at its place, in the words of its finding', () => {
  const text = cilium('  endpointSelector: {}\n  ingress:\n    - fromCIDR:\n        - 10.0.0.0/99\n');
  const [loss, ...more] = lost(text, 'kubernetes');
  assert.match(loss ?? '', /^- 10.0.0.0\/99: it is wrong: /);
  assert.deepEqual(more, []);
});

describe('what Cilium and Calico cannot say', () => {
  test('rules that Cilium applies, and the API does not', () => {
    const text = kubernetes('  policyTypes: [Egress]\n  ingress:\n    - ports: [{port: 80}]\n');
    assert.deepEqual(lost(text, 'cilium'), [
      '- ports: [{port: 80}]: policyTypes leaves its direction out, so that it does nothing by the API, and Cilium applies it',
    ]);
    const made = converted(text, 'calico');
    assert.ok(made?.notes.includes('Its ingress rules do nothing, and are left out.'));
  });

  test('labels that have a meaning of their own there', () => {
    const text = kubernetes(
      '  podSelector:\n    matchLabels: {io.cilium.k8s.policy.cluster: x}\n  policyTypes: [Ingress]\n',
    );
    assert.deepEqual(lost(text, 'cilium'), [
      'podSelector:: it asks for a label whose name has a meaning of its own there',
    ]);
    assert.deepEqual(lost(text, 'calico'), []);
  });

  test('names that are refused there', () => {
    const text = kubernetes('  policyTypes: [Ingress]\n').replace('name: a', 'name: a.b.c');
    const [loss] = lost(text, 'calico');
    assert.match(loss ?? '', /it would be refused/);
    assert.deepEqual(lost(text, 'cilium'), []);
  });
});

test('policies of the family already, and what is none, are no matter of conversion', () => {
  assert.equal(converted(calico('  types: [Ingress]\n'), 'calico'), undefined);
  assert.equal(converted('apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n', 'calico'), undefined);
});

test('labels and annotations are kept, what kubectl and the server keep is not', () => {
  const text = kubernetes('  policyTypes: [Ingress]\n').replace(
    'metadata: {name: a}',
    'metadata:\n  name: a\n  uid: "1"\n  resourceVersion: "7"\n  labels: {x: "1"}\n  annotations:\n    note: why\n    kubectl.kubernetes.io/last-applied-configuration: "{}"',
  );
  for (const to of ['calico', 'cilium'] as const) {
    assert.deepEqual(converted(text, to)?.object?.metadata, {
      name: 'a',
      labels: { x: '1' },
      annotations: { note: 'why' },
    });
  }
});

test('rules of Calico that differ in their protocol or their other end come back as one', () => {
  const text = kubernetes(
    '  policyTypes: [Ingress]\n  ingress:\n    - from: [{podSelector: {matchLabels: {a: b}}}, {namespaceSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8}}]\n      ports: [{protocol: TCP, port: 80}, {protocol: UDP, port: 53, endPort: 60}]\n    - {}\n',
  );
  const there = converted(text, 'calico');
  assert.ok(there?.object !== undefined);
  const back = converted(renderYaml(there.object), 'kubernetes');
  assert.deepEqual(back?.object?.spec, {
    podSelector: {},
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [
          { podSelector: { matchLabels: { a: 'b' } } },
          { namespaceSelector: {} },
          { ipBlock: { cidr: '10.0.0.0/8' } },
        ],
        ports: [
          { protocol: 'TCP', port: 80 },
          { protocol: 'UDP', port: 53, endPort: 60 },
        ],
      },
      {},
    ],
  });
});

test('long lists of ports are cut where the other family wants it', () => {
  const ports = Array.from({ length: 90 }, (_, i) => `{port: ${2 * i + 1}}`).join(', ');
  const text = kubernetes(`  policyTypes: [Ingress]\n  ingress:\n    - ports: [${ports}]\n`);
  for (const [to, count] of [
    ['calico', 2],
    ['cilium', 1],
  ] as const) {
    const made = converted(text, to);
    assert.ok(made?.object !== undefined, JSON.stringify(made?.losses));
    const { ingress } = made.object.spec as unknown as { ingress: { toPorts?: unknown[] }[] };
    assert.equal(ingress.length, count);
    if (to === 'cilium') assert.equal(ingress[0]?.toPorts?.length, 3);
  }
});
