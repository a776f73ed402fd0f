import { isNull, stringOf, valueAt, type YamlNode } from '../../text/tree.js';
import { backendOf, entryKind, itemsOf } from '../entry.js';
import { list, object, value } from '../field.js';

const backend = (doc: string) =>
  object(
    doc,
    {
      service: object(
        'The service.',
        {
          name: value('string', 'Its name, in the namespace of the Ingress.'),
          port: object(
            'Its port, by number or by name.',
            {
              number: value('integer', 'The service port’s number.'),
              name: value('string', 'The service port’s name.'),
            },
            { open: true },
          ),
        },
        { open: true },
      ),
      serviceName: value('string', 'The service, before networking.k8s.io/v1.'),
      servicePort: value('int-or-string', 'The service’s port, before networking.k8s.io/v1.'),
    },
    { open: true },
  );

const path = object('One path.', { backend: backend('The service that gets this traffic.') }, { open: true });

/**
 * An Ingress: HTTP from outside to services of its namespace.
 * Source: k8s.io/api networking/v1, networking/v1beta1 and extensions/v1beta1 types.go.
 */
export const ingressKind = entryKind(
  'Ingress',
  ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1', 'extensions/v1beta1'],
  'An Ingress: HTTP from outside of the cluster to services.',
  object(
    'What goes where.',
    {
      ingressClassName: value('string', 'The IngressClass, which says whose controller serves this.'),
      defaultBackend: backend('The service that gets what no rule matches.'),
      backend: backend('The service that gets what no rule matches, before networking.k8s.io/v1.'),
      rules: list(
        'Hosts and their paths.',
        object(
          'One host.',
          { http: object('Its paths.', { paths: list('The paths.', path) }, { open: true }) },
          { open: true },
        ),
      ),
    },
    { open: true },
  ),
  (spec) => {
    const paths = itemsOf(valueAt(spec, 'rules')).flatMap((rule) => itemsOf(valueAt(valueAt(rule, 'http'), 'paths')));
    const backends = [valueAt(spec, 'defaultBackend'), valueAt(spec, 'backend')];
    return [...backends, ...paths.map((each) => valueAt(each, 'backend'))].map(readBackend);
  },
  (spec, metadata) => {
    const field = valueAt(spec, 'ingressClassName');
    // The annotation is older, and still wins where the controller knows both.
    const given = valueAt(valueAt(metadata, 'annotations'), 'kubernetes.io/ingress.class') ?? field;
    return { className: isNull(given) ? undefined : (stringOf(given) ?? '') };
  },
);

function readBackend(node: YamlNode | undefined) {
  const service = valueAt(node, 'service');
  if (service === undefined) return backendOf(valueAt(node, 'serviceName'), valueAt(node, 'servicePort'));
  const port = valueAt(service, 'port');
  const number = valueAt(port, 'number');
  // `port: {{ }}` is a port that is not known, not the absence of one.
  const reference = port?.kind === 'map' ? (isNull(number) ? valueAt(port, 'name') : number) : port;
  return backendOf(valueAt(service, 'name'), reference);
}
