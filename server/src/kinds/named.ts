import type { Place } from '../model/workload.js';
import { spanOf, stringOf, valueAt, type YamlNode } from '../text/tree.js';
import { type Field, object, value } from './field.js';
import type { Kind, ModelObject } from './kind.js';
import { metadataFields } from './kubernetes/metadata.js';

/** What every object says of itself. */
export interface Identity {
  readonly name: string;
  readonly namespace: string | undefined;
  /** The name in the text. */
  readonly at: Place;
}

/** A kind that netpol only reads. An object without a name, or for which `read` gives nothing, says nothing. */
export function namedKind(
  kind: string,
  apiVersions: readonly string[],
  doc: string,
  spec: Field,
  read: (identity: Identity, spec: YamlNode | undefined, metadata: YamlNode | undefined) => ModelObject | undefined,
): Kind {
  return {
    kind,
    apiVersions,
    fields: object(
      doc,
      {
        apiVersion: value('string', 'The API group and version.'),
        kind: value('string', kind),
        metadata: metadataFields,
        spec,
      },
      { open: true },
    ),
    read(node) {
      const metadata = valueAt(node, 'metadata');
      const nameNode = valueAt(metadata, 'name') ?? valueAt(metadata, 'generateName');
      const name = stringOf(nameNode);
      if (nameNode === undefined || name === undefined) return undefined;
      const namespace = stringOf(valueAt(metadata, 'namespace'));
      return read({ name, namespace, at: spanOf(nameNode) }, valueAt(node, 'spec'), metadata);
    },
  };
}
