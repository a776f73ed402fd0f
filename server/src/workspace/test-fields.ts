import { list, type ObjectField, object, oneOf, stringMap, value } from '../kinds/field.js';

const named = value(
  'string',
  'A workload (`NAME`, `NAMESPACE/NAME`, `KIND/NAME`), a service (`svc/NAME`), a name with wildcards (`"*"`, `team-*/*`; in quotes where it begins with `*`), an address or a range, `internet`, or `ingress-controller`, `monitoring` or `dns` as the configuration has them.',
);

const selected = object('Pods by their labels: each of them is meant.', {
  namespace: value('string', 'The namespace of the pods; it may hold `*`.', {
    absent: 'the `namespace` of the file, else every namespace',
  }),
  namespaceLabels: stringMap('Labels that the namespace has, each of them.'),
  pods: { ...stringMap('Labels that the pods have, each of them.'), absent: 'every pod' },
});

function ends(doc: string) {
  return oneOf(doc, named, selected, list('', oneOf('', named, selected)));
}

const portDoc = 'A number, or a port’s name; with a protocol as `53/UDP`.';
const port = [value('integer', portDoc), value('string', portDoc)] as const;

/**
 * All that a `*.netpol-test.yaml` file may say. From this one tree come what is said of such files and offered in them, and
 * their JSON Schema.
 */
export const testFields: ObjectField = object(
  'Connections that are expected to be allowed or denied.',
  {
    scope: value(
      'string',
      'What is tested: the folder of a kustomization or a chart (from this file, or from the workspace folder), or the name of a scope of `.netpol.yaml`.',
      { absent: 'what this folder belongs to' },
    ),
    namespace: value('string', 'The namespace of names and selectors that name none.', {
      absent: 'names are looked for in every namespace',
    }),
    tests: list(
      'The expectations.',
      object(
        'One expectation: it holds where each connection that it names is surely as expected.',
        {
          name: value('string', 'What it is about, for reports.', { absent: 'its ends and ports' }),
          from: ends('Who connects: one end, or a list of which each is meant.'),
          to: ends('Whom they connect to: one end, or a list of which each is meant.'),
          port: {
            ...oneOf(
              'The ports, as the pods have them (of a service: as the service has them).',
              ...port,
              list('', oneOf('', ...port)),
            ),
            absent: 'every port; of a service, each of its ports',
          },
          except: ends('Who is left out of what wildcards, selectors and address ranges take in.'),
          expect: value('string', 'What has to hold.', {
            allowed: ['allowed', 'denied'],
            allowedDocs: [
              'Each of these connections passes, on each of the ports.',
              'None of these connections passes, on none of the ports.',
            ],
          }),
        },
        { required: ['from', 'to', 'expect'] },
      ),
    ),
  },
  { required: ['tests'] },
);
