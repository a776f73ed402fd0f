import { object, stringMap, value } from '../field.js';

/** The part of metadata that netpol looks at; the API server knows more fields, hence open. */
export const metadataFields = object(
  'Who the object is: its name, its namespace, its labels.',
  {
    name: value('string', 'The name, unique for its kind within the namespace.'),
    generateName: value('string', 'A prefix from which the server makes a unique name.'),
    namespace: value(
      'string',
      'The namespace the object lives in. A NetworkPolicy acts on pods of this namespace only.',
      {
        absent: 'kubectl takes the namespace of the current context, kustomize the one of the kustomization',
      },
    ),
    labels: stringMap('Labels of the object itself. They do not select anything.'),
    annotations: stringMap('Free notes for tools and people.'),
    uid: value('string', 'Set by the server.'),
    resourceVersion: value('string', 'Set by the server.'),
    generation: value('integer', 'Set by the server.'),
    creationTimestamp: value('any', 'Set by the server.'),
    deletionTimestamp: value('any', 'Set by the server.'),
    deletionGracePeriodSeconds: value('integer', 'Set by the server.'),
    selfLink: value('string', 'Set by old servers.'),
    finalizers: value('any', 'Who must act before the object goes away.'),
    ownerReferences: value('any', 'Which objects own this one.'),
    managedFields: value('any', 'Set by the server.'),
  },
  { required: [] },
);
