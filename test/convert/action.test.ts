import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ActionSupport, actionData, codeActions, editOfAction } from '#server/features/actions/code-actions.js';
import { Netpol } from '#server/service.js';
import { readSettings } from '#server/workspace/settings.js';
import { Memory, root } from '../workspace/memory.js';

const policy = `# Why.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
    name: web
spec:
    podSelector: {}
    policyTypes: [Ingress] # only in
    ingress:
    - from:
      - podSelector: # the shop
            matchLabels: {app: shop}
      ports:
      - port: 80
# Behind.
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
`;

const support: ActionSupport = {
  relatedInformation: false,
  createsFiles: false,
  codeDescription: false,
  disabled: false,
};

async function open(files: Readonly<Record<string, string>>, cni?: string): Promise<Netpol> {
  const { settings, problems } = readSettings(cni === undefined ? {} : { cni });
  assert.deepEqual(problems, []);
  return Netpol.open(new Memory(files), [root], settings);
}

function offered(netpol: Netpol, name: string, needle: string, disabled = false) {
  const uri = `${root}/${name}`;
  const start = netpol.workspace.file(uri)?.text.indexOf(needle) ?? -1;
  assert.ok(start >= 0);
  const range = { start, end: start };
  const request = { uri, range, diagnostics: [], only: ['refactor.rewrite'], support: { ...support, disabled } };
  return codeActions(netpol, request).filter(({ title }) => title.startsWith('Convert'));
}

function after(netpol: Netpol, name: string, needle: string): string {
  const [action] = offered(netpol, name, needle);
  assert.ok(action !== undefined);
  const data = actionData(action);
  assert.ok(data !== undefined);
  const [edit, ...more] = editOfAction(netpol, data, support)?.changes?.[`${root}/${name}`] ?? [];
  assert.ok(edit !== undefined && more.length === 0);
  const file = netpol.workspace.file(`${root}/${name}`);
  assert.ok(file !== undefined);
  const { start, end } = edit.range;
  return file.text.slice(0, file.lines.offsetAt(start)) + edit.newText + file.text.slice(file.lines.offsetAt(end));
}

test('a policy is put into the words of the plugin where it stands, in the style of its file, with its comments', async () => {
  const netpol = await open({ 'a.yaml': policy }, 'cilium');
  assert.deepEqual(
    offered(netpol, 'a.yaml', 'podSelector').map(({ title }) => title),
    ['Convert to CiliumNetworkPolicy'],
  );
  assert.equal(
    after(netpol, 'a.yaml', 'podSelector'),
    `# Why.
# only in
# the shop
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
    name: web
spec:
    endpointSelector: {}
    ingress:
    - fromEndpoints:
      - matchLabels:
            app: shop
      toPorts:
      - ports:
        - port: "80"
          protocol: TCP
# Behind.
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
`,
  );
});

test('line breaks stay what they are', async () => {
  const netpol = await open({ 'a.yaml': policy.replaceAll('\n', '\r\n') }, 'calico');
  const text = after(netpol, 'a.yaml', 'podSelector');
  assert.match(text, /apiVersion: projectcalico.org\/v3\r\nkind: NetworkPolicy\r\n/);
  assert.doesNotMatch(text, /[^\r]\n/);
});

test('it is offered where nothing is lost, the plugin is known, and the text can be replaced', async () => {
  const files = {
    'a.yaml': policy,
    'list.yaml':
      'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: networking.k8s.io/v1\n    kind: NetworkPolicy\n    metadata: {name: b}\n',
    'c.json': '{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "c"}}',
    'd.yaml': 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: d}\nspec: {{ .Values.spec }}\n',
    'e.yaml':
      'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: e}\nspec: {endpointSelector: {}, ingress: [{}]}\n',
    'f.yaml':
      'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: f}\nspec: {endpointSelector: {}, ingress: [{fromEntities: [world]}]}\n',
    'g.yaml': 'apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: g}\n',
  };
  const cilium = await open(files, 'cilium');
  const titles = (netpol: Netpol) =>
    Object.keys(files).flatMap((name) => offered(netpol, name, 'metadata').map(({ title }) => `${name}: ${title}`));
  const back = 'e.yaml: Convert to NetworkPolicy of Kubernetes';
  assert.deepEqual(titles(cilium), ['a.yaml: Convert to CiliumNetworkPolicy', back]);
  assert.deepEqual(titles(await open(files)), [back]);
  assert.deepEqual(titles(await open(files, 'antrea')), [back]);
});

test('what would be lost is said where the client shows it, and nothing is offered where it does not', async () => {
  const text = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  endpointSelector: {}
  ingressDeny:
    - fromEntities: [world]
`;
  const netpol = await open({ 'a.yaml': text });
  assert.deepEqual(offered(netpol, 'a.yaml', 'endpointSelector'), []);
  const [action, ...others] = offered(netpol, 'a.yaml', 'endpointSelector', true);
  assert.deepEqual(others, []);
  assert.equal(action?.title, 'Convert to NetworkPolicy of Kubernetes');
  assert.match(
    action?.disabled?.reason ?? '',
    /^The other kind cannot say this: its action is Deny, and all others only allow; .*\.$/,
  );
  const data = action && actionData(action);
  assert.ok(data !== undefined);
  assert.equal(editOfAction(netpol, data, { ...support, disabled: true }), undefined);
});
