/**
 * An array as `JSON.stringify` would indent it within `indent`, in parts of some size, so that a long one needs no room.
 */
export function* jsonArray(items: Iterable<object>, indent: string): Generator<string> {
  let part = '[\n';
  let first = true;
  for (const item of items) {
    const lines = JSON.stringify([item], undefined, 2).slice(2, -2);
    part += (first ? '' : ',\n') + (indent === '' ? lines : indent + lines.replaceAll('\n', `\n${indent}`));
    first = false;
    if (part.length < partSize) continue;
    yield part;
    part = '';
  }
  yield first ? '[]' : `${part}\n${indent}]`;
}

const partSize = 1 << 16;
