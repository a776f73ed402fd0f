import { isNull, stringOf, valueAt, type YamlNode } from '../../text/tree.js';
import { backendOf, entryKind, itemsOf } from '../entry.js';
import { list, object, value } from '../field.js';
import type { Kind } from '../kind.js';

const reference = (doc: string) =>
  object(
    doc,
    {
      group: value('string', 'The API group; empty for a Service.'),
      kind: value('string', 'The kind.'),
      name: value('string', 'The name.'),
      namespace: value('string', 'The namespace.', { absent: 'the namespace of the route' }),
      port: value('integer', 'The service’s port. Policies see the pods’ port instead.'),
    },
    { open: true },
  );

const spec = object(
  'What goes where.',
  {
    parentRefs: list('The gateways it belongs to.', reference('One gateway.')),
    rules: list(
      'Where traffic goes.',
      object('One rule.', { backendRefs: list('The backends.', reference('One backend.')) }, { open: true }),
    ),
  },
  { open: true },
);

/**
 * The routes of the Gateway API: traffic that enters by a gateway, to services.
 * Source: sigs.k8s.io/gateway-api apis/v1 and apis/v1alpha2 (CommonRouteSpec, BackendObjectReference, BackendRef).
 */
export const gatewayKinds: readonly Kind[] = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'].map(
  (kind) =>
    entryKind(
      kind,
      ['v1', 'v1beta1', 'v1alpha3', 'v1alpha2'].map((version) => `gateway.networking.k8s.io/${version}`),
      'A route of the Gateway API: traffic that enters by a gateway, to services.',
      spec,
      (node) => {
        const parents = itemsOf(valueAt(node, 'parentRefs'));
        // A route on services shapes traffic within a mesh (GEP-1426): it lets nothing in.
        if (parents.length > 0 && parents.every((parent) => stringOf(valueAt(parent, 'kind')) === 'Service')) return;
        return itemsOf(valueAt(node, 'rules'))
          .flatMap((rule) => itemsOf(valueAt(rule, 'backendRefs')))
          .filter(isService)
          .map((each) =>
            backendOf(valueAt(each, 'name'), valueAt(each, 'port'), {
              within: each,
              namespace: valueAt(each, 'namespace'),
              protocol: kind === 'UDPRoute' ? 'UDP' : 'TCP',
            }),
          );
      },
      (node) => ({
        gateways: itemsOf(valueAt(node, 'parentRefs')).flatMap((parent) => {
          const kind = valueAt(parent, 'kind');
          const name = stringOf(valueAt(parent, 'name'));
          const namespace = valueAt(parent, 'namespace');
          const known = isNull(namespace) || stringOf(namespace) !== undefined;
          if (name === undefined || !known || !(isNull(kind) || stringOf(kind) === 'Gateway')) return [];
          return [{ name, namespace: stringOf(namespace) }];
        }),
      }),
    ),
);

function isService(node: YamlNode): boolean {
  const kind = valueAt(node, 'kind');
  const group = valueAt(node, 'group');
  return (isNull(kind) || stringOf(kind) === 'Service') && (isNull(group) || stringOf(group) === '');
}
