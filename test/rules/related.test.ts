import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Netpol } from '#server/service.js';
import { Memory, root, uriOf } from '../workspace/memory.js';

/** The lines that the finding of a rule points at besides its own, as `file:line`, in their order. */
async function related(rule: string, files: Readonly<Record<string, string>>, path = 'policy.yaml') {
  const netpol = await Netpol.open(new Memory(files), [root]);
  const found = netpol.findings(uriOf(path)).filter((finding) => finding.rule.id === rule);
  assert.equal(found.length, 1, `${rule} is found once`);
  return (found[0]?.related ?? []).map(({ uri, range }) => {
    const start = netpol.workspace.file(uri)?.lines.positionAt(range.start);
    return `${uri.slice(root.length + 1)}:${(start?.line ?? -1) + 1}`;
  });
}

const pod = (name: string) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${name}}}
spec: {containers: [{name: c, image: i}]}
---
`;

const calico = (name: string, spec: string) => `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: {${spec}}
---
`;

test('a test that fails points at the lines that decide', async () => {
  const closed = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes:
    - Ingress
`;
  const tests = 'tests:\n  - {from: shop/api, to: shop/web, port: 80, expect: allowed}\n';
  const files = { 'policy.yaml': closed, 'pods.yaml': pod('web') + pod('api'), 'a.netpol-test.yaml': tests };
  assert.deepEqual(await related('expectation-failed', files, 'a.netpol-test.yaml'), ['policy.yaml:6']);
});

test('of two policies of one order both rules that disagree are shown', async () => {
  const web = "source: {selector: app == 'web'}";
  const files = {
    'policy.yaml': calico(
      'b',
      `order: 5, selector: app == 'api', types: [Ingress], ingress: [{action: Allow, ${web}}]`,
    ),
    'other.yaml': calico('a', `order: 5, selector: all(), types: [Ingress], ingress: [{action: Deny, ${web}}]`),
    'pods.yaml': pod('web') + pod('api'),
  };
  assert.deepEqual(await related('order-tie', files), ['other.yaml:4', 'policy.yaml:4']);
});

test('of many examples three are shown', async () => {
  const closed = ['a', 'b', 'c', 'd'].map(
    (name) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: {podSelector: {matchLabels: {app: ${name}}}, policyTypes: [Ingress]}
---
`,
  );
  const open = `apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: open}
spec:
  namespaceSelector: projectcalico.org/name == 'shop'
  types: [Ingress]
  ingress: [{action: Allow, source: {nets: [192.0.2.0/24]}}]
`;
  const files = {
    'policy.yaml': open,
    'closed.yaml': closed.join(''),
    'pods.yaml': ['a', 'b', 'c', 'd'].map(pod).join(''),
  };
  assert.deepEqual(await related('allow-overrides-network-policies', files), [
    'closed.yaml:3',
    'closed.yaml:8',
    'closed.yaml:13',
  ]);
});

test('that the DNS listens elsewhere is shown where its pods say so', async () => {
  const dns = `apiVersion: v1
kind: Pod
metadata: {name: coredns, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec:
  containers:
    - name: coredns
      image: coredns
      ports: [{name: dns, protocol: UDP, containerPort: 1053}, {name: dns-tcp, containerPort: 1053}]
`;
  const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports: [{protocol: UDP, port: 53}, {port: 53}]
`;
  assert.deepEqual(await related('dns-port-mismatch', { 'policy.yaml': policy, 'dns.yaml': dns }), ['dns.yaml:8']);
});

test('a host that is called is shown where the ConfigMap names it', async () => {
  const files = {
    'policy.yaml': `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  podSelector: {}
  policyTypes:
    - Egress
`,
    'pods.yaml': `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i, envFrom: [{configMapRef: {name: settings}}]}]}
`,
    'settings.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data:
  API_URL: https://api.example.com/v1
`,
  };
  assert.deepEqual(await related('needed-connection-blocked', files, 'pods.yaml'), [
    'settings.yaml:5',
    'policy.yaml:7',
  ]);
});

test('of several tiers the one that is likely meant is shown', async () => {
  const tier = (name: string) =>
    `apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: ${name}}\nspec: {order: 5}\n---\n`;
  const files = {
    'policy.yaml': calico('secuirty.web', 'tier: secuirty, selector: all(), types: [Ingress]'),
    'tiers.yaml': tier('platform') + tier('security'),
  };
  assert.deepEqual(await related('tier-unknown', files), ['tiers.yaml:8']);
});

test('that pods are scraped is shown where the monitoring says so', async () => {
  const monitored = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: metrics, port: 9102}]}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: metrics}]}
`;
  const closed = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
`;
  const files = { 'policy.yaml': closed, 'pods.yaml': pod('web'), 'monitored.yaml': monitored };
  assert.deepEqual(await related('metrics-scrape-blocked', files), ['monitored.yaml:9']);
});

test('of a port that a service translates, the service is shown and who listens', async () => {
  const served = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]
`;
  const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{ports: [{port: 80}]}]}
`;
  const files = { 'policy.yaml': policy, 'served.yaml': served };
  assert.deepEqual(await related('service-port-not-target-port', files), ['served.yaml:4', 'served.yaml:10']);
});
