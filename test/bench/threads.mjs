// Whether reading in worker threads would pay: what it costs to read the manifests, and what to hand their trees to another
// thread, which costs the receiver more than reading them itself.

import v8 from 'node:v8';
import { milliseconds } from './rows.mjs';

export async function threads(list) {
  const { SourceFile } = await import(new URL('../../server/out/text/file.js', import.meta.url));
  const read = () =>
    list.map(({ namespace, name, text }) =>
      SourceFile.of(`file:///bench/${namespace}/${name}.yaml`, text).documents.map(({ document }) => document.root),
    );
  // The first time is that of a cold process, and of no interest here.
  read();
  const [reading, roots] = timed(read);
  const plain = roots.flat().map(withoutDocument);
  const [sending, bytes] = timed(() => v8.serialize(plain));
  const [receiving] = timed(() => v8.deserialize(bytes));
  console.log(
    `worker threads: reading ${list.length} manifests takes ${milliseconds(reading)} of the processor; of trees that another thread has read, packing takes ${milliseconds(sending)} there and unpacking ${milliseconds(receiving)} here\n`,
  );
}

/** What a question took of the processor, in milliseconds, and its answer. */
function timed(question) {
  const before = process.cpuUsage();
  const answer = question();
  const { user, system } = process.cpuUsage(before);
  return [(user + system) / 1000, answer];
}

/** The least that a tree could be sent as: kinds, places and values. */
function withoutDocument(node) {
  if (node === undefined) return undefined;
  const { kind, range } = node;
  if (kind === 'map')
    return {
      kind,
      range,
      entries: node.entries.map(({ key, value }) => [withoutDocument(key), withoutDocument(value)]),
    };
  if (kind === 'sequence') return { kind, range, items: node.items.map(({ value }) => withoutDocument(value)) };
  return { kind, range, value: node.value, style: node.style };
}
