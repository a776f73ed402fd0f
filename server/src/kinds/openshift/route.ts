import { isNull, stringOf, valueAt } from '../../text/tree.js';
import { backendOf, entryKind, itemsOf } from '../entry.js';
import { list, object, value } from '../field.js';

const target = (doc: string) =>
  object(
    doc,
    {
      kind: value('string', 'Service.', { default: 'Service' }),
      name: value('string', 'The service’s name, in the namespace of the Route.'),
      weight: value('integer', 'Its share of the traffic; 0 is none.'),
    },
    { open: true },
  );

/**
 * An OpenShift Route: traffic from outside to services of its namespace.
 * Source: github.com/openshift/api route/v1 types.go. The router looks `port.targetPort` up among the endpoints, whose
 * ports have the service ports' names and the pods' numbers.
 */
export const routeKind = entryKind(
  'Route',
  ['route.openshift.io/v1'],
  'An OpenShift Route: traffic from outside of the cluster to a service.',
  object(
    'What goes where.',
    {
      to: target('The service.'),
      alternateBackends: list('Services that share the traffic.', target('One service.')),
      port: object(
        'Which of the service’s ports; all of them where nothing is said.',
        { targetPort: value('int-or-string', 'The service port’s name, or the pods’ port number.') },
        { open: true },
      ),
    },
    { open: true },
  ),
  (spec) => {
    const port = valueAt(spec, 'port');
    return [valueAt(spec, 'to'), ...itemsOf(valueAt(spec, 'alternateBackends'))].map((each) => {
      const kind = valueAt(each, 'kind');
      if (each === undefined || !(isNull(kind) || stringOf(kind) === 'Service')) return undefined;
      const wanted = port?.kind === 'map' ? valueAt(port, 'targetPort') : port;
      return backendOf(valueAt(each, 'name'), wanted, { within: each, portOf: 'pods' });
    });
  },
);
