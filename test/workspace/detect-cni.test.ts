import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Netpol } from '#server/service.js';
import { readSettings } from '#server/workspace/settings.js';

interface Container {
  readonly image: string;
  readonly args?: readonly string[];
}

function daemonSet(name: string, containers: readonly Container[]): string {
  const metadata = { name, namespace: 'kube-system' };
  const spec = { containers: containers.map((each, i) => ({ name: `c${i}`, ...each })) };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata,
    spec: { template: { metadata: { labels: { app: name } }, spec } },
  });
}

const policy = JSON.stringify({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny', namespace: 'shop' },
  spec: { podSelector: {}, policyTypes: ['Ingress'] },
});

async function open(files: Readonly<Record<string, string>>, settings: unknown = {}): Promise<Netpol> {
  const texts = new Map(Object.entries(files).map(([path, text]) => [`mem:/w/${path}`, text]));
  const provider = {
    list: async () => [...texts.keys()],
    read: async (uri: string) => ({ text: texts.get(uri) ?? '' }),
  };
  return Netpol.open(provider, ['mem:/w'], readSettings(settings).settings);
}

/** "cilium 1.16" as the scope of a file has it; the version is left out where it is not known. */
function cniAt(netpol: Netpol, path: string): string {
  const [scope] = netpol.workspace.index.scopesOf(`mem:/w/${path}`);
  assert.ok(scope);
  const { cni, cniVersion } = netpol.profileOf(scope);
  return [cni.name, ...(cniVersion === undefined ? [] : [cniVersion.join('.')])].join(' ');
}

async function detected(...workloads: readonly (readonly [string, ...Container[]])[]): Promise<string> {
  const files = workloads.map(([name, ...containers], i) => [`${i}.json`, daemonSet(name, containers)]);
  return cniAt(await open({ 'policy.json': policy, ...Object.fromEntries(files) }), 'policy.json');
}

const flannel = { image: 'docker.io/flannel/flannel:v0.25.5' };
const calico = { image: 'docker.io/calico/node:v3.29.1' };
const agent = '602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon/aws-network-policy-agent:v1.1.6';
const vpc = { image: '602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:v1.18.5' };

test('each plugin is known by its name or its image', async () => {
  const cases: readonly [string, string, ...Container[]][] = [
    ['flannel 0.25', 'kube-flannel-ds', flannel],
    ['flannel', 'x', { image: 'rancher/mirrored-flannelcni-flannel:latest' }],
    ['calico 3.29', 'calico-node', calico],
    ['calico 3.28', 'net', { image: 'registry.local:5000/mirror/calico/node:v3.28.0' }],
    ['canal 3.29', 'canal', calico, flannel],
    ['cilium 1.16', 'cilium', { image: `quay.io/cilium/cilium:v1.16.3@sha256:${'0'.repeat(64)}` }],
    ['cilium', 'x', { image: `quay.io/cilium/cilium@sha256:${'0'.repeat(64)}` }],
    ['antrea 2.2', 'antrea-agent', { image: 'antrea/antrea-agent-ubuntu:v2.2.0' }],
    ['ovn-kubernetes', 'ovnkube-node', { image: 'ghcr.io/ovn-org/ovn-kubernetes/ovn-kube-u:master' }],
    ['kube-router 2.4', 'kube-router', { image: 'docker.io/cloudnativelabs/kube-router:v2.4.1' }],
    ['weave 2.8', 'weave-net', { image: 'weaveworks/weave-kube:2.8.1' }, { image: 'weaveworks/weave-npc:2.8.1' }],
    ['kindnet', 'kindnet', { image: 'docker.io/kindest/kindnetd' }],
    ['azure-npm 1.5', 'azure-npm', { image: 'mcr.microsoft.com/containernetworking/azure-npm:v1.5.45' }],
    ['kube-network-policies 0.7', 'x', { image: 'registry.k8s.io/networking/kube-network-policies:v0.7.0' }],
    ['aws-vpc-cni 1.1', 'aws-node', vpc, { image: agent, args: ['--enable-network-policy=true'] }],
  ];
  for (const [wanted, name, ...containers] of cases) {
    assert.equal(await detected([name, ...containers]), wanted, name);
  }
});

test('pods of a DaemonSet tell as much, which is what a snapshot of a cluster has', async () => {
  const podOf = (name: string, kind: string, owner: string, container: Container) => {
    const ownerReferences = [{ apiVersion: 'apps/v1', kind, name: owner, controller: true }];
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'kube-system', labels: { app: owner }, ownerReferences },
      spec: { hostNetwork: true, containers: [{ name: 'c', ...container }] },
    });
  };
  const cilium = { image: 'quay.io/cilium/cilium:v1.16.3' };
  const netpol = await open({
    'policy.json': policy,
    'a.json': podOf('cilium-x7k2p', 'DaemonSet', 'cilium', cilium),
    'b.json': podOf('cilium-zz9qd', 'DaemonSet', 'cilium', cilium),
  });
  assert.equal(cniAt(netpol, 'policy.json'), 'cilium 1.16');
  const [scope] = netpol.workspace.index.scopesOf('mem:/w/policy.json');
  const source = scope && netpol.profileOf(scope).cniSource;
  assert.equal(typeof source === 'object' && source.name, 'DaemonSet kube-system/cilium');
  // Somebody's debugging pod with the same image installs nothing.
  const other = { 'policy.json': policy, 'a.json': podOf('debug-1', 'Job', 'debug', cilium) };
  assert.equal(cniAt(await open(other), 'policy.json'), 'kubernetes');
});

test('an engine counts before the network that it stands beside', async () => {
  assert.equal(await detected(['kube-flannel-ds', flannel], ['calico-node', calico]), 'canal 3.29');
  const engine = { image: 'registry.k8s.io/networking/kube-network-policies:v0.7.0' };
  assert.equal(await detected(['kube-flannel-ds', flannel, engine]), 'kube-network-policies 0.7');
  assert.equal(await detected(['aws-node', vpc], ['calico-node', calico]), 'calico 3.29');
});

test('nothing is concluded from what is not plain', async () => {
  const cases: readonly (readonly (readonly [string, ...Container[]])[])[] = [
    [
      ['calico-node', calico],
      ['cilium', { image: 'quay.io/cilium/cilium:v1.16.3' }],
    ],
    // The agent may be switched on by an argument that is elsewhere, or not at all.
    [['aws-node', vpc]],
    [['aws-node', vpc, { image: agent, args: ['--enable-network-policy=false'] }]],
    [['kube-flannel-ds', flannel, { image: '${ENGINE}' }]],
    [['node-exporter', { image: 'quay.io/prometheus/node-exporter:v1.8.0' }]],
    [
      ['x', { image: 'quay.io/cilium/cilium-envoy:v1.30' }],
      ['y', { image: 'calico/node-driver-registrar:v3' }],
    ],
  ];
  for (const workloads of cases) assert.equal(await detected(...workloads), 'kubernetes', JSON.stringify(workloads));
});

test('what is for another cluster, or only an example, does not count', async () => {
  const cilium = daemonSet('cilium', [{ image: 'quay.io/cilium/cilium:v1.16.3' }]);
  const netpol = await open({
    'policy.json': policy,
    'test/cilium.json': cilium,
    'examples/a/cilium.json': cilium,
    'prod/kustomization.yaml': 'resources: [cilium.json, policy.json]',
    'prod/cilium.json': cilium,
    'prod/policy.json': policy,
    'examples/real/kustomization.yaml': 'resources: [cilium.json, policy.json]',
    'examples/real/cilium.json': cilium,
    'examples/real/policy.json': policy,
  });
  assert.equal(cniAt(netpol, 'policy.json'), 'kubernetes');
  assert.equal(cniAt(netpol, 'prod/policy.json'), 'cilium 1.16');
  assert.equal(cniAt(netpol, 'examples/real/policy.json'), 'cilium 1.16');
});

test('what is configured counts before what is found', async () => {
  const files = { 'policy.json': policy, 'cilium.json': daemonSet('cilium', [{ image: 'cilium/cilium:v1.16.3' }]) };
  assert.equal(cniAt(await open(files), 'policy.json'), 'cilium 1.16');
  assert.equal(cniAt(await open(files, { cni: 'kubernetes' }), 'policy.json'), 'kubernetes');
  assert.equal(cniAt(await open(files, { cni: 'auto', cniVersion: '1.17' }), 'policy.json'), 'cilium 1.17');
});

test('findings follow a plugin that comes and goes', async () => {
  const ds = daemonSet('kube-flannel-ds', [flannel]);
  const netpol = await open({ 'policy.json': policy, 'net.json': ds });
  const codes = () => netpol.findings('mem:/w/policy.json').map(({ rule }) => rule.id);
  assert.ok(codes().includes('cni-does-not-enforce'));
  netpol.workspace.setBuffer('mem:/w/net.json', daemonSet('kube-proxy', [{ image: 'kube-proxy:v1' }]), 1);
  assert.ok(!codes().includes('cni-does-not-enforce'));
  netpol.workspace.setBuffer('mem:/w/net.json', ds, 2);
  assert.ok(codes().includes('cni-does-not-enforce'));
});
