import type { EntryClass } from '../../model/entry.js';
import { stringOf, valueAt } from '../../text/tree.js';
import { object, value } from '../field.js';
import type { Kind } from '../kind.js';
import { namedKind } from '../named.js';

/**
 * What says which controller serves an Ingress or a route.
 * Source: k8s.io/api networking/v1 IngressClassSpec; sigs.k8s.io/gateway-api apis/v1 GatewayClassSpec and GatewaySpec.
 */
export const entryClassKinds: readonly Kind[] = [
  classKind('IngressClass', ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1'], 'controller'),
  classKind('GatewayClass', gatewayVersions('v1', 'v1beta1', 'v1alpha2'), 'controllerName'),
  namedKind(
    'Gateway',
    gatewayVersions('v1', 'v1beta1', 'v1alpha2'),
    'A Gateway: where traffic enters the cluster for the routes that name it.',
    object(
      'How traffic enters.',
      { gatewayClassName: value('string', 'The GatewayClass, which says whose controller it is.') },
      { open: true },
    ),
    (identity, spec) => ({
      type: 'gateway',
      value: { ...identity, className: stringOf(valueAt(spec, 'gatewayClassName')) },
    }),
  ),
];

function classKind(kind: string, apiVersions: readonly string[], field: string): Kind {
  return namedKind(
    kind,
    apiVersions,
    `${kind === 'IngressClass' ? 'An IngressClass' : 'A GatewayClass'}: which controller serves what names it.`,
    object('Whose it is.', { [field]: value('string', 'The controller, as a domain and path.') }, { open: true }),
    ({ name, at }, spec, metadata) => {
      const controller = stringOf(valueAt(spec, field));
      if (controller === undefined) return undefined;
      const marked = valueAt(valueAt(metadata, 'annotations'), 'ingressclass.kubernetes.io/is-default-class');
      const found: EntryClass = { kind, name, controller, isDefault: stringOf(marked) === 'true', at };
      return { type: 'entryClass', value: found };
    },
  );
}

function gatewayVersions(...versions: readonly string[]): readonly string[] {
  return versions.map((version) => `gateway.networking.k8s.io/${version}`);
}
