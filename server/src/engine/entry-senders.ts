import type { EntryPoint, Gateway } from '../model/entry.js';
import { type EntryController, entryControllers, gatewayNameLabel } from '../model/entry-controllers.js';
import {
  type ClusterPods,
  type ClusterProfile,
  defaultProfile,
  ingressControllers,
  prometheus,
} from '../model/profile.js';
import type { Workload } from '../model/workload.js';
import type { Placed, Scope } from '../workspace/scope.js';
import { type Sender, sendersAt } from './senders.js';

/** Who hands an entry point's traffic on, as far as the manifests and the profile tell. */
export interface EntrySenders {
  readonly title: string;
  readonly senders: readonly Sender[];
  readonly product: EntryController | undefined;
  /** The controller's pods, where they are known or the product tells where they usually are. */
  readonly usual: ClusterPods | undefined;
}

/** Names of what may be a controller though its labels are not the usual ones. */
const likely =
  /ingress|gateway|proxy|router|traefik|nginx|haproxy|contour|envoy|kong|caddy|ambassador|emissary|edge|lb\b/i;

/**
 * The controller of an entry point. Its pods among the manifests count before those that the configuration names; where
 * there are neither, nothing is known of where they run, and only what surely lets in nobody but others keeps them out.
 */
export function entrySenders(scope: Scope, profile: ClusterProfile, entry: Placed<EntryPoint>): EntrySenders {
  const { product, known } = productOf(scope, entry);
  if (product?.addresses !== undefined || product?.unnamed === true) {
    return { title: product.title, product, senders: [{ kind: 'outside' }], usual: undefined };
  }
  const beside = entry.value.gateways.map((reference) => besideGateway(scope, entry, reference));
  const somewhere: Sender = { kind: 'somewhere', likely, others: [prometheus, profile.monitoring] };
  const own = controllersAmong(scope.workloads, product);
  // A class that nobody explains may be another controller's than the one that is seen.
  const open: readonly Sender[] = known ? [] : [somewhere];
  const [first] = own;
  if (first !== undefined) {
    const senders = own.map((workload): Sender => ({ kind: 'workload', workload }));
    return { title: first.value.name, product, senders: [...senders, ...beside, ...open], usual: podsOf(first) };
  }
  const configured = profile.ingressControllers.filter(
    (pods) => !defaultProfile.ingressControllers.includes(pods) && (product === undefined || isOf(pods, product)),
  );
  const [named] = configured;
  if (named !== undefined && product?.besideGateway !== true) {
    return { title: named.title, product, senders: [...configured.map(sendersAt), ...beside], usual: named };
  }
  const usual = product === undefined ? profile.ingressControllers[0] : product.pods;
  return { title: product?.title ?? 'the ingress controller', product, senders: [somewhere, ...beside], usual };
}

/** Whether a workload is a controller itself. */
export function isController(workload: Workload): boolean {
  return Object.values(ingressControllers).some((pods) => carries(workload, pods));
}

function isOf(pods: ClusterPods, product: EntryController): boolean {
  return pods.title === product.pods?.title || product.ingress?.test(pods.title.toLowerCase()) === true;
}

function productOf(
  scope: Scope,
  { value }: Placed<EntryPoint>,
): { product: EntryController | undefined; known: boolean } {
  if (value.kind === 'Route')
    return { product: entryControllers.find(({ ingress }) => ingress?.test('openshift')), known: true };
  if (value.kind === 'Ingress') {
    const classes = scope.entryClasses.filter(({ value: { kind } }) => kind === 'IngressClass');
    const { className } = value;
    const found = classes.find(({ value: { name, isDefault } }) =>
      className === undefined ? isDefault : name === className,
    );
    const text = found?.value.controller ?? className;
    const product = text === undefined ? undefined : entryControllers.find(({ ingress }) => ingress?.test(text));
    return { product, known: product !== undefined || text === undefined };
  }
  const className = gatewaysOf(scope, value)[0]?.value.className;
  const found = scope.entryClasses.find(({ value: { kind, name } }) => kind === 'GatewayClass' && name === className);
  const text = found?.value.controller ?? className;
  const product = text === undefined ? undefined : entryControllers.find(({ gateway }) => gateway?.test(text));
  return { product, known: product !== undefined };
}

/** The Gateways of the scope that a route may mean; by name alone, since either may leave its namespace open. */
function gatewaysOf(scope: Scope, { gateways }: EntryPoint): readonly Placed<Gateway>[] {
  return gateways.flatMap((reference) => scope.gateways.filter(({ value }) => value.name === reference.name));
}

/** Pods of the Gateway where an implementation runs them beside it. */
function besideGateway(
  scope: Scope,
  entry: Placed<EntryPoint>,
  { name, namespace }: EntryPoint['gateways'][number],
): Sender & { kind: 'pods' } {
  const object = scope.gateways.find(
    (each) => each.value.name === name && (namespace === undefined || each.namespace.name === namespace),
  );
  const own = namespace === undefined ? entry.namespace : { key: namespace, name: namespace };
  return {
    kind: 'pods',
    namespace: object?.namespace ?? own,
    namespaceLabels: new Map(),
    labels: new Map([[gatewayNameLabel, name]]),
  };
}

function controllersAmong(
  workloads: readonly Placed<Workload>[],
  product: EntryController | undefined,
): readonly Placed<Workload>[] {
  const known = controllers.get(workloads) ?? workloads.filter(({ value }) => isController(value));
  controllers.set(workloads, known);
  if (product === undefined) return known;
  const { pods } = product;
  return pods === undefined ? [] : known.filter(({ value }) => carries(value, pods));
}

/** A pure function's memory: a scope's lists never change, so what is worked out from one goes when the list goes. */
const controllers = new WeakMap<readonly Placed<Workload>[], readonly Placed<Workload>[]>();

function carries({ labels }: Workload, pods: ClusterPods): boolean {
  return pods.labels.size > 0 && [...pods.labels].every(([key, value]) => labels.get(key) === value);
}

function podsOf({ value, namespace }: Placed<Workload>): ClusterPods | undefined {
  if (namespace.name === undefined || value.hostNetwork) return undefined;
  const pods = Object.values(ingressControllers).find((each) => carries(value, each));
  return pods === undefined
    ? undefined
    : { title: value.name, namespace: namespace.name, namespaceLabels: new Map(), labels: pods.labels };
}
