import type { EntryBackend, EntryPoint } from '../model/entry.js';
import { isNull, spanOf, stringOf, valueAt, type YamlNode } from '../text/tree.js';
import type { Field } from './field.js';
import type { Kind } from './kind.js';
import { numberOf, portReference } from './kubernetes/workloads.js';
import { namedKind } from './named.js';

/** The items of a list; none for any other node. */
export function itemsOf(node: YamlNode | undefined): readonly YamlNode[] {
  return node?.kind === 'sequence' ? node.items.map((item) => item.value) : [];
}

/**
 * A kind of entry point, of which netpol reads the services that its spec names. `backends` gives undefined for what is
 * no backend, and for the whole where the object lets nothing in from outside. `through` says whose controller it is.
 */
export function entryKind(
  kind: string,
  apiVersions: readonly string[],
  doc: string,
  spec: Field,
  backends: (spec: YamlNode | undefined) => readonly (EntryBackend | undefined)[] | undefined,
  through: (
    spec: YamlNode | undefined,
    metadata: YamlNode | undefined,
  ) => Partial<Pick<EntryPoint, 'className' | 'gateways'>> = () => ({}),
): Kind {
  return namedKind(kind, apiVersions, doc, spec, (identity, specNode, metadata) => {
    const found = backends(specNode);
    if (found === undefined) return undefined;
    return {
      type: 'entry',
      value: {
        kind,
        ...identity,
        backends: found.filter((backend) => backend !== undefined),
        className: undefined,
        gateways: [],
        ...through(specNode, metadata),
      },
    };
  });
}

/**
 * The service that `name` names. Undefined where that, the port or the namespace is written but not known (a wrong value, a
 * template), and where `within`, the backend's own map, says that it gets no traffic (`weight: 0`).
 */
export function backendOf(
  name: YamlNode | undefined,
  port: YamlNode | undefined,
  more: { within?: YamlNode; namespace?: YamlNode | undefined } & Partial<
    Pick<EntryBackend, 'portOf' | 'protocol'>
  > = {},
): EntryBackend | undefined {
  const { within, namespace, portOf = 'service', protocol = 'TCP' } = more;
  const service = stringOf(name);
  if (name === undefined || service === undefined || numberOf(valueAt(within, 'weight')) === 0) return undefined;
  const known = { port: isNull(port) ? undefined : portReference(port), namespace: stringOf(namespace) };
  if ((known.port === undefined && !isNull(port)) || (known.namespace === undefined && !isNull(namespace))) return;
  return { service, ...known, portOf, protocol, at: spanOf(name) };
}
