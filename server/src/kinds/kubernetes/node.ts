import { spanOf, stringOf, valueAt, type YamlMap } from '../../text/tree.js';
import { object, value } from '../field.js';
import type { Kind } from '../kind.js';
import { metadataFields } from './metadata.js';
import { readLabels } from './workloads.js';

/** Nodes carry the labels that `nodes` peers of cluster-wide policies choose by. */
export const nodeKind: Kind = {
  kind: 'Node',
  apiVersions: ['v1'],
  fields: object(
    'A machine of the cluster. The nodes peers of cluster-wide policies choose by its labels.',
    { apiVersion: value('string', 'v1'), kind: value('string', 'Node'), metadata: metadataFields },
    { open: true },
  ),
  read(node: YamlMap) {
    const metadata = valueAt(node, 'metadata');
    const nameNode = valueAt(metadata, 'name');
    const name = stringOf(nameNode);
    if (nameNode === undefined || name === undefined) return undefined;
    const { labels, open } = readLabels(valueAt(metadata, 'labels'));
    return { type: 'node', value: { name, labels, openLabels: open, at: spanOf(nameNode) } };
  },
};
