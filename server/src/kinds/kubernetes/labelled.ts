import type { Labels } from '../../model/selector.js';
import { spanOf, stringOf, valueAt } from '../../text/tree.js';
import { object, value } from '../field.js';
import type { Kind, ModelObject } from '../kind.js';
import type { Identity } from '../named.js';
import { metadataFields } from './metadata.js';
import { readLabels } from './workloads.js';

interface Labelled extends Identity {
  readonly labels: Labels;
  readonly openLabels: boolean;
}

/** A kind of the core API that selectors choose by its labels, of which nothing else is read. */
export function labelledKind(kind: string, doc: string, made: (labelled: Labelled) => ModelObject): Kind {
  return {
    kind,
    apiVersions: ['v1'],
    fields: object(
      doc,
      { apiVersion: value('string', 'v1'), kind: value('string', kind), metadata: metadataFields },
      { open: true },
    ),
    read(node) {
      const metadata = valueAt(node, 'metadata');
      const nameNode = valueAt(metadata, 'name');
      const name = stringOf(nameNode);
      if (nameNode === undefined || name === undefined) return undefined;
      const namespace = stringOf(valueAt(metadata, 'namespace'));
      const { labels, open } = readLabels(valueAt(metadata, 'labels'));
      return made({ name, namespace, labels, openLabels: open, at: spanOf(nameNode) });
    },
  };
}
