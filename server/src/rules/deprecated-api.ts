import { isSuperseded, migrateToClusterNetworkPolicy } from '../kinds/cluster/migrate.js';
import { supportIn } from '../model/cni.js';
import { documentBehind } from '../text/document.js';
import { replaceScalar } from '../text/edits.js';
import { editOnly } from '../text/fix.js';
import { spanOf, stringOf, valueAt } from '../text/tree.js';
import { definePolicyRule, type Finding, type PolicyContext, type RulePage } from './rule.js';

export const deprecatedApi = definePolicyRule({
  id: 'deprecated-api',
  group: 'API validity',
  severity: 'info',
  summary: 'A version of the API that servers no longer offer, or that has a successor.',
  alone: true,
  evenUncertain: true,
  check,
});

export const deprecatedApiPage: RulePage = {
  what: `Reports AdminNetworkPolicy and BaselineAdminNetworkPolicy (\`policy.networking.k8s.io/v1alpha1\`), as information: ClusterNetworkPolicy v1alpha2 replaces both since bundle v0.2.0 of the Network Policy API. The fix rewrites the policy, with its names, comments and order; where it cannot, the message says why.

Reports NetworkPolicy of \`extensions/v1beta1\`, as a warning. The fix changes \`apiVersion\` to \`networking.k8s.io/v1\`, where it means the same. Unrendered templates are left alone: they often hold both versions.

Reports policies of \`crd.projectcalico.org/v1\`, as information: that is how Calico keeps its objects. Nothing fills in defaults there, and what \`projectcalico.org/v3\` would refuse is stored. Not in what \`netpol snapshot\` took from a cluster.`,
  why: `Plugins drop the old kinds: Calico 3.32 reads ClusterNetworkPolicy only, and Cilium never read any other. A policy that no plugin reads is stored without complaint, and protects nothing. Apply the new policy before you delete the old one, and look at the plugin's release notes first: one that only knows v1alpha1 ignores v1alpha2.

\`extensions/v1beta1\` is not served since Kubernetes 1.16: the object is refused.`,
  bad: `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata:
  name: monitoring
spec:
  priority: 10
  subject:
    namespaces: {}
  ingress:
    - action: Allow
      from:
        - namespaces:
            matchLabels:
              kubernetes.io/metadata.name: monitoring
      ports:
        - portNumber:
            protocol: TCP
            port: 9090
`,
  good: `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata:
  name: monitoring
spec:
  tier: Admin
  priority: 10
  subject:
    namespaces: {}
  ingress:
    - action: Accept
      from:
        - namespaces:
            matchLabels:
              kubernetes.io/metadata.name: monitoring
      protocols:
        - tcp:
            destinationPort:
              number: 9090
`,
  references: [
    'https://network-policy-api.sigs.k8s.io/api-overview/',
    'https://kubernetes.io/docs/reference/using-api/deprecation-guide/#v1-16',
  ],
};

function* check({ policy, profile, scope }: PolicyContext): Iterable<Finding> {
  const { resource, value } = policy;
  const apiVersion = valueAt(resource.node, 'apiVersion');
  const text = stringOf(apiVersion);
  if (apiVersion !== undefined && text !== undefined && resource.kind.formerVersions?.includes(text) === true) {
    const [current] = resource.kind.apiVersions;
    if (current === undefined || documentBehind(apiVersion.document)?.templated !== false) return;
    yield {
      at: spanOf(apiVersion),
      severity: 'warning',
      message: `No server offers ${text} since Kubernetes 1.16, so the object is refused. Write ${current}: it means the same.`,
      fixes: [
        {
          title: `Change to ${current}`,
          preferred: true,
          safe: true,
          changes: () => editOnly(replaceScalar(apiVersion, current)),
        },
      ],
    };
  }
  if (text === 'crd.projectcalico.org/v1' && apiVersion !== undefined) {
    // What a cluster holds nobody applies.
    if (scope.kind === 'snapshot') return;
    yield {
      at: spanOf(apiVersion),
      message: `crd.projectcalico.org/v1 is how Calico keeps its objects, not an API to write: nothing fills in defaults there (without \`types\` a policy is about both directions), and little is checked. Apply projectcalico.org/v3, by calicoctl or Calico's API server.`,
    };
    return;
  }
  // A plugin that is known not to read the new kind would drop the policy after the migration.
  if (!isSuperseded(resource) || supportIn(profile.cni.clusterPolicies, profile.cniVersion) === 'no') return;
  const { changes, notes } = migrateToClusterNetworkPolicy(resource) ?? { changes: undefined, notes: [] };
  const how =
    changes === undefined
      ? 'netpol cannot rewrite this one.'
      : 'Migrate it once your plugin reads ClusterNetworkPolicy.';
  yield {
    at: value.kindAt,
    message: `${value.kind} v1alpha1 is superseded by ClusterNetworkPolicy v1alpha2, since bundle v0.2.0 of the Network Policy API, and plugins drop it. ${[how, ...notes].join(' ')}`,
    fixes: [
      {
        title: 'Migrate to ClusterNetworkPolicy v1alpha2',
        changes: () => migrateToClusterNetworkPolicy(resource)?.changes,
      },
    ],
  };
}
