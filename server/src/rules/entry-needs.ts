import { peerOf } from '../engine/cluster-peers.js';
import { entryTargets, type Handed } from '../engine/entries.js';
import { type EntrySenders, entrySenders, isController } from '../engine/entry-senders.js';
import { targetsOf } from '../engine/senders.js';
import type { EntryPoint } from '../model/entry.js';
import { gatewayNameLabel } from '../model/entry-controllers.js';
import { list } from '../model/print.js';
import type { Service, Workload } from '../model/workload.js';
import type { YamlData } from '../text/edits.js';
import { contentOf, type NamespaceRef, type Placed, type Scope } from '../workspace/scope.js';
import type { NeededEntry } from './cut-off.js';
import type { PolicyContext } from './rule.js';

/** An entry point's traffic to a workload. */
export interface EntryNeed extends NeededEntry {
  readonly handed: Handed;
  readonly controller: EntrySenders;
}

/** What entry points hand to the workloads of a policy's namespace. */
export function entryNeeds({
  scope,
  policy,
  profile,
}: PolicyContext): ReadonlyMap<Placed<Workload>, readonly EntryNeed[]> {
  const needs = new Map<Placed<Workload>, readonly EntryNeed[]>();
  const controllers = new Map<Placed<EntryPoint>, EntrySenders>();
  for (const { pods, handed } of targetsIn(scope, policy.namespace)) {
    const { workload } = pods;
    // What a controller serves itself, such as its dashboard, does not come from elsewhere.
    if (isController(workload.value) || workload.value.hostNetwork) continue;
    const found = handed.map((each): EntryNeed => {
      const controller = controllers.get(each.entry) ?? entrySenders(scope, profile, each.entry);
      controllers.set(each.entry, controller);
      return {
        workload,
        handed: each,
        controller,
        targets: targetsOf(each.ports),
        senders: controller.senders,
        title: controller.title,
        peersTitle: peersTitleOf(controller),
        peers: peersFor(policy.namespace, controller),
        evidence: [
          {
            at: each.backend.at,
            message: `${each.entry.value.kind} ${each.entry.value.name} hands traffic to Service ${each.service.name} here.`,
          },
        ],
      };
    });
    needs.set(workload, found);
  }
  return needs;
}

interface EntryPods {
  readonly namespace: { readonly name: string };
  readonly labels: Workload['labels'];
  readonly ports: Workload['ports'];
  readonly workload: Placed<Workload>;
}

function targetsIn(scope: Scope, namespace: NamespaceRef) {
  const entries = entriesInto(scope.entries).get(namespace.key) ?? [];
  if (entries.length === 0) return [];
  const { workloads, services } = contentOf(scope, namespace);
  const known = targets.get(workloads);
  if (known?.entries === entries && known.services === services) return known.found;
  const pods = workloads.map((workload) => ({
    namespace: { name: namespace.key },
    labels: workload.value.labels,
    ports: workload.value.ports,
    workload,
  }));
  const found = entryTargets(entries, services, pods, ({ key }) => ({ name: key }));
  targets.set(workloads, { entries, services, found });
  return found;
}

/** A pure function's memory: a scope's lists never change, so what is worked out from one goes when the list goes. */
const targets = new WeakMap<
  readonly Placed<Workload>[],
  {
    readonly entries: readonly Placed<EntryPoint>[];
    readonly services: readonly Placed<Service>[];
    readonly found: ReturnType<typeof entryTargets<EntryPods>>;
  }
>();

/** The entry points that hand traffic to each namespace, by its key. */
function entriesInto(entries: readonly Placed<EntryPoint>[]): ReadonlyMap<string, readonly Placed<EntryPoint>[]> {
  const known = byNamespace.get(entries);
  if (known !== undefined) return known;
  const found = new Map<string, Placed<EntryPoint>[]>();
  for (const entry of entries) {
    for (const key of new Set(entry.value.backends.map(({ namespace }) => namespace ?? entry.namespace.key))) {
      const list = found.get(key);
      if (list === undefined) found.set(key, [entry]);
      else list.push(entry);
    }
  }
  byNamespace.set(entries, found);
  return found;
}

const byNamespace = new WeakMap<readonly Placed<EntryPoint>[], ReadonlyMap<string, readonly Placed<EntryPoint>[]>>();

function peersTitleOf({ title, usual, product }: EntrySenders): string {
  if (usual !== undefined) return `${usual.title} in namespace ${usual.namespace}`;
  return product?.addresses === undefined ? title : `${title} (${list(product.addresses)})`;
}

function peersFor(own: NamespaceRef, { product, usual, senders }: EntrySenders): readonly YamlData[] | undefined {
  if (usual !== undefined) return [peerOf(usual)];
  if (product?.addresses !== undefined) {
    return product.addresses.length === 0 ? undefined : product.addresses.map((cidr) => ({ ipBlock: { cidr } }));
  }
  const beside = senders.flatMap((sender) => (sender.kind === 'pods' ? [sender] : []));
  const peers = beside.flatMap(({ namespace, labels }) => {
    const podSelector = { matchLabels: { [gatewayNameLabel]: labels.get(gatewayNameLabel) ?? '' } };
    if (namespace.key === own.key) return [{ podSelector }];
    return namespace.name === undefined
      ? []
      : [
          {
            ...peerOf({ title: '', namespace: namespace.name, namespaceLabels: new Map(), labels: new Map() }),
            podSelector,
          },
        ];
  });
  return peers.length === 0 ? undefined : peers;
}
