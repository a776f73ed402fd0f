import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isNetpolConfig,
  looksLikePolicy,
  mayBeginPolicy,
  mayMakePolicy,
  SCAN_LIMIT,
} from '#client/looks-like-policy.js';
import { kinds } from '#server/kinds/index.js';

/** Every kind that netpol judges, in every version. */
const judged = kinds.flatMap(({ check, kind, apiVersions, formerVersions = [] }) =>
  check === undefined ? [] : [...apiVersions, ...formerVersions].map((version) => [version, kind] as const),
);

const policies: [string, string][] = [
  ['a Kubernetes policy', 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n'],
  ['the kind before the version', 'kind: NetworkPolicy\nmetadata: {}\napiVersion: networking.k8s.io/v1\n'],
  ['CRLF', 'apiVersion: networking.k8s.io/v1\r\nkind: NetworkPolicy\r\nmetadata:\r\n'],
  ['a BOM', '\uFEFFkind: NetworkPolicy\napiVersion: networking.k8s.io/v1'],
  ['quotes', `"apiVersion": 'networking.k8s.io/v1'\n"kind": "NetworkPolicy"`],
  ['a comment behind', 'apiVersion: networking.k8s.io/v1 # old\nkind: NetworkPolicy # the one'],
  ['minified JSON', '{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{}}'],
  ['JSON over lines', '{\n  "kind": "NetworkPolicy",\n  "apiVersion": "networking.k8s.io/v1"\n}'],
  ['flow style', '{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy}'],
  [
    'a List',
    'apiVersion: v1\nkind: List\nitems:\n- apiVersion: networking.k8s.io/v1\n  kind: NetworkPolicy\n- kind: Pod\n',
  ],
  [
    'the last of many documents',
    'apiVersion: v1\nkind: Pod\n---\nkind: Service\n--- # next\napiVersion: projectcalico.org/v3\nkind: Tier\n',
  ],
  [
    'a chart that computes the version',
    'apiVersion: {{ include "common.capabilities.networkPolicy.apiVersion" . }}\nkind: NetworkPolicy\n',
  ],
  [
    'a policy that is half written',
    'kind: NetworkPolicy\napiVersion: networking.k8s.io/\nspec:\n  podSelector: {\n   -',
  ],
  ...judged.map(([version, kind]): [string, string] => [
    `${kind} of ${version}`,
    `apiVersion: ${version}\nkind: ${kind}\n`,
  ]),
];

const others: [string, string][] = [
  ['an empty document', ''],
  ['a workload', 'apiVersion: apps/v1\nkind: Deployment\n'],
  ['an Ingress of the same group', 'apiVersion: networking.k8s.io/v1\nkind: Ingress\n'],
  ['another Cilium kind', 'apiVersion: cilium.io/v2\nkind: CiliumEndpoint\n'],
  ['a policy of somebody else', 'apiVersion: example.com/v1\nkind: NetworkPolicy\n'],
  ['a group that only ends like ours', 'apiVersion: my-networking.k8s.io/v1\nkind: NetworkPolicy\n'],
  ['a kind that only begins like ours', 'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicyList\n'],
  [
    'kind and group in two documents',
    'apiVersion: example.com/v1\nkind: NetworkPolicy\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\n',
  ],
  ['a policy that is commented out', '# apiVersion: networking.k8s.io/v1\n  # kind: NetworkPolicy\nfoo: 1\n'],
  [
    'a policy beyond the limit',
    `a: ${'x'.repeat(SCAN_LIMIT)}\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n`,
  ],
];

for (const [what, text] of policies) {
  test(`looks like a policy: ${what}`, () => assert.equal(looksLikePolicy(text), true));
}

for (const [what, text] of others) {
  test(`does not look like a policy: ${what}`, () => assert.equal(looksLikePolicy(text), false));
}

test('an edit of a line without kind, version or separator makes no policy', () => {
  assert.equal(mayMakePolicy('  - cidr: 10.0.0.0/8\n'), false);
  assert.equal(mayMakePolicy('kind: NetworkPolicy\n'), true);
  assert.equal(mayMakePolicy('  apiVersion: cilium.io/v2\n'), true);
  assert.equal(mayMakePolicy('---\n'), true);
});

test('the configuration file is known by its name', () => {
  assert.equal(isNetpolConfig('/work/.netpol.yaml'), true);
  assert.equal(isNetpolConfig('.netpol.yaml'), true);
  assert.equal(isNetpolConfig('/work/my.netpol.yaml'), false);
  assert.equal(isNetpolConfig('/work/.netpol.yaml.bak'), false);
});

test('a policy may begin where nothing is, and where its kind is not written out', () => {
  for (const text of ['', '\uFEFF', '---\n# notes\n\n', 'kind: ', 'apiVersion: networking.k8s.io/v1\r\nkind: Netw']) {
    assert.equal(mayBeginPolicy(text), true, text);
  }
  for (const text of ['services:\n', 'kind: Deployment', 'name: x', '- a', 'kind: NetworkPolicy\nmetadata:\n']) {
    assert.equal(mayBeginPolicy(text), false, text);
  }
});
