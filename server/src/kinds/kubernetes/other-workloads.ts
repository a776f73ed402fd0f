import type { ContainerPort, Workload } from '../../model/workload.js';
import { stringOf, valueAt, valueBelow, type YamlNode } from '../../text/tree.js';
import type { Kind } from '../kind.js';
import { type WorkloadSource, workloadKind } from './workloads.js';

const template = ['spec', 'template'];

/**
 * Kinds of others that run pods from a template. A Rollout that refers to a Deployment has no template: the Deployment is
 * read. Sources: the API types of argo-rollouts, openshift/api, keda, kruise and knative/serving.
 */
const sources: readonly WorkloadSource[] = [
  { kind: 'Rollout', apiVersions: ['argoproj.io/v1alpha1'], path: template },
  {
    kind: 'DeploymentConfig',
    apiVersions: ['apps.openshift.io/v1'],
    path: template,
    // Source: MakeDeployment of OpenShift's controller of DeploymentConfigs.
    made: (workload, name) => withLabels(workload, [['deploymentconfig', name]]),
  },
  { kind: 'Service', apiVersions: ['serving.knative.dev/v1'], path: template, made: ofKnative },
  { kind: 'CloneSet', apiVersions: ['apps.kruise.io/v1alpha1'], path: template },
  { kind: 'StatefulSet', apiVersions: ['apps.kruise.io/v1beta1', 'apps.kruise.io/v1alpha1'], path: template },
  { kind: 'DaemonSet', apiVersions: ['apps.kruise.io/v1alpha1'], path: template },
  { kind: 'ScaledJob', apiVersions: ['keda.sh/v1alpha1'], path: ['spec', 'jobTargetRef', 'template'] },
];

/** After Kubernetes' own: a kind's name alone means theirs. */
export const otherWorkloadKinds: readonly Kind[] = sources.map(workloadKind);

/** With labels that the controller gives; one whose value is not known leaves the set open. */
function withLabels(workload: Workload, given: readonly (readonly [string, string | undefined])[]): Workload {
  const known = given.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  const openLabels = workload.openLabels || known.length < given.length;
  return { ...workload, openLabels, labels: new Map([...workload.labels, ...known]) };
}

/**
 * A Service of Knative: its pods listen behind a proxy, and have `app`, where the template has none, with a name that is
 * not known before. Source: knative/serving, pkg/reconciler/revision/resources (meta.go, queue.go).
 */
function ofKnative(workload: Workload, name: string | undefined): Workload {
  const proxy = knativePorts.map(
    ([name, port]): ContainerPort => ({ name, port, protocol: 'TCP', container: 'queue-proxy', at: workload.at }),
  );
  const more = workload.labels.has('app') ? [] : [['app', undefined] as const];
  const labels = [['serving.knative.dev/service', name], ['serving.knative.dev/configuration', name], ...more] as const;
  return withLabels({ ...workload, kind: 'KnativeService', ports: [...workload.ports, ...proxy] }, labels);
}

const knativePorts = [
  ['queue-port', 8012],
  ['queue-port', 8013],
  ['http-queueadm', 8022],
  ['http-autometric', 9090],
  ['http-usermetric', 9091],
] as const;

/**
 * An object of an operator's own kind that has a pod template as a Deployment has it. Its pods may have more labels than the
 * template says. The name of a kind may say that it is a template for other objects, which make the pods.
 */
export function templatedKind(node: YamlNode | undefined): Kind | undefined {
  const apiVersion = stringOf(valueAt(node, 'apiVersion'));
  const kind = stringOf(valueAt(node, 'kind'));
  if (apiVersion === undefined || kind === undefined) return undefined;
  if (!/^[^/]+\.[^/]+\//.test(apiVersion) || kind.endsWith('Template')) return undefined;
  const pod = valueBelow(node, template);
  const labels = valueAt(valueAt(pod, 'metadata'), 'labels');
  if (labels?.kind !== 'map' || valueAt(valueAt(pod, 'spec'), 'containers')?.kind !== 'sequence') return undefined;
  const made = (workload: Workload) => ({ ...workload, openLabels: true });
  return workloadKind({ kind, apiVersions: [apiVersion], path: template, made });
}

/** A scan that costs far less than a parse: false means that no object of the text has a pod template. */
export function mayHoldTemplate(text: string): boolean {
  return (
    text.includes('containers') &&
    /\btemplate["']?\s*:/.test(text) &&
    !/\bkind["']?:\s*["']?CustomResourceDefinition\b/.test(text)
  );
}
