import type { AppliedPolicy, Cluster, Pods } from './cluster.js';
import type { ComparedEnd, Side } from './diff.js';
import type { ObjectCause } from './diff-causes.js';
import { type ObjectChange, objectChanges } from './diff-objects.js';
import type { PolicyChange } from './policy-changes.js';
import { type Endpoint, podsEnd, policiesOn, selectsPods } from './stages.js';

/** The same pair of ends on both sides. */
export type Ends = readonly [Endpoint, Endpoint];

/** A connection to be judged by the policies of a cluster. */
export interface Situation {
  readonly cluster: Cluster;
  readonly from: Endpoint;
  readonly to: Endpoint;
}

/** A thing that differs, and each side with only this thing as it is on the other side. */
export interface Factor {
  readonly cause: PolicyChange | ObjectCause;
  swapped(side: Side): Situation;
}

/** What differs between two clusters, each thing by itself. */
export class Factors {
  readonly #selecting = new Map<Pods, readonly AppliedPolicy[]>();
  readonly #changing = new Map<Pods, readonly PolicyChange[]>();
  #objects: readonly ObjectChange[] | undefined;

  constructor(
    private readonly clusters: readonly [Cluster, Cluster],
    private readonly policies: readonly PolicyChange[],
  ) {}

  /** One end's part in a connection as a side has it. */
  situation(side: Side, from: Ends, to: Ends, pods: readonly [Pods, Pods]): Situation {
    const policies = this.#policiesOn(side, pods[side]);
    return { cluster: { ...this.clusters[side], policies }, from: from[side], to: to[side] };
  }

  /** What differs between the sides and may have a part in the verdict of these pods. */
  of(from: Ends, to: Ends, pods: readonly [Pods, Pods], compared: readonly ComparedEnd[]): readonly Factor[] {
    this.#objects ??= objectChanges(this.clusters);
    return [
      ...this.#policyFactors(from, to, pods),
      ...this.#endFactors(from, to, compared),
      ...this.#objects.map(({ cause, swapped }): Factor => {
        const cluster = (side: Side) => ({ ...swapped(side), policies: this.#policiesOn(side, pods[side]) });
        return { cause, swapped: (side) => ({ cluster: cluster(side), from: from[side], to: to[side] }) };
      }),
    ];
  }

  #policyFactors(from: Ends, to: Ends, pods: readonly [Pods, Pods]): readonly Factor[] {
    return [...new Set(pods.flatMap((each) => this.#changesOn(each)))].map((cause) => ({
      cause,
      swapped: (side) => {
        const [here, there] = side === 0 ? [cause.before, cause.after] : [cause.after, cause.before];
        const rest = this.#policiesOn(side, pods[side]).filter((policy) => policy !== here);
        const policies = there === undefined ? rest : [...rest, there];
        return { cluster: { ...this.clusters[side], policies }, from: from[side], to: to[side] };
      },
    }));
  }

  #endFactors(from: Ends, to: Ends, compared: readonly ComparedEnd[]): readonly Factor[] {
    return compared.flatMap((end) => {
      if (end.kind !== 'pods') return [];
      const isEnd = (endpoint: Endpoint, side: Side) =>
        endpoint.kind === 'pods' && (side === 0 ? end.before : end.after).includes(endpoint.pods);
      return aspects.flatMap(({ kind, take, key }): Factor[] => {
        const [before] = end.before;
        const [after] = end.after;
        if (before === undefined || after === undefined || key(before) === key(after)) return [];
        const told = this.#causeOf(kind, end.name, before, after);
        const swap = (endpoint: Endpoint, side: Side): Endpoint => {
          if (endpoint.kind !== 'pods' || !isEnd(endpoint, side)) return endpoint;
          return podsEnd({ ...endpoint.pods, ...take(side === 0 ? after : before) });
        };
        return [
          {
            cause: told,
            swapped: (side) => ({
              cluster: this.clusters[side],
              from: swap(from[side], side),
              to: swap(to[side], side),
            }),
          },
        ];
      });
    });
  }

  #causeOf(kind: ObjectCause['kind'], name: string, before: Pods, after: Pods): ObjectCause {
    const common = { kind, change: 'changed', side: 1 } as const;
    const at = after.workloads[0]?.value.at;
    if (kind === 'namespace labels') return { ...common, name: after.namespace.name, at: undefined };
    if (kind !== 'service account') return { ...common, name, at };
    const title = `ServiceAccount ${after.namespace.name}/${after.serviceAccount}`;
    if (before.serviceAccount !== after.serviceAccount) return { ...common, name: title, at };
    const accountOf = (pods: Pods, side: Side) =>
      this.clusters[side].serviceAccounts.findLast(
        ({ value, namespace }) =>
          value.name === pods.serviceAccount && this.clusters[side].namespaceOf(namespace).name === pods.namespace.name,
      );
    const [was, is] = [accountOf(before, 0), accountOf(after, 1)];
    const change = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed';
    return { kind, change, name: title, side: is === undefined ? 0 : 1, at: (is ?? was)?.value.at };
  }

  /** The changes of policies of which some version selects the pods. */
  #changesOn(pods: Pods): readonly PolicyChange[] {
    const known = this.#changing.get(pods);
    if (known !== undefined) return known;
    const selects = (policy: AppliedPolicy | undefined) => policy !== undefined && selectsPods(policy, pods) === 'yes';
    const found = this.policies.filter(({ before, after }) => selects(before) || selects(after));
    this.#changing.set(pods, found);
    return found;
  }

  #policiesOn(side: Side, pods: Pods): readonly AppliedPolicy[] {
    const known = this.#selecting.get(pods) ?? policiesOn(this.clusters[side], pods);
    this.#selecting.set(pods, known);
    return known;
  }
}

/** What policies may ask about pods, each by itself. */
const aspects: readonly {
  readonly kind: ObjectCause['kind'];
  take(pods: Pods): Partial<Pods>;
  key(pods: Pods): string;
}[] = [
  {
    kind: 'labels',
    take: ({ labels, openLabels }) => ({ labels, openLabels }),
    key: ({ labels, openLabels }) => JSON.stringify([[...labels].sort(), openLabels]),
  },
  {
    kind: 'namespace labels',
    take: ({ namespace }) => ({ namespace }),
    key: ({ namespace }) => JSON.stringify([[...namespace.labels].sort(), namespace.open]),
  },
  { kind: 'container ports', take: ({ ports }) => ({ ports }), key: ({ ports }) => JSON.stringify(ports) },
  {
    kind: 'host network',
    take: ({ hostNetwork, addresses }) => ({ hostNetwork, addresses }),
    key: ({ hostNetwork, addresses }) => JSON.stringify([hostNetwork, addresses.map(({ canonical }) => canonical)]),
  },
  {
    kind: 'node',
    take: ({ node }) => ({ node }),
    key: ({ node }) => JSON.stringify([node?.name, node?.labels === undefined ? undefined : [...node.labels].sort()]),
  },
  {
    kind: 'service account',
    take: ({ serviceAccount, accountLabels }) => ({ serviceAccount, accountLabels }),
    key: ({ serviceAccount, accountLabels }) =>
      JSON.stringify([serviceAccount, accountLabels && [...accountLabels.labels].sort(), accountLabels?.open]),
  },
];
