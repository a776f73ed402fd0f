import { servicesOf } from '../../engine/matching.js';
import { partsOf } from '../../engine/peer-parts.js';
import { namespaceNameKey } from '../../model/pod-facts.js';
import type { Policy } from '../../model/policy.js';
import type { Place } from '../../model/workload.js';
import type { Netpol } from '../../service.js';
import { contains } from '../../text/range.js';
import { stringOf } from '../../text/tree.js';
import { contentOf, type Placed, type Scope } from '../../workspace/scope.js';
import { type Cursor, membersAt } from '../cursor.js';
import { type Targets, wordUnder } from './targets.js';

/** On the name of another object: where that object is. Undefined where the word is no such name. */
export function namesMeant(netpol: Netpol, cursor: Cursor, offset: number): Targets | undefined {
  const { node, onKey } = cursor.location;
  const name = onKey ? undefined : stringOf(node);
  if (name === undefined) return undefined;
  const kind = whatIsNamed(cursor);
  if (kind === undefined) return undefined;
  const members = membersAt(netpol.workspace, cursor);
  const targets = members.flatMap(({ scope, policy }) => named(scope, { kind, name, cursor, policy, offset }));
  return { origin: wordUnder(cursor), targets };
}

type NamedKind = 'namespace' | 'tier' | 'cidr group' | 'service' | 'backend';

/** Source: the fields of the kinds that name objects; FACTS A3, A4. */
function whatIsNamed({ path, resource }: Cursor): NamedKind | undefined {
  const [field, above] = [path.at(-1), path.at(-2)];
  if (resource.object?.type === 'entry') return 'backend';
  if (field === 'namespace' && above === 'metadata') return 'namespace';
  if (typeof field === 'string' && /(?:^|:)io\.kubernetes\.pod\.namespace$/.test(field)) return 'namespace';
  if (resource.object?.type === 'namespace' || resource.object?.type === 'workload') return undefined;
  if (field === namespaceNameKey && above === 'matchLabels') return 'namespace';
  if (field === 'tier' && above === 'spec') return 'tier';
  if (field === 'cidrGroupRef') return 'cidr group';
  if ((field === 'serviceName' && above === 'k8sService') || (field === 'name' && above === 'services'))
    return 'service';
  return undefined;
}

interface Asked {
  readonly kind: NamedKind;
  readonly name: string;
  readonly cursor: Cursor;
  readonly policy: Placed<Policy> | undefined;
  readonly offset: number;
}

function named(scope: Scope, { kind, name, cursor, policy, offset }: Asked): readonly Place[] {
  switch (kind) {
    case 'namespace':
      return placesOf(scope.declaredNamespaces.filter(({ value }) => value.name === name));
    case 'tier':
      return placesOf(scope.tiers.filter(({ value }) => value.name === name));
    case 'cidr group':
      return placesOf(scope.addressSets.filter(({ value }) => value.kind === 'CiliumCIDRGroup' && value.name === name));
    case 'service': {
      if (policy === undefined) return [];
      const peers = policy.value.rules.flatMap((rule) => [...partsOf(rule)]);
      // The same name twice in a policy may mean services of several namespaces: the one that is nearest before the cursor.
      const meant = peers.filter(
        (peer) => peer.kind === 'service' && peer.name === name && peer.at.range.start <= offset,
      );
      const peer = meant.at(-1);
      return peer?.kind === 'service' ? placesOf(servicesOf(scope, policy, peer)) : [];
    }
    case 'backend': {
      const { document } = cursor.resource.node;
      return scope.membersOf(cursor.resource).flatMap(({ type, placed }) => {
        if (type !== 'entry') return [];
        const backend = placed.value.backends.find(({ at }) => at.document === document && contains(at.range, offset));
        if (backend === undefined) return [];
        const contents =
          backend.namespace === undefined
            ? [contentOf(scope, placed.namespace)]
            : [...scope.namespaces.values()].filter(({ ref }) => ref.name === backend.namespace);
        return placesOf(
          contents.flatMap(({ services }) => services).filter(({ value }) => value.name === backend.service),
        );
      });
    }
  }
}

function placesOf(objects: readonly Placed<{ readonly at: Place }>[]): readonly Place[] {
  return objects.map(({ value }) => value.at);
}
