/**
 * An array as `JSON.stringify` would indent it when it stands so many objects deep, in parts of some size, so that a long one
 * needs no room.
 */
export function* jsonArray(items: Iterable<object>, depth: 0 | 1): Generator<string> {
  const indent = '  '.repeat(depth);
  let part = '[\n';
  let first = true;
  for (const item of items) {
    // Within as many brackets as it stands in, which are taken off again.
    const lines =
      depth === 0
        ? JSON.stringify([item], undefined, 2).slice('[\n'.length, -'\n]'.length)
        : JSON.stringify([[item]], undefined, 2).slice('[\n  [\n'.length, -'\n  ]\n]'.length);
    part += (first ? '' : ',\n') + lines;
    first = false;
    if (part.length < partSize) continue;
    yield part;
    part = '';
  }
  yield first ? '[]' : `${part}\n${indent}]`;
}

const partSize = 1 << 16;
