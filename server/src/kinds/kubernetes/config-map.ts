import { object, stringMap, value } from '../field.js';
import type { Kind } from '../kind.js';
import { readConfig } from './container-settings.js';
import { metadataFields } from './metadata.js';

/** Settings of containers. Source: k8s.io/api core/v1 ConfigMap. */
export const configMapKind: Kind = {
  kind: 'ConfigMap',
  apiVersions: ['v1'],
  fields: object(
    'Settings for containers: variables, or files.',
    {
      apiVersion: value('string', 'v1'),
      kind: value('string', 'ConfigMap'),
      metadata: metadataFields,
      data: stringMap('Each key is a variable or a file.'),
    },
    { open: true },
  ),
  read(node) {
    const config = readConfig(node);
    return config === undefined ? undefined : { type: 'config', value: config };
  },
};
