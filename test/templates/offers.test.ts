import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeActions, offersAt } from '#server/features/actions/code-actions.js';
import { Netpol } from '#server/service.js';
import { readSettings } from '#server/workspace/settings.js';
import { Memory, root } from '../workspace/memory.js';
import { rendered } from './policies.js';

const uri = `${root}/a.yaml`;

async function open(text: string, cni?: string): Promise<Netpol> {
  const { settings } = readSettings(cni === undefined ? {} : { cni });
  return Netpol.open(new Memory({ 'a.yaml': text }), [root], settings);
}

/** The templates of the code actions at the start of a file. */
async function actions(text: string, cni?: string): Promise<readonly string[]> {
  const netpol = await open(text, cni);
  const support = { relatedInformation: false, codeDescription: false, createsFiles: false, disabled: false };
  const range = { start: 0, end: 0 };
  const request = { uri, range, diagnostics: [], only: ['refactor.netpol.add'], support };
  return codeActions(netpol, request).flatMap(({ title }) => /^Add ([a-z-]+):/.exec(title)?.[1] ?? []);
}

/** The families of all that is offered, as the command does. */
async function families(text: string, cni?: string): Promise<ReadonlySet<string>> {
  const offers = offersAt(await open(text, cni), uri, 0, 'anywhere');
  return new Set(offers.map(({ template }) => template.family ?? 'kubernetes'));
}

const policy = rendered('allow-from-app');
const calico = ['calico-default-deny', 'calico-allow-dns', 'calico-allow-from-namespace'];
const cilium = ['cilium-default-deny', 'cilium-allow-dns', 'cilium-allow-from-namespace', 'cilium-allow-api-server'];

/** Cilium never matches a node by its address. */
const isNotOfNodes = (id: string) => id !== 'allow-api-server' && id !== 'allow-kubelet-probes';

test('beside a policy of a plugin its own kinds are offered; beside one of Kubernetes, where the plugin is known', async () => {
  assert.deepEqual(await actions(rendered('calico-allow-from-namespace')), calico);
  assert.deepEqual(await actions(rendered('cilium-allow-http')), cilium);
  const layers = await actions(policy);
  assert.ok(layers.includes('default-deny-all'));
  assert.deepEqual(await actions(policy, 'calico'), [...layers, ...calico]);
  assert.deepEqual(await actions(policy, 'cilium'), [...layers.filter(isNotOfNodes), ...cilium]);
  assert.deepEqual(await actions(policy, 'antrea'), layers);
});

test('on a blank page the layers are, with those of the plugin where it is known', async () => {
  const blank = await actions('');
  assert.ok(blank.includes('allow-from-namespace') && !blank.some((id) => /^(?:calico|cilium)-/.test(id)));
  assert.ok(!blank.every(isNotOfNodes));
  assert.deepEqual(await actions('', 'cilium'), [...blank.filter(isNotOfNodes), ...cilium]);
});

test('the command offers no kinds of another plugin, unless nobody knows which there is', async () => {
  const every = new Set(['kubernetes', 'calico', 'cilium']);
  assert.deepEqual(await families(policy), every);
  assert.deepEqual(await families(policy, 'calico'), new Set(['kubernetes', 'calico']));
  assert.deepEqual(await families(policy, 'antrea'), new Set(['kubernetes']));
  assert.deepEqual(await families(rendered('cilium-allow-http'), 'antrea'), new Set(['kubernetes', 'cilium']));
});

test('what the namespace has already is not offered again', async () => {
  for (const id of ['calico-default-deny', 'cilium-default-deny', 'default-deny-all'])
    for (const other of await actions(rendered(id), 'calico')) assert.doesNotMatch(other, /default-deny/, id);
});
