import { keyText, type YamlNode } from './tree.js';

/** A tree as plain values; opaque scalars are null. For configuration files, not for manifests: places are lost. */
export function toData(node: YamlNode | undefined): unknown {
  if (node === undefined) return undefined;
  if (node.kind === 'scalar') return node.opaque ? null : node.value;
  if (node.kind === 'sequence') return node.items.map((item) => toData(item.value));
  return Object.fromEntries(node.entries.map((entry) => [keyText(entry), toData(entry.value)]));
}
