import type { NamedAddresses } from '../../model/address-set.js';
import { addressesOf, noAddresses, parseCidr, union } from '../../model/addresses.js';
import { spanOf, stringOf, valueAt, type YamlMap } from '../../text/tree.js';
import { checkLimits } from '../cluster/limits.js';
import { itemsOf } from '../entry.js';
import type { Kind } from '../kind.js';
import { checkMetadata } from '../kubernetes/check-metadata.js';
import { readLabels } from '../kubernetes/workloads.js';
import { checkStructure } from '../structure.js';
import { checkCidrs } from './check-cidrs.js';
import { ciliumCidrGroupFields as fields } from './fields.js';

/** The addresses of a CiliumCIDRGroup; undefined without a name, by which alone it is found. */
function read(object: YamlMap): NamedAddresses | undefined {
  const metadata = valueAt(object, 'metadata');
  const nameNode = valueAt(metadata, 'name');
  const name = stringOf(nameNode);
  if (nameNode === undefined || name === undefined) return undefined;
  const list = valueAt(valueAt(object, 'spec'), 'externalCIDRs');
  const cidrs = itemsOf(list).map((item) => parseCidr(stringOf(item) ?? ''));
  const { labels, open } = readLabels(valueAt(metadata, 'labels'));
  return {
    kind: 'CiliumCIDRGroup',
    name,
    namespace: undefined,
    clusterWide: true,
    labels,
    openLabels: open,
    addresses: cidrs.reduce((all, cidr) => (cidr === undefined ? all : union(all, addressesOf(cidr))), noAddresses),
    uncertain: object.incomplete || list?.kind !== 'sequence' || list.incomplete || cidrs.includes(undefined),
    at: spanOf(nameNode),
  };
}

export const ciliumCidrGroupKind: Kind = {
  kind: 'CiliumCIDRGroup',
  apiVersions: ['cilium.io/v2', 'cilium.io/v2alpha1'],
  fields,
  read(object) {
    const value = read(object);
    return value === undefined ? undefined : { type: 'addressSet', value };
  },
  check: (object) => [
    ...checkStructure(object, fields),
    ...checkMetadata(object, 'CiliumCIDRGroup'),
    ...checkLimits(object, fields),
    ...checkCidrs(valueAt(valueAt(object, 'spec'), 'externalCIDRs'), ['spec', 'externalCIDRs']),
  ],
};
