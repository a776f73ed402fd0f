import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourcesOf } from '#server/kinds/index.js';
import type { Problem } from '#server/kinds/problem.js';
import { documentOf } from '#server/text/document.js';
import { formatPath } from '#server/text/paths.js';

function problems(text: string): readonly Problem[] {
  const [resource] = resourcesOf(documentOf('file:///a.yaml', text));
  assert.ok(resource !== undefined, text);
  return resource.kind.check?.(resource.node, { kubernetesVersion: undefined }) ?? [];
}

function object(spec: string, kind = 'CiliumNetworkPolicy'): string {
  return `apiVersion: cilium.io/v2\nkind: ${kind}\nmetadata: {name: a}\nspec:\n  ${spec}\n`;
}

/** Rule, path and marked text of each problem. */
function found(text: string): readonly string[] {
  return problems(text).map(({ rule, path, at, severity }) => {
    const marked = text.slice(at.range.start, at.range.end);
    return `${severity ?? 'error'} ${rule} ${formatPath(path).replace(/^spec\./, '')} "${marked}"`;
  });
}

const ccnp = 'CiliumClusterwideNetworkPolicy';

function hold(cases: readonly (readonly [string, ...string[]])[], text: (case_: string) => string): void {
  for (const [each, ...expected] of cases) assert.deepEqual(found(text(each)), expected, each);
}

test('the policy as a whole', () => {
  hold(
    [
      ['endpointSelector: {}\n  ingress: [{}]'],
      ['endpointSelector: {}\n  ingress: []\n  egress: [{}]'],
      ['endpointSelector: {}\n  ingress: []', 'error missing-field spec "ingress"'],
      ['endpointSelector: {}\n  ingress:', 'error missing-field spec "ingress"'],
      ['endpointSelector: {}', 'error missing-field spec "spec"'],
      ['endpointSelector: {}\n  enableDefaultDeny: {ingress: true}', 'error missing-field spec "spec"'],
      ['ingress: [{}]', 'error missing-field endpointSelector "spec"'],
      ['endpointSelector:\n  ingress: [{}]', 'error missing-field endpointSelector "endpointSelector"'],
      ['endpointSelector: {}\n  nodeSelector: {}\n  ingress: [{}]', 'error invalid-value spec "nodeSelector"'],
      ['nodeSelector: {}\n  ingress: [{}]', 'error invalid-value nodeSelector "nodeSelector"'],
      ['endpointSelecter: {}\n  ingress: [{}]', 'error unknown-field endpointSelecter "endpointSelecter"'],
      ['endpointSelector: {}\n  ingress: [{}]\n  labels: [{value: a}]', 'error missing-field labels[0].key "-"'],
      ['endpointSelector: {}\n  ingress: [null]', 'error wrong-type ingress[0] "null"'],
    ].map(([spec = '', ...expected]) => [
      spec,
      // The item of a flow list is marked itself.
      ...expected.map((each) => each.replace('"-"', '"{value: a}"')),
    ]),
    object,
  );
  const nothing = 'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a}\n';
  assert.deepEqual(found(nothing), ['error missing-field spec "kind"']);
  assert.deepEqual(found(`${nothing}specs: []\n`), ['error missing-field spec "specs"']);
  assert.deepEqual(found(`${nothing}specs:\n- ingress: [{}]\n`), ['error missing-field specs[0].endpointSelector "-"']);
  assert.deepEqual(found(object('nodeSelector: {}\n  ingress: [{}]', ccnp)), []);
});

test('peers', () => {
  hold(
    [
      ['fromEndpoints: [{}]'],
      ['fromEndpoints: [{}], fromCIDR: []'],
      ['fromEndpoints: [{}], fromEntities: [world]', 'error invalid-peer ingress[0] "fromEntities"'],
      ['fromEntities: [cluster-mesh, kube-apiserver]'],
      ['fromEntities: [world-ipv4]', 'error invalid-value ingress[0].fromEntities[0] "world-ipv4"'],
      ['toFQDNs: [{matchName: a.b}]', 'error unknown-field ingress[0].toFQDNs "toFQDNs"'],
      ['fromCIDR: [10.0.0.5/8]'],
      ['fromCIDR: [10.0.0.5]', 'error invalid-cidr ingress[0].fromCIDR[0] "10.0.0.5"'],
      ['fromCIDR: [010.0.0.0/8]', 'error invalid-cidr ingress[0].fromCIDR[0] "010.0.0.0/8"'],
      ['fromCIDRSet: [{cidr: 10.0.0.0/8, except: [10.0.0.0/8]}]'],
      [
        'fromCIDRSet: [{cidr: 10.0.0.0/8, except: [11.0.0.0/16]}]',
        'error invalid-except ingress[0].fromCIDRSet[0].except[0] "11.0.0.0/16"',
      ],
      [
        'fromCIDRSet: [{cidr: 10.0.0.0/16, except: [10.0.0.0/8]}]',
        'warning invalid-except ingress[0].fromCIDRSet[0].except[0] "10.0.0.0/8"',
      ],
      ['fromCIDRSet: [{cidrGroupRef: a, except: [11.0.0.0/16]}]'],
      [
        'fromCIDRSet: [{cidrGroupRef: a, cidr: 10.0.0.0/8}]',
        'error invalid-peer ingress[0].fromCIDRSet[0] "cidrGroupRef"',
      ],
      ['fromCIDRSet: [{except: []}]', 'error invalid-peer ingress[0].fromCIDRSet[0] "{except: []}"'],
      ['fromCIDRSet: [{cidrGroupRef: A_b}]', 'error invalid-value ingress[0].fromCIDRSet[0].cidrGroupRef "A_b"'],
      ['fromRequires: [{matchLabels: {a: b}}]'],
      ['authentication: {mode: sometimes}', 'error invalid-value ingress[0].authentication.mode "sometimes"'],
      ['authentication: {}', 'error missing-field ingress[0].authentication.mode "authentication"'],
    ],
    (entry) => object(`endpointSelector: {}\n  ingress: [{${entry}}]`),
  );
  hold(
    [
      ['toServices: [{k8sService: {serviceName: a}}], toPorts: [{ports: [{port: "80"}]}]'],
      [
        'toServices: [{k8sServiceSelector: {}}]',
        'error missing-field egress[0].toServices[0].k8sServiceSelector.selector "k8sServiceSelector"',
      ],
      ['toFQDNs: [{matchPattern: "*.a.b"}, {matchPattern: "**.a"}, {matchName: _a.b.}]'],
      ['toFQDNs: [{matchName: "*.a"}]', 'error invalid-value egress[0].toFQDNs[0].matchName ""*.a""'],
      ['toFQDNs: [{matchName: a..b}]', 'error invalid-value egress[0].toFQDNs[0].matchName "a..b"'],
      ['toFQDNs: [{}]', 'error invalid-value egress[0].toFQDNs[0] "{}"'],
    ],
    (entry) => object(`endpointSelector: {}\n  egress: [{${entry}}]`),
  );
  assert.deepEqual(found(object('endpointSelector: {}\n  egressDeny: [{toFQDNs: [{matchName: a.b}]}]')), [
    'error unknown-field egressDeny[0].toFQDNs "toFQDNs"',
  ]);
  assert.deepEqual(
    found(
      object(
        'endpointSelector: {}\n  ingressDeny: [{toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [{}]}}]}]',
      ),
    )[0],
    'error unknown-field ingressDeny[0].toPorts[0].rules "rules"',
  );
});

test('label keys have a source and a key', () => {
  const at = 'ingress[0].fromEndpoints[0].matchLabels';
  hold(
    [
      ['{matchLabels: {"k8s:app.kubernetes.io/name": a, "reserved:host": "", plain: b}}'],
      ['{matchLabels: {"k8s:a:b": c}}', `error invalid-label ${at} ""k8s:a:b""`],
      ['{matchLabels: {"k-8:a": c}}', `error invalid-label ${at} ""k-8:a""`],
      ['{matchLabels: {"k8s:-a": c}}', `error invalid-label ${at} ""k8s:-a""`],
      ['{matchLabels: {a: -c}}', `error invalid-label ${at} "-c"`],
      [
        '{matchExpressions: [{key: "k8s:a", operator: In}]}',
        'error invalid-selector ingress[0].fromEndpoints[0].matchExpressions[0].values "In"',
      ],
    ],
    (selector) => object(`endpointSelector: {}\n  ingress: [{fromEndpoints: [${selector}]}]`),
  );
  assert.equal(found(object('endpointSelector: {matchLabels: {"a:b:c": d}}\n  ingress: [{}]')).length, 1);
});

test('the namespace in the selector of a policy that has one', () => {
  const spec = (selector: string) => `endpointSelector: {${selector}}\n  ingress: [{}]`;
  const other = 'matchLabels: {"k8s:io.kubernetes.pod.namespace": web}';
  const inShop = (text: string, kind?: string) =>
    found(object(text, kind).replace('metadata: {', 'metadata: {namespace: shop, '));
  assert.deepEqual(inShop(spec(other)), [
    'warning invalid-selector endpointSelector.matchLabels[k8s:io.kubernetes.pod.namespace] "web"',
  ]);
  assert.deepEqual(inShop(spec(other.replace('web', 'shop'))), []);
  // What is not replaced is asked as well; and of the whole cluster it chooses.
  assert.deepEqual(inShop(spec(other.replace('k8s:', ''))), []);
  assert.deepEqual(found(object(spec(other))), []);
});

test('ports', () => {
  const port = 'ingress[0].toPorts[0].ports[0]';
  hold(
    [
      ['{port: "80"}'],
      ['{port: "0", endPort: 90}'],
      ['{port: "80", endPort: 70, protocol: TCP}'],
      ['{port: http-metrics, protocol: TCP}'],
      ['{protocol: GRE}'],
      ['{port: "{{ .x }}", protocol: "{{ .y }}"}'],
      ['{port: 80}', `error wrong-type ${port}.port "80"`],
      ['{port: "99999"}', `error invalid-port ${port}.port ""99999""`],
      ['{port: "080"}', `error invalid-port ${port}.port ""080""`],
      ['{port: "a--b"}', `error invalid-named-port ${port}.port ""a--b""`],
      ['{port: a-name-of-17-chars}', `error invalid-named-port ${port}.port "a-name-of-17-chars"`],
      ['{protocol: TCP}', `error missing-field ${port}.port "{protocol: TCP}"`],
      ['{port: "80", protocol: tcp}', `error invalid-protocol ${port}.protocol "tcp"`],
      ['{port: "80", protocol: ICMP}', `error invalid-protocol ${port}.protocol "ICMP"`],
      ['{port: "80", protocol: GRE}', `error invalid-port ${port}.port ""80""`],
      ['{port: "80", endPort: 65536}', `error invalid-port ${port}.endPort "65536"`],
    ],
    (each) => object(`endpointSelector: {}\n  ingress: [{toPorts: [{ports: [${each}]}]}]`),
  );
});

test('ICMP', () => {
  const field = 'ingress[0].icmps[0].fields[0]';
  hold(
    [
      ['{type: 8}'],
      ['{type: "8"}'],
      ['{family: IPv6, type: EchoRequest}'],
      ['{type: 256}', `error invalid-value ${field}.type "256"`],
      ['{type: EchoRequst}', `error invalid-value ${field}.type "EchoRequst"`],
      ['{type: ExtendedEchoReply}', `error invalid-value ${field}.type "ExtendedEchoReply"`],
      ['{family: IPv5, type: 8}', `error invalid-value ${field}.family "IPv5"`],
      ['{family: IPv4}', `error missing-field ${field}.type "{family: IPv4}"`],
    ],
    (each) => object(`endpointSelector: {}\n  ingress: [{icmps: [{fields: [${each}]}]}]`),
  );
  assert.deepEqual(
    found(
      object('endpointSelector: {}\n  ingress: [{toPorts: [{ports: [{port: "80"}]}], icmps: [{fields: [{type: 8}]}]}]'),
    ),
    ['error invalid-value ingress[0].icmps "icmps"'],
  );
});

test('rules within connections', () => {
  const item = 'egress[0].toPorts[0]';
  const tcp = 'ports: [{port: "80", protocol: TCP}]';
  const dns = 'rules: {dns: [{matchPattern: "*"}]}';
  hold(
    [
      [`${tcp}, rules: {http: [{method: "GET|HEAD", path: "/v1/(?i)[[:alpha:]]+\\\\.x"}]}`],
      [`${tcp}, rules: {http: [{path: "/a(?=b)"}]}`, `error invalid-value ${item}.rules.http[0].path ""/a(?=b)""`],
      [`${tcp}, rules: {http: [{path: "/(a"}]}`, `error invalid-value ${item}.rules.http[0].path ""/(a""`],
      [`${tcp}, rules: {http: [{method: "*"}]}`, `error invalid-value ${item}.rules.http[0].method ""*""`],
      [
        `${tcp}, rules: {http: [{headerMatches: [{name: "", mismatch: DROP}]}]}`,
        `error invalid-value ${item}.rules.http[0].headerMatches[0].mismatch "DROP"`,
        `error invalid-value ${item}.rules.http[0].headerMatches[0].name """"`,
      ],
      [`${tcp}, rules: {http: [{}], dns: [{matchName: a}]}`, `error invalid-value ${item}.rules "dns"`],
      [`${tcp}, rules: {}`, `error invalid-value ${item}.rules "rules"`],
      [`ports: [{port: "80"}], rules: {http: [{}]}`, `error invalid-protocol ${item}.ports[0].protocol ""80""`],
      [
        `ports: [{port: "80", protocol: ANY}], rules: {kafka: [{topic: a}]}`,
        `error invalid-protocol ${item}.ports[0].protocol "ANY"`,
      ],
      [`ports: [{port: "0", protocol: TCP}], rules: {http: [{}]}`, `error invalid-port ${item}.ports[0].port ""0""`],
      [`ports: [{port: "53", protocol: ANY}], ${dns}`],
      [`ports: [{port: "53"}, {port: "5353", protocol: UDP}], ${dns}`],
      [dns, `error missing-field ${item}.rules.dns "dns"`],
      [`ports: [{port: "53", endPort: 54}], ${dns}`, `error invalid-end-port ${item}.ports[0].endPort "54"`],
      [`ports: [{port: "53", endPort: 53}], ${dns}`],
      [`${tcp}, serverNames: ["*.a"]`],
      [`${tcp}, serverNames: [a], rules: {http: [{}]}`, `error invalid-value ${item}.serverNames "serverNames"`],
      [`${tcp}, serverNames: [a], rules: {http: [{}]}, terminatingTLS: {secret: {name: a}}`],
      [`${tcp}, listener: {name: a, envoyConfig: {name: b}}`],
      [`${tcp}, listener: {name: a}`, `error missing-field ${item}.listener.envoyConfig "listener"`],
      [
        `${tcp}, listener: {name: a, envoyConfig: {name: b}}, rules: {http: [{}]}`,
        `error invalid-value ${item}.listener "listener"`,
      ],
    ],
    (each) => object(`endpointSelector: {}\n  egress: [{toPorts: [{${each}}]}]`),
  );
  const at = 'ingress[0].toPorts[0]';
  assert.deepEqual(found(object(`endpointSelector: {}\n  ingress: [{toPorts: [{ports: [{port: "53"}], ${dns}}]}]`)), [
    `error invalid-value ${at}.rules.dns "dns"`,
  ]);
  assert.deepEqual(found(object(`nodeSelector: {}\n  ingress: [{toPorts: [{${tcp}, rules: {http: [{}]}}]}]`, ccnp)), [
    `error invalid-value ${at}.rules.http "http"`,
  ]);
  const listener = `listener: {name: a, envoyConfig: {kind: CiliumEnvoyConfig, name: b}}`;
  assert.deepEqual(found(object(`endpointSelector: {}\n  egress: [{toPorts: [{${tcp}, ${listener}}]}]`)), []);
  assert.deepEqual(found(object(`endpointSelector: {}\n  egress: [{toPorts: [{${tcp}, ${listener}}]}]`, ccnp)), [
    `error invalid-value ${item}.listener.envoyConfig.kind "CiliumEnvoyConfig"`,
  ]);
});

test('what stands behind a condition of a template is not judged together', () => {
  assert.deepEqual(
    found(`apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: a}
spec:
  {{- if .x }}
  endpointSelector: {}
  {{- end }}
  ingress:
  -
    {{- if .x }}
    fromEntities: [host]
    {{- else }}
    fromEndpoints: [{}]
    {{- end }}
    toPorts:
    - ports:
      {{- if .x }}
      - port: "80"
      {{- end }}
        protocol: TCP
      {{- if .x }}
      rules: {http: [{}]}
      {{- end }}
`),
    [],
  );
});

test('a CiliumCIDRGroup', () => {
  const group = (spec: string) =>
    `apiVersion: cilium.io/v2\nkind: CiliumCIDRGroup\nmetadata: {name: a}\nspec: ${spec}\n`;
  hold(
    [
      ['{externalCIDRs: [10.0.0.0/8, "2001:db8::/32"]}'],
      ['{externalCIDRs: []}'],
      ['{}', 'error missing-field externalCIDRs "spec"'],
      ['{externalCIDRs: [10.0.0.1]}', 'error invalid-cidr externalCIDRs[0] "10.0.0.1"'],
    ],
    group,
  );
});

test('fixes leave nothing of what they are for', () => {
  const texts = [
    'endpointSelector: {}\n  ingress: [{toPorts: [{ports: [{port: 80}]}]}]',
    'endpointSelector: {}\n  ingress: [{toPorts: [{ports: [{port: "80", protocol: tcp}]}]}]',
    'endpointSelector: {}\n  ingress: [{toPorts: [{ports: [{port: "80", protocol: ANY}], rules: {http: [{}]}}]}]',
    'endpointSelector: {}\n  egress: [{toPorts: [{ports: [{port: "53", endPort: 60}], rules: {dns: [{matchName: a.b}]}}]}]',
    'endpointSelector: {}\n  ingress: [{icmps: [{fields: [{type: ExtendedEchoReply}]}]}]',
    'endpointSelector: {}\n  ingress: [{icmps: [{fields: [{type: EchoRequst}]}]}]',
    'endpointSelector: {}\n  ingress: [{fromCIDR: [10.0.0.1]}]',
    'endpointSelector: {}\n  ingress: [{fromCIDRSet: [{cidr: 010.0.0.0/8}]}]',
  ];
  for (const spec of texts) {
    const text = object(spec);
    const [problem] = problems(text);
    const changes = problem?.fixes?.[0]?.changes();
    assert.ok(changes !== undefined, spec);
    const [change] = changes;
    assert.ok(change?.kind === 'edit' && changes.length === 1, spec);
    const { span, newText } = change.edit;
    const fixed = text.slice(0, span.range.start) + newText + text.slice(span.range.end);
    assert.deepEqual(found(fixed), [], spec);
  }
});
