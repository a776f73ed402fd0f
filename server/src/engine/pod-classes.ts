import type { NamespaceMatch, Peer } from '../model/peer.js';
import { everything, type Selector } from '../model/selector.js';
import type { AppliedPolicy, Cluster, ClusterNamespace, Pods } from './cluster.js';
import { groupBy } from './group-by.js';
import { inNamespaces, peerTakes } from './peer-takes.js';
import { selectsPods } from './stages.js';
import type { Steps } from './steps.js';

/** Pods that nothing in the policies tells apart. */
export interface PodClass {
  readonly members: readonly Pods[];
}

/** How many policies or questions are gone through in one step. */
const policiesAtOnce = 200;
const atomsAtOnce = 100;

export interface MarkedClass extends PodClass {
  /** One of its pods, which stands for all. */
  readonly pods: Pods;
  /** The atoms that hold for its pods. */
  readonly atoms: ReadonlySet<number>;
}

/** A question that policies ask about pods: is it in these namespaces and has it these labels? Each is asked once. */
interface Atom {
  readonly namespaces: NamespaceMatch;
  readonly own: ClusterNamespace | undefined;
  /** Nothing but these decides it: whoever is in none of the namespaces is not meant. */
  readonly plain: boolean;
  readonly pods: Selector;
  readonly source: { readonly policy: AppliedPolicy; readonly peer: Peer | undefined };
}

/** What the policies of a cluster ask about pods, and the classes of pods that get the same answers. */
export class Atoms {
  readonly #atoms: Atom[] = [];
  readonly #subjects = new Map<AppliedPolicy, number>();
  readonly #peers = new Map<Peer, number>();
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** What the policies ask. */
  *read(): Steps<void> {
    const cluster = this.#cluster;
    const known = new Map<string, number>();
    const idOf = (atom: Atom, uncertain: boolean, more = '') => {
      const where = (atom.namespaces.own || more !== '') && atom.own?.name;
      const key = JSON.stringify([uncertain, atom.namespaces, where, atom.pods, more]);
      const found = known.get(key);
      if (found !== undefined) return found;
      const id = this.#atoms.push(atom) - 1;
      known.set(key, id);
      return id;
    };
    for (const [index, policy] of cluster.policies.entries()) {
      if (index % policiesAtOnce === policiesAtOnce - 1) yield;
      const { subject, rules } = policy.placed.value;
      const own = policy.namespace;
      const { namespaces, pods } = subject;
      const atom = { namespaces, own, pods, plain: true, source: { policy, peer: undefined } };
      this.#subjects.set(policy, idOf(atom, subject.uncertain));
      for (const peer of rules.flatMap((rule) => [...rule.peers, ...(rule.own === undefined ? [] : [rule.own])])) {
        const asked = questionOf(peer);
        if (asked === undefined) continue;
        const plain = peer.kind === 'pods' && peer.alsoAddressSets === undefined;
        const key = plain ? '' : JSON.stringify(peer, withoutPlaces);
        this.#peers.set(peer, idOf({ ...asked, own, plain, source: { policy, peer } }, peer.uncertain, key));
      }
    }
  }

  /** The pods of the cluster, those for which all questions have the same answers together. */
  *classes(): Steps<readonly MarkedClass[]> {
    const byNamespace = groupBy(this.#cluster.pods, ({ namespace }) => namespace);
    const marks = new Map<Pods, number[]>(this.#cluster.pods.map((pods) => [pods, []]));
    for (const [id, atom] of this.#atoms.entries()) {
      if (id % atomsAtOnce === atomsAtOnce - 1) yield;
      const namespaces = atom.namespaces.own && atom.own !== undefined ? [atom.own] : byNamespace.keys();
      for (const namespace of namespaces) {
        // Most questions are about one namespace: the pods of others need not be asked one by one.
        if (atom.plain && inNamespaces(atom.namespaces, atom.own, namespace) === 'no') continue;
        for (const pods of byNamespace.get(namespace) ?? []) if (this.#holds(atom, pods)) marks.get(pods)?.push(id);
      }
    }
    const names = new Set(
      this.#cluster.policies.flatMap(({ placed }) =>
        placed.value.rules.flatMap(({ ports }) => ports.named.map(({ name }) => name)),
      ),
    );
    const onNodes = this.#cluster.pods.some(({ hostNetwork, node }) => hostNetwork && node !== undefined);
    yield;
    const groups = groupBy(this.#cluster.pods, (pods) => {
      const declared = pods.ports.filter(({ name }) => name !== undefined && names.has(name));
      const addresses =
        this.#cluster.blocksMatchPods === 'none' ? [] : pods.addresses.map(({ canonical }) => canonical);
      const node = onNodes && pods.node?.name;
      return JSON.stringify([marks.get(pods), declared, addresses, pods.hostNetwork, node]);
    });
    return [...groups.values()].flatMap((members) => {
      const [pods] = members;
      return pods === undefined ? [] : [{ members, pods, atoms: new Set(marks.get(pods)) }];
    });
  }

  #holds({ source: { policy, peer } }: Atom, pods: Pods): boolean {
    const answer =
      peer === undefined ? selectsPods(policy, pods) : peerTakes(this.#cluster, policy, peer, { kind: 'pods', pods });
    return answer === 'yes';
  }

  selects(policy: AppliedPolicy, pods: MarkedClass): boolean {
    return pods.atoms.has(this.#subjects.get(policy) ?? -1);
  }

  takes(policy: AppliedPolicy, peer: Peer, { atoms, pods }: MarkedClass): boolean {
    const atom = this.#peers.get(peer);
    if (atom !== undefined) return atoms.has(atom);
    return peerTakes(this.#cluster, policy, peer, { kind: 'pods', pods }) === 'yes';
  }
}

/**
 * What a peer asks of pods by their labels, where it asks anything that tells pods apart. A peer that is put together of
 * others is one question, about pods anywhere; of addresses and nodes the classes take care.
 */
function questionOf(peer: Peer): Pick<Atom, 'namespaces' | 'pods'> | undefined {
  if (peer.kind === 'pods') return peer;
  if (peer.kind !== 'all of' && peer.kind !== 'service') return undefined;
  return { namespaces: { own: false, selector: everything }, pods: everything };
}

/** Two peers that are written alike ask the same. */
function withoutPlaces(key: string, value: unknown): unknown {
  if (key === 'at' || key === 'podSource' || key === 'namespaceSource') return undefined;
  return typeof value === 'bigint' ? `${value}` : value;
}
