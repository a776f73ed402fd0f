import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { folderWith, netpol } from './terminal.js';

const policy = `# Why it is there.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web # the shop
  namespace: shop
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  # netpol-disable-next-line world-open-ingress
  ingress:
    - from: [{podSelector: {}}]
      ports: [{port: 80}, {port: dns, protocol: UDP}]
`;

const lossy = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: hosts, namespace: shop}
spec:
  endpointSelector: {}
  egress:
    - toFQDNs: [{matchName: example.com}]
    - toEntities: [world]
`;

test('a policy is written in the words of Calico and of Cilium, below its comments', async () => {
  const calico = await netpol(['convert', '--to', 'calico', '-'], { stdin: policy });
  assert.equal(
    calico.out,
    `# Why it is there.
# the shop
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  order: 1000
  selector: app == 'web'
  types:
    - Ingress
  ingress:
    - action: Allow
      protocol: TCP
      source:
        selector: all()
      destination:
        ports:
          - 80
    - action: Allow
      protocol: UDP
      source:
        selector: all()
      destination:
        ports:
          - dns
`,
  );
  assert.equal(calico.code, 0);
  assert.match(calico.err, /when the NetworkPolicy of Calico is applied, delete the NetworkPolicy of Kubernetes/);
  const cilium = await netpol(['convert', '--to=cilium', '-'], { stdin: policy });
  assert.equal(
    cilium.out,
    `# Why it is there.
# the shop
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  endpointSelector:
    matchLabels:
      app: web
  ingress:
    - fromEndpoints:
        - {}
      toPorts:
        - ports:
            - port: "80"
              protocol: TCP
            - port: dns
              protocol: UDP
`,
  );
});

test('where anything would be lost nothing is written: each such place is named', async (t) => {
  const cwd = await folderWith(t, { 'hosts.yaml': lossy, 'web.yaml': policy });
  const { code, out, err } = await netpol(['convert', '--to', 'kubernetes', '.'], { cwd });
  assert.deepEqual(
    [code, out, err],
    [
      1,
      '',
      "hosts.yaml:7: it names hosts (example.com)\nhosts.yaml:8: the entity world is Cilium's own\nnetpol: nothing is written, since a NetworkPolicy of Kubernetes cannot say this\n",
    ],
  );
});

test('a folder is one stream, and a List gives its objects; what is of the family already is left out', async (t) => {
  const list = `apiVersion: v1\nkind: List\nitems:\n  - apiVersion: networking.k8s.io/v1\n    kind: NetworkPolicy\n    metadata: {name: a}\n    spec: {policyTypes: [Egress]} # shut\n  - apiVersion: networking.k8s.io/v1\n    kind: NetworkPolicy\n    metadata: {name: b}\n    spec: {policyTypes: [Ingress], ingress: [{}]}\n`;
  const cwd = await folderWith(t, {
    'list.yaml': list,
    'hosts.yaml': lossy,
    'web.yaml': policy,
    'pod.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: []}\n',
  });
  const { code, out } = await netpol(['convert', '--to', 'cilium', '.'], { cwd });
  assert.equal(code, 0);
  const objects = parseAllDocuments(out).map((each) => each.toJS());
  assert.deepEqual(
    objects.map(({ metadata, spec }) => [metadata.name, spec.ingress ?? spec.egress]),
    [
      ['a', [{}]],
      ['b', [{ fromEntities: ['all'] }]],
      ['web', objects[2]?.spec.ingress],
    ],
  );
  const back = await netpol(['convert', '--to', 'kubernetes', '-'], { cwd, stdin: out });
  assert.equal(back.code, 0);
  assert.deepEqual(
    parseAllDocuments(back.out).map((each) => each.toJS().spec),
    [
      { podSelector: {}, policyTypes: ['Egress'] },
      { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] },
      {
        podSelector: { matchLabels: { app: 'web' } },
        policyTypes: ['Ingress'],
        ingress: [
          {
            from: [{ podSelector: {} }],
            ports: [
              { protocol: 'TCP', port: 80 },
              { protocol: 'UDP', port: 'dns' },
            ],
          },
        ],
      },
    ],
  );
});

test('it says what it needs', async (t) => {
  const cwd = await folderWith(t, { 'web.yaml': policy });
  const said = async (...args: string[]) => {
    const { code, out, err } = await netpol(['convert', ...args], { cwd });
    assert.deepEqual([code, out], [2, '']);
    return err;
  };
  assert.match(await said('.'), /--to kubernetes, --to calico or --to cilium/);
  assert.match(await said('--to', 'antrea', '.'), /--to kubernetes, --to calico or --to cilium/);
  assert.match(
    await said('--to', 'kubernetes', '.'),
    /there is no policy here to convert to a NetworkPolicy of Kubernetes/,
  );
  assert.match((await netpol(['convert', '--help'])).out, /netpol convert --to/);
});
