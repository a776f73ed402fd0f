import { valueAt } from '../../text/tree.js';
import type { ObjectField } from '../field.js';
import type { Kind } from '../kind.js';
import { checkCiliumPolicy } from './check.js';
import { ciliumCidrGroupKind } from './cidr-group.js';
import { ciliumClusterwideNetworkPolicyFields, ciliumNetworkPolicyFields } from './fields.js';
import { ciliumLocalRedirectKind } from './local-redirect.js';
import { type CiliumPolicyKind, readCiliumPolicies } from './read.js';

function policyKind(kind: CiliumPolicyKind, fields: ObjectField): Kind {
  return {
    kind,
    apiVersions: ['cilium.io/v2'],
    fields,
    read: (object) => ({ type: 'policy', value: readCiliumPolicies(object, kind)[0] }),
    readMore: (object) =>
      valueAt(object, 'specs') === undefined
        ? []
        : readCiliumPolicies(object, kind)
            .slice(1)
            .map((value) => ({ type: 'policy', value })),
    check: (object) => checkCiliumPolicy(object, kind, fields),
  };
}

/** The kinds of cilium.io that say something about who may connect to whom. */
export const ciliumKinds: readonly Kind[] = [
  policyKind('CiliumNetworkPolicy', ciliumNetworkPolicyFields),
  policyKind('CiliumClusterwideNetworkPolicy', ciliumClusterwideNetworkPolicyFields),
  ciliumCidrGroupKind,
  ciliumLocalRedirectKind,
];
