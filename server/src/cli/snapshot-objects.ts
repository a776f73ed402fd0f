import { type JsonObject, listOf, recordOf, textOf } from '../text/json-data.js';
import type { YamlData } from '../text/render.js';
import { keep, type SnapshotKind } from './snapshot-kinds.js';

/** An object as kubectl prints it. */
export type ClusterObject = JsonObject;

/**
 * The objects of a snapshot, cut down and in order. Pods stand for what runs: a controller is kept only where none of its
 * pods is there (scaled to zero, a CronJob between its runs), so that nothing counts twice. Their owner is the one that a
 * person wrote, as manifests have it: the Deployment, not its ReplicaSet. Pods and Jobs that have ended are left out.
 */
export function snapshotObjects(
  found: ReadonlyMap<SnapshotKind, readonly ClusterObject[]>,
): readonly { readonly [key: string]: YamlData }[] {
  const all = [...found.values()].flat();
  const byName = new Map(all.map((object) => [keyOf(object), object]));
  const written: { readonly [key: string]: YamlData }[] = [];
  const running = new Set<string>();
  const pods = all.filter((object) => kindOf(object) === 'Pod');
  const rewritten = new Map<ClusterObject, ClusterObject>();
  for (const pod of pods) {
    const owner = ownerOf(pod, byName);
    if (owner !== undefined) running.add(keyIn(namespaceOf(pod), nameOfKind(owner), owner.name));
    rewritten.set(pod, withoutPrograms(withOwner(pod, owner), owner));
  }
  for (const [{ shape }, objects] of found) {
    const kept = objects.filter((object) => isKept(object, running)).toSorted(byNamespaceAndName);
    for (const object of kept) {
      const cut = keep(rewritten.get(object) ?? object, shape);
      if (isRecord(cut)) written.push(cut);
    }
  }
  return written;
}

/** How many objects of each kind are written, for people: "12 pods" by "Pod". */
export function kindsOf(objects: readonly ClusterObject[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const object of objects) counts.set(kindOf(object), (counts.get(kindOf(object)) ?? 0) + 1);
  return counts;
}

const controllers = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
  'Rollout',
  'DeploymentConfig',
  'CloneSet',
  'ScaledJob',
  'KnativeService',
]);

function isKept(object: ClusterObject, running: ReadonlySet<string>): boolean {
  const kind = kindOf(object);
  if (kind === 'Pod') return !['Succeeded', 'Failed'].includes(textOf(recordOf(object.status).phase));
  if (isCopyInCalico(object)) return false;
  if (!controllers.has(kind)) return true;
  if (isMadeByOther(object) || running.has(keyOf(object))) return false;
  return kind !== 'Job' || !isFinishedJob(object);
}

/** What another controller makes is said by that one, where it is one that is read. Old ReplicaSets never count. */
function isMadeByOther(object: ClusterObject): boolean {
  const owner = controllerOf(object);
  const kind = kindOf(object);
  if (kind !== 'KnativeService' && knativeServiceOf(object) !== undefined) return true;
  return (
    owner !== undefined && (controllers.has(owner.kind) || kind === 'ReplicaSet' || kind === 'ReplicationController')
  );
}

/** What Knative makes for a Service has its name as a label. Source: knative/serving, pkg/apis/serving/register.go. */
function knativeServiceOf({ metadata }: ClusterObject): Owner | undefined {
  const name = textOf(recordOf(recordOf(metadata).labels)['serving.knative.dev/service']);
  return name === '' ? undefined : { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name };
}

/**
 * Calico's API shows the policies of Kubernetes once more, as its own. Source: libcalico-go, lib/names (the prefixes of
 * translated policies).
 */
function isCopyInCalico({ apiVersion, metadata }: ClusterObject): boolean {
  return (
    textOf(apiVersion).startsWith('projectcalico.org/') &&
    /^(?:knp\.default|kanp\.[a-z]+|kbanp\.[a-z]+|kcnp\.[a-z-]+)\./.test(textOf(recordOf(metadata).name))
  );
}

/** Source: the Job API's conditions. */
function isFinishedJob({ status }: ClusterObject): boolean {
  const { conditions } = recordOf(status);
  return listOf(conditions).some((each) => {
    const { type, status } = recordOf(each);
    return (type === 'Complete' || type === 'Failed') && status === 'True';
  });
}

interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** The controller at the end of the chain of owners: of ReplicaSets their Deployment, of Jobs their CronJob. */
function ownerOf(pod: ClusterObject, byName: ReadonlyMap<string, ClusterObject>): Owner | undefined {
  const knative = knativeServiceOf(pod);
  if (knative !== undefined && byName.has(keyIn(namespaceOf(pod), nameOfKind(knative), knative.name))) return knative;
  let owner = controllerOf(pod);
  for (let depth = 0; owner !== undefined && depth < 4; depth++) {
    const object = byName.get(keyIn(namespaceOf(pod), owner.kind, owner.name));
    const above = object === undefined ? undefined : controllerOf(object);
    if (above === undefined) break;
    owner = above;
  }
  if (owner?.kind !== 'ReplicaSet') return owner;
  // Where ReplicaSets could not be read: a Deployment names them by its own name and the hash that its pods carry.
  const hash = textOf(recordOf(recordOf(pod.metadata).labels)['pod-template-hash']);
  return hash !== '' && owner.name.endsWith(`-${hash}`)
    ? { apiVersion: 'apps/v1', kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) }
    : owner;
}

function controllerOf({ metadata }: ClusterObject): Owner | undefined {
  const { ownerReferences } = recordOf(metadata);
  const found = listOf(ownerReferences)
    .map(recordOf)
    .find(({ controller }) => controller === true);
  return found === undefined
    ? undefined
    : { apiVersion: textOf(found.apiVersion), kind: textOf(found.kind), name: textOf(found.name) };
}

function withOwner(pod: ClusterObject, owner: Owner | undefined): ClusterObject {
  const { ownerReferences: _, ...metadata } = recordOf(pod.metadata);
  const references = owner === undefined ? {} : { ownerReferences: [{ ...owner, controller: true }] };
  return { ...pod, metadata: { ...metadata, ...references } };
}

/**
 * A pod without what its containers run. Of host-network pods of DaemonSets the images stay, and the two switches by which
 * plugins enforce policies or not: they tell which plugin the cluster has.
 */
function withoutPrograms(pod: ClusterObject, owner: Owner | undefined): ClusterObject {
  const spec = recordOf(pod.spec);
  const plugin = owner?.kind === 'DaemonSet' && spec.hostNetwork === true;
  const containersOf = (value: unknown) =>
    listOf(value).map((each) => {
      const { image, args, ...container } = recordOf(each);
      if (!plugin) return container;
      const kept = listOf(args).filter((arg) => pluginSwitch.test(textOf(arg)));
      return { ...container, image, ...(kept.length === 0 ? {} : { args: kept }) };
    });
  return {
    ...pod,
    spec: { ...spec, containers: containersOf(spec.containers), initContainers: containersOf(spec.initContainers) },
  };
}

/** Of the AWS VPC CNI and of kube-router. */
const pluginSwitch = /^--(?:enable-network-policy|run-firewall)(?:=(?:true|false))?$/;

function isRecord(data: YamlData | undefined): data is { readonly [key: string]: YamlData } {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

function byNamespaceAndName(a: ClusterObject, b: ClusterObject): number {
  const [left, right] = [keyOf(a), keyOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function keyOf(object: ClusterObject): string {
  return keyIn(namespaceOf(object), kindOf(object), textOf(recordOf(object.metadata).name));
}

function keyIn(namespace: string, kind: string, name: string): string {
  return `${namespace}/${kind}/${name}`;
}

function namespaceOf({ metadata }: ClusterObject): string {
  return textOf(recordOf(metadata).namespace);
}

function kindOf({ apiVersion, kind }: ClusterObject): string {
  return nameOfKind({ apiVersion: textOf(apiVersion), kind: textOf(kind) });
}

/** Knative's Service is not Kubernetes'. */
function nameOfKind({ apiVersion, kind }: Pick<Owner, 'apiVersion' | 'kind'>): string {
  return kind === 'Service' && apiVersion.startsWith('serving.knative.dev/') ? 'KnativeService' : kind;
}
