import type { ClusterProfile } from '../model/profile.js';
import { renderYaml } from '../text/edits.js';
import type { NamespaceRef, Scope } from '../workspace/scope.js';
import { templateNamed } from './catalogue.js';
import { renderTemplate } from './render.js';
import { type Shown, shownBy } from './shown.js';

/** A file of the baseline, by its name in the folder that it goes into. */
export interface BaselineFile {
  readonly name: string;
  readonly text: string;
}

export interface BaselineContext {
  /** The namespace that the policies are for. */
  readonly namespace: string;
  readonly profile: ClusterProfile;
  /** Where the manifests of that namespace are, if they are known. */
  readonly scope: Scope | undefined;
}

interface Layer {
  /** Without its ending; files are read in the order of their names. */
  readonly name: string;
  readonly template: string;
  readonly ports?: readonly string[];
}

export const kustomizationName = 'kustomization.yaml';
/** Its other names: kustomize refuses a folder that has two of them. */
export const otherKustomizationNames: readonly string[] = ['kustomization.yml', 'Kustomization'];

/**
 * The layered baseline of a namespace as files: a policy each, in the order of the layers, and last the kustomization that
 * lists them. The sixth layer is what the namespace's own manifests show beyond the first five.
 */
export function baselineFiles(context: BaselineContext): readonly BaselineFile[] {
  const { namespace, profile } = context;
  const files = layersFor(shownIn(context), profile).flatMap(({ name, template, ports = [] }) => {
    const found = templateNamed(template);
    const given = ports.length === 0 ? {} : { ports: ports.join(',') };
    const values = { namespace, podLabels: undefined, profile, given };
    return found === undefined ? [] : [{ name: `${name}.yaml`, text: renderTemplate(found, values) }];
  });
  return [...files, { name: kustomizationName, text: kustomization(context, files) }];
}

/** Which layer the baseline goes without, and why, in a sentence. */
export function leftOut(context: BaselineContext): string | undefined {
  return shownIn(context).entryPorts === undefined
    ? `${ingressLayer} is left out: no Ingress, Gateway route or OpenShift Route of the manifests leads to ${context.namespace}. If the ingress controller is to reach its pods, add the template ${ingressTemplate} with their ports.`
    : undefined;
}

const ingressLayer = '30-allow-ingress-controller';
const ingressTemplate = 'allow-ingress-controller';

function shownIn({ namespace, profile, scope }: BaselineContext): Shown {
  return shownBy(scope, refOf(scope, namespace), profile);
}

function layersFor(shown: Shown, profile: ClusterProfile): readonly Layer[] {
  return [
    { name: '00-default-deny', template: 'default-deny-all' },
    { name: '10-allow-dns', template: 'allow-dns-egress' },
    { name: '20-allow-intra-namespace', template: 'allow-intra-namespace' },
    ...(shown.entryPorts === undefined
      ? []
      : [{ name: ingressLayer, template: ingressTemplate, ports: shown.entryPorts }]),
    { name: '40-allow-prometheus-scrape', template: 'allow-prometheus-scrape', ports: shown.metricsPorts },
    ...applicationLayer(shown, profile),
  ];
}

/** Where what applications need beyond their namespace comes in. */
function applicationLayer(shown: Shown, profile: ClusterProfile): readonly Layer[] {
  // A pod's own node is exempt by the API's text: its addresses are named only where the plugin is not known to hold to it.
  const probes = shown.probePorts.length > 0 && profile.nodeCidrs.length > 0;
  return [
    ...(probes ? [{ name: '50-allow-kubelet-probes', template: 'allow-kubelet-probes', ports: shown.probePorts }] : []),
    ...(shown.ambient
      ? [
          { name: '60-allow-ambient-hbone', template: 'allow-ambient-hbone' },
          { name: '61-allow-ambient-hbone-egress', template: 'allow-ambient-hbone-egress' },
          { name: '62-allow-ambient-probes', template: 'allow-ambient-probes' },
        ]
      : []),
  ];
}

/** The namespace as the scope knows it. */
function refOf(scope: Scope | undefined, name: string): NamespaceRef {
  const known = [...(scope?.namespaces.values() ?? [])].find(({ ref }) => ref.name === name);
  return known?.ref ?? { key: name, name };
}

function kustomization(context: BaselineContext, files: readonly BaselineFile[]): string {
  const { namespace } = context;
  const without = leftOut(context);
  const object = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace,
    resources: files.map(({ name }) => name),
  };
  const note = without === undefined ? '' : `# ${without}\n`;
  return `# The layered baseline of the namespace: apply it with kubectl apply -k.\n${note}${renderYaml(object)}`;
}

/** Whether this can be the name of a namespace: an RFC 1123 label. */
export function isNamespaceName(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text);
}
