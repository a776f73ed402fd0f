import { type Field, list, type ObjectField, object, oneOf, stringMap, value } from '../kinds/field.js';
import { cniProfiles } from '../model/cni.js';
import { ingressControllers } from '../model/profile.js';

/** A rule, as far as its configuration goes: it has a name and a line that says what it finds. */
export interface ConfigurableRule {
  readonly id: string;
  readonly summary: string;
}

export const ruleSettings = ['off', 'hint', 'info', 'warning', 'error'] as const;

/**
 * All that a person can configure. From this one tree come the reading of `.netpol.yaml` and of an editor's settings, what
 * is said of them and offered in them, the JSON Schema, VS Code's settings and the table in docs/configuration.md.
 * Without rules, any rule's name is taken.
 */
export function settingsFields(rules: readonly ConfigurableRule[] = []): ObjectField {
  return object('What netpol is told of the cluster, the files and the rules.', {
    cni: value(
      'string',
      'Which network plugin enforces the policies. They differ: in whether an `ipBlock` matches pods, in what they support, and some enforce nothing. Findings and verdicts follow the one named here.',
      {
        allowed: ['auto', ...cniProfiles.map(({ name }) => name)],
        allowedDocs: [
          'Taken from the manifests that are applied together with a policy, where a plugin’s DaemonSet is among them; else the API’s own text.',
          ...cniProfiles.map(({ about }) => about),
        ],
        default: 'auto',
      },
    ),
    cniVersion: value(
      'string',
      'The version of the network plugin, such as `"1.17"`, for what not every version of it supports.',
      { format: 'version', absent: 'taken from the image of the plugin that is found in the manifests' },
    ),
    kubernetesVersion: value(
      'string',
      'The cluster’s Kubernetes version, such as `"1.31"`: what it does not have yet, or refuses, is reported as such.',
      { format: 'version', absent: 'unknown: what only some servers refuse is a warning' },
    ),
    cluster: object('Facts of the cluster that no manifest tells.', clusterFields()),
    rules: object(
      'How rules report, by their names: `off`, `hint`, `info`, `warning` or `error`. To silence one place only, put `# netpol-disable-next-line NAME` above it.',
      Object.fromEntries(rules.map(({ id, summary }) => [id, severity(summary)])),
      { rest: severity('How this rule reports.'), absent: 'each rule’s own severity' },
    ),
    include: patterns('Files and folders that are read; nothing else is.', 'all manifests'),
    exclude: patterns('Files and folders that are left out. What `.gitignore` names is left out already.', 'nothing'),
    scopes: list(
      'What is applied to one cluster, where the folders do not tell: in a repository of many clusters, one entry for each.',
      object(
        'Files that are applied together. They may be part of several scopes.',
        {
          name: value('string', 'How findings and lists call it.'),
          include: patterns('Files and folders that belong to it.'),
          exclude: patterns('Those among them that do not.', 'nothing'),
        },
        { required: ['name', 'include'] },
      ),
      { absent: 'each kustomization, each Helm chart, and the rest of each workspace folder' },
    ),
    helm: object('How Helm charts are read. `helm` is only run in a workspace that is trusted.', {
      render: value(
        'boolean',
        'Whether charts are rendered with `helm template`, where `helm` is installed. Else templates are read as they are written, and what an action prints is not known.',
        { default: true },
      ),
      values: object(
        'With which files of values charts are rendered: lists of files by the chart’s folder, as a pattern in the syntax of `.gitignore` from the workspace folder.',
        {},
        {
          rest: list(
            'Each entry gives one rendering, and findings say which: a file, or a list of files of which later ones win. Paths are from the chart’s folder.',
            oneOf('', value('string', ''), list('', value('string', ''))),
          ),
          absent: 'the chart’s own `values.yaml`',
        },
      ),
      kubeVersion: value('string', 'The Kubernetes version that charts are told, such as `"1.31"`.', {
        format: 'version',
        absent: '`kubernetesVersion`, else what `helm` takes by default',
      }),
    }),
  });
}

function clusterFields(): Readonly<Record<string, Field>> {
  const controllers = Object.entries(ingressControllers);
  const known = value('string', 'An ingress controller or gateway as it is usually installed.', {
    allowed: controllers.map(([name]) => name),
    allowedDocs: controllers.map(([, { title, namespace }]) => `${title}, in namespace ${namespace}.`),
  });
  const controller = podsField('the ingress controller or gateway', { required: ['namespace'] });
  const one = oneOf('Its known name, or a map that says where it runs.', known, controller);
  return {
    podCIDRs: cidrs(
      'The address ranges of the pods. With them, a block of addresses that covers pods is pointed out, and a block is known to take them in, or not, where the network plugin compares addresses.',
    ),
    serviceCIDRs: cidrs(
      'The address ranges of the services. With them, a block that names a service address is pointed out: policies see the pods behind it.',
    ),
    nodeCIDRs: cidrs(
      'The address ranges of the nodes, from which probes and host-network pods connect. With Cilium no block of addresses matches these, and its entities do.',
    ),
    apiServer: cidrs(
      'The addresses of the API server’s endpoints, behind its service: with Cilium, what the entity kube-apiserver means.',
    ),
    dns: podsField('the cluster’s DNS', {
      more: {
        ports: list(
          'The ports on which these pods listen: 53, or 5353 on OpenShift.',
          value('integer', '', { minimum: 1, maximum: 65535 }),
        ),
      },
      absent: 'pods `k8s-app: kube-dns` in `kube-system` on port 53; OpenShift’s DNS on 5353 is known as well',
    }),
    nodeLocalDNS: oneOf(
      'Whether pods ask NodeLocal DNSCache: `true` for its usual address 169.254.20.10, or the address it has.',
      value('boolean', '', { default: false }),
      value('string', '', { format: 'address' }),
    ),
    istioAmbient: value(
      'boolean',
      'Pods speak through Istio’s ambient mesh, wherever no label says otherwise: policies see port 15008.',
      { default: false },
    ),
    ingressControllers: {
      ...oneOf(
        'The controllers that serve Ingresses and routes. Standard policies and quick fixes allow the first.',
        list('', one),
        known,
        controller,
      ),
      absent: 'ingress-nginx',
    },
    ingressController: { ...one, doc: 'The former name of `ingressControllers`, for one.', former: true },
    monitoring: podsField('the monitoring that scrapes metrics', {
      absent: 'pods `app.kubernetes.io/name: prometheus` in `monitoring`',
    }),
  };
}

function podsField(
  what: string,
  { more, ...facts }: { more?: Readonly<Record<string, Field>>; required?: readonly string[]; absent?: string },
): ObjectField {
  return object(
    `Where ${what} runs.`,
    {
      namespace: value('string', `The namespace of ${what}.`),
      labels: stringMap(`The labels of the pods of ${what}.`),
      namespaceLabels: {
        ...stringMap('Labels of the namespace to choose it by.'),
        absent: 'kubernetes.io/metadata.name',
      },
      ...more,
    },
    facts,
  );
}

function severity(doc: string): Field {
  return value('string', doc, { allowed: ruleSettings });
}

function cidrs(doc: string): Field {
  return list(doc, value('string', 'An address range, such as 10.244.0.0/16.', { format: 'cidr' }), {
    absent: 'unknown',
  });
}

function patterns(doc: string, absent?: string): Field {
  return list(
    `${doc} In the syntax of \`.gitignore\`, from the workspace folder.`,
    value('string', 'A pattern such as `**/testdata/**`.'),
    absent === undefined ? {} : { absent },
  );
}
