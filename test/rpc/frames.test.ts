import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameReader, frameOf } from '#server/rpc/frames.js';

const messages = [{ id: 1, text: 'ä€😀' }, { id: 2 }, { id: 3, text: 'x'.repeat(5000) }];

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function readAll(stream: Uint8Array, size: number): readonly (string | Error)[] {
  const reader = new FrameReader();
  const found: (string | Error)[] = [];
  for (let at = 0; at < stream.length; at += size) found.push(...reader.read(stream.subarray(at, at + size)));
  return found;
}

test('messages come out whole, wherever the stream is cut', () => {
  const stream = joined(messages.map(frameOf));
  for (const size of [1, 2, 3, 7, 64, 1000, stream.length]) {
    assert.deepEqual(
      readAll(stream, size).map((text) => JSON.parse(String(text))),
      messages,
      `in chunks of ${size}`,
    );
  }
});

test('other headers, and other cases of the letters, are taken', () => {
  const text = 'content-type: application/vscode-jsonrpc; charset=utf-8\r\nCONTENT-LENGTH:2\r\n\r\n{}';
  assert.deepEqual(readAll(new TextEncoder().encode(text), 5), ['{}']);
});

test('a header without a length is an error, and the next message is read', () => {
  const stream = joined([new TextEncoder().encode('Content-Size: 2\r\n\r\n'), frameOf({ id: 1 })]);
  const [error, message] = readAll(stream, stream.length);
  assert.match(String(error), /no Content-Length.*Content-Size: 2/);
  assert.equal(message, '{"id":1}');
});

test('input that is no message at all is not kept for ever', () => {
  const reader = new FrameReader();
  const noise = new Uint8Array(1000).fill(65);
  const found = Array.from({ length: 100 }, () => [...reader.read(noise)]).flat();
  assert.ok(found.length >= 10);
  assert.match(String(found[0]), /no end of a header/);
});
