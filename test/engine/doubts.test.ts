import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterOf } from '#server/engine/cluster.js';
import { doubtWords } from '#server/engine/doubts.js';
import { explain, type Part } from '#server/engine/explain.js';
import { podsEnd } from '#server/engine/stages.js';
import { reasonWords } from '#server/features/explain/reason-words.js';
import { addressesOf, parseCidr } from '#server/model/addresses.js';
import { ports } from '#server/model/ports.js';
import { defaultProfile } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';

const pods = `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: app, labels: {app: web}}
spec: {serviceAccountName: web-sa, containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: pay, namespace: other, labels: {app: pay}}
spec: {containers: [{name: c, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: dns, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec: {containers: []}
---
`;

function cilium(egress: string): string {
  return `${pods}apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: app}
spec: {endpointSelector: {matchLabels: {app: web}}, egress: [${egress}]}
`;
}

function calico(spec: string, more = ''): string {
  return `${pods}${more}apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: pol, namespace: other}
spec: ${spec}
`;
}

const account = `apiVersion: v1
kind: ServiceAccount
metadata: {name: web-sa, namespace: app, labels: {role: front}}
---
`;

async function ask(
  text: string,
  from: string,
  to: string,
  port: number,
  protocol: 'TCP' | 'UDP' = 'TCP',
): Promise<Part> {
  const provider = { list: async () => ['file:///w/all.yaml'], read: async () => ({ text }) };
  const netpol = await Netpol.open(provider, ['file:///w']);
  const cluster = clusterOf(netpol.workspace.index.scopes, { profile: defaultProfile, unset: 'default' });
  const end = (name: string) => {
    const found = cluster.pods.find((each) => `${each.namespace.name}/${each.name}` === name);
    const cidr = parseCidr(`${name}/32`);
    if (found === undefined && cidr !== undefined) return { kind: 'addresses' as const, addresses: addressesOf(cidr) };
    assert.ok(found !== undefined, name);
    return podsEnd(found);
  };
  const [part] = explain(cluster, end(from), end(to), ports(protocol, port));
  assert.ok(part !== undefined);
  return part;
}

function verdict({ allowed, certain }: Part): string {
  return certain ? (allowed ? 'allowed' : 'blocked') : 'not certain';
}

function reasons(part: Part): readonly string[] {
  return [part.egress, part.ingress].flatMap((side) =>
    side.nearest.flatMap(({ rule, reasons: all }) => all.map((each) => reasonWords(each, rule, part, side))),
  );
}

const gone = '{toServices: [{k8sService: {serviceName: pay, namespace: other}}]}';
const dns = '{toServices: [{k8sService: {serviceName: kube-dns, namespace: kube-system}}]}';

test('what is behind a service that is not here is not known', async () => {
  const part = await ask(cilium(gone), 'app/web', 'other/pay', 8080);
  assert.equal(verdict(part), 'not certain');
  const why = 'Service other/pay is not among these manifests, so what is behind it is not known';
  assert.deepEqual(
    part.egress.unclear.map(({ doubts }) => doubtWords(doubts)),
    [why],
  );
  assert.deepEqual(reasons(part), [`whether other/pay[Pod] is a peer of this egress rule is not known: ${why}`]);
  assert.equal(verdict(await ask(cilium(gone), 'app/web', 'kube-system/dns', 53)), 'blocked');
  const rule = '{action: Allow, destination: {services: {name: gone, namespace: app}}}';
  const egress = calico(`{selector: all(), types: [Egress], egress: [${rule}]}`);
  assert.equal(verdict(await ask(egress, 'other/pay', 'app/web', 80)), 'not certain');
});

test('the service of the cluster’s DNS leads to its pods, also where its object is not here', async () => {
  assert.equal(verdict(await ask(cilium(dns), 'app/web', 'kube-system/dns', 53, 'UDP')), 'allowed');
  const other = await ask(cilium(dns), 'app/web', 'other/pay', 8080);
  assert.equal(verdict(other), 'blocked');
  assert.deepEqual(reasons(other), ['other/pay[Pod] is not in what is behind Service kube-dns in kube-system']);
  const rule = '{action: Allow, destination: {services: {name: kube-dns, namespace: kube-system}}}';
  const egress = calico(`{selector: all(), types: [Egress], egress: [${rule}]}`);
  assert.equal(verdict(await ask(egress, 'other/pay', 'kube-system/dns', 53, 'UDP')), 'allowed');
  assert.equal(verdict(await ask(egress, 'other/pay', 'kube-system/dns', 80)), 'blocked');
});

test('reasons for domain names and for entities are true by themselves', async () => {
  const names = await ask(cilium('{toFQDNs: [{matchName: a.example.com}]}'), 'app/web', '8.8.8.8', 443);
  assert.equal(verdict(names), 'not certain');
  assert.deepEqual(reasons(names), [
    'whether 8.8.8.8 is a peer of this egress rule is not known: the addresses behind domain names are learnt from DNS, and no manifest tells them',
  ]);
  const entity = await ask(cilium('{toEntities: [kube-apiserver]}'), 'app/web', 'kube-system/dns', 53);
  assert.equal(verdict(entity), 'blocked');
  assert.deepEqual(reasons(entity), ['the entity kube-apiserver does not stand for kube-system/dns[Pod]']);
});

test('which addresses are behind domain names is not known in any family', async () => {
  const why = 'the addresses behind domain names are learnt from DNS, and no manifest tells them';
  const isolating = calico('{selector: all(), types: [Egress]}');
  const policies = {
    calico: calico(
      '{selector: all(), types: [Egress], egress: [{action: Allow, destination: {domains: ["*.github.com"]}}]}',
    ),
    cluster: `${isolating}---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: names}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  egress: [{action: Accept, to: [{domainNames: ["*.github.com"]}]}]
`,
  };
  for (const [family, policy] of Object.entries(policies)) {
    const part = await ask(policy, 'other/pay', '8.8.8.8', 443);
    assert.equal(verdict(part), 'not certain', family);
    assert.equal(doubtWords(part.egress.unclear.flatMap(({ doubts }) => doubts)), why, family);
    assert.equal(verdict(await ask(policy, 'other/pay', 'app/web', 8080)), 'blocked', family);
  }
});

test('labels of service accounts are read where the account is here', async () => {
  const source =
    "{selector: all(), ingress: [{action: Allow, source: {namespaceSelector: all(), serviceAccounts: {selector: role == 'ROLE'}}}]}";
  const front = source.replace('ROLE', 'front');
  assert.equal(verdict(await ask(calico(front, account), 'app/web', 'other/pay', 8080)), 'allowed');
  const back = await ask(calico(source.replace('ROLE', 'back'), account), 'app/web', 'other/pay', 8080);
  assert.equal(verdict(back), 'blocked');
  assert.deepEqual(reasons(back), [
    'it wants pods with service account label role=back; app/web[Pod] has service account label role=front',
  ]);
  const absent = await ask(calico(front), 'app/web', 'other/pay', 8080);
  assert.equal(verdict(absent), 'not certain');
  assert.deepEqual(reasons(absent), [
    'whether app/web[Pod] is a peer of this ingress rule is not known: ServiceAccount app/web-sa is not among these manifests, so its labels are not known',
  ]);
  const subject = "{serviceAccountSelector: role == 'front', types: [Ingress]}";
  // Kubernetes makes the account that these pods have, without labels.
  assert.equal(verdict(await ask(calico(subject), 'app/web', 'other/pay', 8080)), 'allowed');
});
