import { type AddressSet, union as joinAddresses } from '../model/addresses.js';
import type { Direction } from '../model/policy.js';
import { isEmpty, type PortSet, printPorts, union } from '../model/ports.js';
import type { Cluster, Pods } from './cluster.js';
import { speaksOfIPv6 } from './connection-list.js';
import { podsName } from './connection-names.js';
import { entireCluster } from './exposure.js';
import { groupBy } from './group-by.js';
import { ingressControllerConnections } from './ingress-controller.js';
import type { PodClass } from './pod-classes.js';
import { type Reach, reachSteps } from './reach.js';
import { podsEnd } from './stages.js';
import { finished, type Steps } from './steps.js';
import { Judge } from './verdict.js';

/** Who may connect to some pods, or whom they may connect to. */
export interface Neighbours {
  /** The others of the manifests by their names, in the order of these. Pods of one name are one. */
  readonly pods: readonly { readonly name: string; readonly pods: readonly Pods[]; readonly ports: PortSet }[];
  /** Parts of the space outside of the cluster, each with other ports. */
  readonly outside: readonly { readonly addresses: AddressSet; readonly ports: PortSet }[];
  /** What any pod may use, also one that is not among the manifests. */
  readonly anyPod: PortSet;
  /** What an ingress controller that is not among the manifests may use to reach them; empty towards others. */
  readonly controller: PortSet;
}

/** The neighbours of the pods of a cluster; what is worked out for one serves the others. */
export class Neighbourhood {
  readonly judge: Judge;
  readonly names: ReadonlyMap<string, readonly Pods[]>;
  readonly #found = new Map<string, Neighbours>();
  #reach: { readonly reach: Reach; readonly classOf: ReadonlyMap<Pods, PodClass> } | undefined;

  constructor(readonly cluster: Cluster) {
    this.judge = new Judge(cluster);
    this.names = groupBy(cluster.pods, podsName);
  }

  /** Of the pods of a name: who may reach them ('ingress'), or whom they may reach ('egress'). Nobody for an unknown name. */
  of(name: string, direction: Direction): Neighbours {
    return finished(this.steps(name, direction));
  }

  /** The same in steps: among thousands of pods the first answer takes a second. */
  *steps(name: string, direction: Direction): Steps<Neighbours> {
    const key = `${direction} ${name}`;
    const found = this.#found.get(key) ?? (yield* this.#workOut(name, direction));
    this.#found.set(key, found);
    return found;
  }

  *#workOut(name: string, direction: Direction): Steps<Neighbours> {
    const { judge, cluster } = this;
    const { table } = judge;
    const own = this.names.get(name) ?? [];
    const { reach, classOf } = this.#reach ?? withClasses(yield* reachSteps(cluster));
    this.#reach = { reach, classOf };
    const inward = direction === 'ingress';
    const ownClasses = [...new Set(own.flatMap((pods) => classOf.get(pods) ?? []))];
    const sum = (sets: readonly PortSet[]) =>
      table.setOf(sets.map((set) => table.idOf(set)).reduce((a, b) => table.union(a, b), table.none));
    const byName = new Map<string, { name: string; pods: Pods[]; ports: PortSet }>();
    for (const [index, other] of reach.classes.entries()) {
      if (index % atOnce === atOnce - 1) yield;
      const ports = sum(ownClasses.map((each) => (inward ? reach.between(other, each) : reach.between(each, other))));
      if (isEmpty(ports)) continue;
      for (const pods of other.members) {
        const theirs = podsName(pods);
        const known = byName.get(theirs);
        if (theirs === name) continue;
        if (known === undefined) byName.set(theirs, { name: theirs, pods: [pods], ports });
        else byName.set(theirs, { name: theirs, pods: [...known.pods, pods], ports: union(known.ports, ports) });
      }
    }
    const withIPv6 = speaksOfIPv6(cluster);
    yield;
    const cells = (inward ? reach.sources : reach.destinations).filter(({ v4 }) => withIPv6 || v4.length > 0);
    const parts = cells.map((addresses) => ({
      addresses,
      ports: sum(
        ownClasses.map((each) => (inward ? reach.fromOutside(addresses, each) : reach.toOutside(each, addresses))),
      ),
    }));
    const alike = groupBy(
      parts.filter(({ ports }) => !isEmpty(ports)),
      ({ ports }) => printPorts(ports),
    );
    yield;
    const anyPod = own.map((pods) => {
      const end = podsEnd(pods);
      return table.setOf(inward ? judge.side('ingress', entireCluster, end) : judge.side('egress', end, entireCluster));
    });
    const controller =
      inward && cluster.entries.length > 0
        ? ingressControllerConnections(cluster, judge).filter(({ pods }) => own.includes(pods))
        : [];
    return {
      pods: [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
      outside: [...alike.values()].flatMap(([first, ...rest]) =>
        first === undefined
          ? []
          : [
              {
                ...first,
                addresses: rest.reduce((all, { addresses }) => joinAddresses(all, addresses), first.addresses),
              },
            ],
      ),
      anyPod: sum(anyPod),
      controller: sum(controller.map(({ allowed }) => allowed)),
    };
  }
}

/** How many classes of pods are asked about in one step. */
const atOnce = 50;

function withClasses(reach: Reach) {
  return {
    reach,
    classOf: new Map(reach.classes.flatMap((each) => each.members.map((pods) => [pods, each] as const))),
  };
}
