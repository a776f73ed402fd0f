import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPeer, type PeerHandlers, ResponseError } from '#server/rpc/peer.js';
import type { TransportEvents } from '#server/rpc/transport.js';

interface Sent {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

function peerWith(handlers: Partial<PeerHandlers>) {
  const sent: Sent[] = [];
  const errors: string[] = [];
  const tasks: (() => void)[] = [];
  let events: TransportEvents | undefined;
  let writable = true;
  const peer = createPeer(
    {
      listen: (given) => {
        events = given;
      },
      send: async (message) => {
        if (!writable) throw new Error('broken pipe');
        sent.push(message);
      },
      later: (task) => tasks.push(task),
    },
    {
      request: () => null,
      notification: () => {},
      error: (error) => errors.push(error.message),
      failed: (method, error) => errors.push(`${method}: ${String(error)}`),
      close: () => errors.push('closed'),
      ...handlers,
    },
  );
  peer.listen();
  assert.ok(events !== undefined);
  const { message, close } = events;
  return {
    peer,
    sent,
    errors,
    message,
    close,
    unwritable: () => {
      writable = false;
    },
    async run() {
      for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task();
      await new Promise(setImmediate);
    },
  };
}

test('a request that is cancelled before its turn is never begun', async () => {
  const begun: unknown[] = [];
  const { message, run, sent } = peerWith({ request: (method) => begun.push(method) });
  message({ jsonrpc: '2.0', id: 1, method: 'slow' });
  message({ jsonrpc: '2.0', id: 'two', method: 'quick' });
  message({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 1 } });
  await run();
  assert.deepEqual(begun, ['quick']);
  assert.deepEqual(
    sent.map(({ id, error }) => [id, error?.code]),
    [
      [1, -32800],
      ['two', undefined],
    ],
  );
});

test('a request that is cancelled while it runs sees it, and every request is answered once', async () => {
  let finish = () => {};
  const { message, run, sent } = peerWith({
    request: (_method, _params, token) =>
      new Promise((resolve) => {
        finish = () => resolve(token.isCancellationRequested);
      }),
  });
  message({ jsonrpc: '2.0', id: 1, method: 'slow' });
  await run();
  message({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 1 } });
  finish();
  await run();
  assert.deepEqual(sent, [{ jsonrpc: '2.0', id: 1, result: true }]);
});

test('what a handler gives or throws is the answer: nothing is null, a refusal keeps its code', async () => {
  const answers: Record<string, () => unknown> = {
    nothing: () => undefined,
    refused: () => {
      throw new ResponseError(-32002, 'not yet');
    },
    broken: () => Promise.reject(new TypeError('oops')),
  };
  const { message, run, sent } = peerWith({ request: (method) => answers[method]?.() });
  for (const method of Object.keys(answers)) message({ jsonrpc: '2.0', id: method, method });
  await run();
  assert.deepEqual(Object.fromEntries(sent.map(({ id, result, error }) => [id, error ?? result])), {
    nothing: null,
    refused: { code: -32002, message: 'not yet' },
    broken: { code: -32603, message: 'broken failed: oops' },
  });
});

test('what is no message is reported and costs nothing else', async () => {
  const { message, run, errors, sent } = peerWith({ request: () => 1 });
  for (const wrong of [null, 7, 'text', [], { id: 99, result: 1 }, { id: null, error: { code: 1, message: 'parse' } }])
    message(wrong);
  message({ jsonrpc: '2.0', id: 1, method: 'ask' });
  await run();
  assert.equal(errors.length, 6);
  assert.match(errors.at(-1) ?? '', /parse/);
  assert.deepEqual(sent, [{ jsonrpc: '2.0', id: 1, result: 1 }]);
});

test('a notification that fails is told with its name, and the next one is heard', async () => {
  const heard: string[] = [];
  const { message, run, errors } = peerWith({
    notification: (method) => {
      heard.push(method);
      if (method === 'bad') throw new Error('oops');
    },
  });
  message({ jsonrpc: '2.0', method: 'bad' });
  message({ jsonrpc: '2.0', method: 'good' });
  await run();
  assert.deepEqual(heard, ['bad', 'good']);
  assert.deepEqual(errors, ['bad: Error: oops']);
});

test('an answer reaches who asked; a refusal rejects, and so does the end of the connection', async () => {
  const { peer, message, close, run, errors } = peerWith({});
  const asked = [peer.request('a'), peer.request('b', { x: 1 }), peer.request('c')];
  message({ jsonrpc: '2.0', id: 1, error: { code: -1, message: 'no' } });
  message({ jsonrpc: '2.0', id: 0, result: 'yes' });
  const settled = Promise.allSettled(asked);
  await run();
  close();
  close();
  const [a, b, c] = await settled;
  assert.deepEqual(a, { status: 'fulfilled', value: 'yes' });
  assert.match(String(b?.status === 'rejected' && b.reason), /no/);
  assert.match(String(c?.status === 'rejected' && c.reason), /closed before the answer/);
  assert.deepEqual(errors, ['closed']);
  await assert.rejects(peer.notify('late', {}), /closed/);
});

test('what cannot be written rejects the request, and a lost answer is reported', async () => {
  const { peer, message, run, errors, unwritable } = peerWith({});
  unwritable();
  await assert.rejects(peer.request('a'), /broken pipe/);
  message({ jsonrpc: '2.0', id: 1, method: 'ask' });
  await run();
  assert.deepEqual(errors, ['broken pipe']);
});
