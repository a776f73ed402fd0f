import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Steps } from '#server/engine/steps.js';
import { inSteps } from '#server/features/feature.js';
import { Netpol } from '#server/service.js';

const uri = 'file:///w/policy.yaml';

async function asking(pause: (netpol: Netpol) => void) {
  const netpol = await Netpol.open({ list: async () => [uri], read: async () => ({ text: 'kind: Pod\n' }) }, [
    'file:///w',
  ]);
  return { netpol, asked: { netpol, pause: async () => pause(netpol) } };
}

test('between the steps of an answer others have their turn', async () => {
  let pauses = 0;
  const { asked } = await asking(() => void pauses++);
  const answer = await inSteps(asked, function* (): Steps<string> {
    yield;
    yield;
    return 'answer';
  });
  assert.deepEqual([answer, pauses], ['answer', 2]);
});

test('an answer is begun anew when the manifests change meanwhile', async () => {
  let edited = false;
  const { netpol, asked } = await asking((netpol) => {
    if (edited) return;
    edited = true;
    netpol.workspace.setBuffer(uri, 'kind: Service\n', 2);
  });
  const answer = await inSteps(asked, function* (): Steps<string | undefined> {
    const { text } = netpol.workspace.file(uri) ?? {};
    yield;
    return text;
  });
  assert.equal(answer, 'kind: Service\n');
});

test('an answer that nobody waits for any more is given up', async () => {
  let steps = 0;
  const { asked } = await asking(() => {
    throw new Error('cancelled');
  });
  const answer = inSteps(asked, function* (): Steps<undefined> {
    for (;;) {
      steps++;
      yield;
    }
  });
  await assert.rejects(answer, /cancelled/);
  assert.equal(steps, 1);
});
