import type { Direction } from '../model/policy.js';
import type { PortSet } from '../model/ports.js';
import type { Labels } from '../model/selector.js';
import type { AppliedPolicy, Cluster, ClusterNamespace, Pods } from './cluster.js';
import { type EntryTarget, entryTargets } from './entries.js';
import type { Endpoint } from './stages.js';
import type { Judge } from './verdict.js';

/** What an ingress controller that is not among the manifests sends to some pods. */
export interface ControllerConnection extends EntryTarget<Pods> {
  /** Those of `ports` that a pod of which nothing is known may send to. */
  readonly allowed: PortSet;
  /** The others. */
  readonly blocked: PortSet;
  /** The policies that block, where any port is blocked. */
  readonly blockedBy: readonly AppliedPolicy[];
}

/** What np-guard's analyzer calls the controller. It is no pod of the cluster: nothing else is known of it. */
export const ingressControllerName = '{ingress-controller}';

/** Without labels, in a namespace without labels: only policies that let in nearly anyone let it in. */
export const unknownPod: Endpoint = podOutsideManifests({ name: '', labels: new Map(), open: false }, new Map());

/**
 * The pods that Ingresses and routes lead to, with what of it passes. The controller's pods are taken to be unknown, so what
 * counts is what any pod of the cluster may send. Source: netpol-analyzer, docs/connlist_output.md.
 */
export function ingressControllerConnections(cluster: Cluster, judge: Judge): readonly ControllerConnection[] {
  const { table } = judge;
  return entryTargets(cluster.entries, cluster.services, cluster.pods, (ref) => cluster.namespaceOf(ref)).map(
    (target) => {
      const wanted = table.idOf(target.ports);
      const open = judge.side('ingress', unknownPod, { kind: 'pods', pods: target.pods });
      const blocked = table.subtract(wanted, open);
      return {
        ...target,
        allowed: table.setOf(table.intersect(wanted, open)),
        blocked: table.setOf(blocked),
        blockedBy: blocked === table.none ? [] : blockersOf(judge, target.pods),
      };
    },
  );
}

/** A pod that no manifest has, as one end of a connection. */
export function podOutsideManifests(namespace: ClusterNamespace, labels: Labels): Endpoint {
  const nothing = {
    ports: [],
    addresses: [],
    serviceAccount: undefined,
    accountLabels: undefined,
    workloads: [],
    openLabels: false,
    hostNetwork: false,
    node: undefined,
  };
  return { kind: 'pods', pods: { kind: 'Pod', name: '', namespace, labels, ...nothing } };
}

/** Those that isolate the pods, and those that deny something in an order. */
export function blockersOf(judge: Judge, pods: Pods, direction: Direction = 'ingress'): readonly AppliedPolicy[] {
  const blocking = judge.stages(pods, direction).flatMap(({ mode, isolatedBy, rules }) => {
    const denying = mode === 'additive' ? [] : rules.filter(({ rule }) => rule.action === 'Deny');
    return [...isolatedBy, ...denying.map(({ policy }) => policy)];
  });
  // What Cilium's policies deny is a stage of its own.
  return [...new Set(blocking)];
}
