import type { LocalRedirect } from '../../model/local-redirect.js';
import { stringOf, valueAt, type YamlNode } from '../../text/tree.js';
import { object } from '../field.js';
import { readLabels } from '../kubernetes/workloads.js';
import { namedKind } from '../named.js';

/** Which pods get what is meant for a service: those of the node-local DNS cache, for one. Only its labels are read. */
export const ciliumLocalRedirectKind = namedKind(
  'CiliumLocalRedirectPolicy',
  ['cilium.io/v2'],
  'Sends connections to a service, or to an address, to pods on the sender’s own node.',
  object('What is redirected, and to which pods.', {}, { open: true }),
  (identity, spec) => {
    const from = readFrontend(valueAt(spec, 'redirectFrontend'));
    const chosen = valueAt(valueAt(spec, 'redirectBackend'), 'localEndpointSelector');
    const { labels, open } = readLabels(valueAt(chosen, 'matchLabels'));
    if (from === undefined || open || labels.size === 0) return undefined;
    return { type: 'localRedirect', value: { ...identity, from, backends: labels } };
  },
);

function readFrontend(node: YamlNode | undefined): LocalRedirect['from'] | undefined {
  const matcher = valueAt(node, 'serviceMatcher');
  const service = stringOf(valueAt(matcher, 'serviceName'));
  if (service !== undefined) return { service, namespace: stringOf(valueAt(matcher, 'namespace')) };
  const address = stringOf(valueAt(valueAt(node, 'addressMatcher'), 'ip'));
  return address === undefined ? undefined : { address };
}
