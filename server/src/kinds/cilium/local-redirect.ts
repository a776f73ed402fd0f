import type { LocalRedirect } from '../../model/local-redirect.js';
import { spanOf, stringOf, valueAt, type YamlMap, type YamlNode } from '../../text/tree.js';
import { object, value } from '../field.js';
import type { Kind } from '../kind.js';
import { metadataFields } from '../kubernetes/metadata.js';
import { readLabels } from '../kubernetes/workloads.js';

/** Which pods get what is meant for a service: those of the node-local DNS cache, for one. Only its labels are read. */
export const ciliumLocalRedirectKind: Kind = {
  kind: 'CiliumLocalRedirectPolicy',
  apiVersions: ['cilium.io/v2'],
  fields: object(
    'Sends connections to a service, or to an address, to pods on the sender’s own node.',
    {
      apiVersion: value('string', 'cilium.io/v2'),
      kind: value('string', 'CiliumLocalRedirectPolicy'),
      metadata: metadataFields,
    },
    { open: true },
  ),
  read(node: YamlMap) {
    const metadata = valueAt(node, 'metadata');
    const nameNode = valueAt(metadata, 'name');
    const name = stringOf(nameNode);
    const spec = valueAt(node, 'spec');
    const from = readFrontend(valueAt(spec, 'redirectFrontend'));
    const chosen = valueAt(valueAt(spec, 'redirectBackend'), 'localEndpointSelector');
    const { labels, open } = readLabels(valueAt(chosen, 'matchLabels'));
    if (nameNode === undefined || name === undefined || from === undefined || open || labels.size === 0)
      return undefined;
    const namespace = stringOf(valueAt(metadata, 'namespace'));
    return { type: 'localRedirect', value: { name, namespace, from, backends: labels, at: spanOf(nameNode) } };
  },
};

function readFrontend(node: YamlNode | undefined): LocalRedirect['from'] | undefined {
  const matcher = valueAt(node, 'serviceMatcher');
  const service = stringOf(valueAt(matcher, 'serviceName'));
  if (service !== undefined) return { service, namespace: stringOf(valueAt(matcher, 'namespace')) };
  const address = stringOf(valueAt(valueAt(node, 'addressMatcher'), 'ip'));
  return address === undefined ? undefined : { address };
}
