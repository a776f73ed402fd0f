import { clusterNamespaceMatches, dnsOf } from '../engine/dns.js';
import { directionOf } from '../engine/effective.js';
import type { Family, Policy } from '../model/policy.js';
import { isAll } from '../model/ports.js';
import type { ClusterPods, ClusterProfile } from '../model/profile.js';
import { equalsRequired, isEverything } from '../model/selector.js';
import { contentOf, type NamespaceRef, type Placed, type Scope } from '../workspace/scope.js';
import { templates } from './catalogue.js';
import { podPorts } from './shown.js';
import type { Template, TemplateValues } from './template.js';

/** A standard policy as it would be written at one place. */
export interface Offer {
  readonly template: Template;
  readonly values: TemplateValues;
  /** That of the policy under the cursor. */
  readonly family: Family | undefined;
  /** The namespace has a policy that does this already. */
  readonly present: boolean;
}

/** What the offers are filled in from. */
export interface OfferContext {
  readonly profile: ClusterProfile;
  readonly scope: Scope | undefined;
  readonly namespace: NamespaceRef | undefined;
  /** The policy under the cursor. */
  readonly policy: Placed<Policy> | undefined;
}

/** Every standard policy, filled in from the namespace, its workloads and the cluster profile. */
export function offersFor(context: OfferContext): readonly Offer[] {
  const values = valuesFor(context);
  return templates
    .filter((template) => suits(template, context))
    .map((template) => ({
      template,
      values: values(template),
      family: context.policy?.value.family,
      present: isPresent(template, context),
    }));
}

/**
 * None that has no effect with the plugin; of another plugin's kinds none where it is known which plugin there is, unless
 * such a policy is there.
 */
function suits({ family, insteadOfNodeAddresses }: Template, { profile, policy }: OfferContext): boolean {
  if (insteadOfNodeAddresses !== undefined && profile.cni.nodesOnlyBy !== undefined) return false;
  const own = profile.cni.ownFamily;
  return family === undefined || own === undefined || own === family || policy?.value.family === family;
}

function valuesFor({ profile, scope, namespace, policy }: OfferContext): (template: Template) => TemplateValues {
  const required = policy === undefined ? undefined : equalsRequired(policy.value.subject.pods);
  const podLabels = required === undefined || required.size === 0 ? undefined : required;
  const workloads = scope === undefined || namespace === undefined ? [] : contentOf(scope, namespace).workloads;
  const chosen = workloads.filter(({ value }) =>
    podLabels === undefined ? true : [...podLabels].every(([key, label]) => value.labels.get(key) === label),
  );
  const ports = podPorts(chosen.map(({ value }) => value));
  return (template) => ({
    // The namespace of the kustomization is left to the kustomization: only what is written in the policy is copied.
    namespace: policy === undefined ? namespace?.name : policy.value.namespace,
    podLabels: forSomePods.has(template.id) ? podLabels : undefined,
    profile,
    given: ports.length > 0 && takesPodPorts.has(template.id) ? { ports: ports.join(',') } : {},
  });
}

/** The layers of the baseline speak of every pod; these take the pods of the policy under the cursor. */
const forSomePods = new Set(['allow-ingress-controller', 'database-tier', 'allow-external-api', 'allow-api-server']);
const takesPodPorts = new Set(['allow-ingress-controller', 'allow-kubelet-probes', 'allow-from-namespace']);

function isPresent(template: Template, { profile, scope, namespace }: OfferContext): boolean {
  if (scope === undefined || namespace === undefined) return false;
  const policies = contentOf(scope, namespace).policies;
  if (policies.some((policy) => policy.value.name === template.id)) return true;
  const wide = policies.filter((policy) => isEverything(policy.value.subject.pods) && !policy.value.uncertain);
  const isolates = (direction: 'ingress' | 'egress') =>
    wide.some((policy) => policy.value.isolates.includes(direction));
  const fromPods = (pods: ClusterPods) =>
    directionOf('ingress', policies).allowances.some(
      ({ peer }) =>
        peer.kind === 'pods' &&
        !peer.namespaces.own &&
        clusterNamespaceMatches(scope, peer.namespaces.selector, pods) === 'yes',
    );
  const ownNamespace = (direction: 'ingress' | 'egress') =>
    directionOf(direction, wide).allowances.some(
      ({ peer, ports }) => peer.kind === 'pods' && peer.namespaces.own && isEverything(peer.pods) && isAll(ports),
    );
  switch (template.id) {
    case 'default-deny-all':
    case 'calico-default-deny':
    case 'cilium-default-deny':
      return isolates('ingress') && isolates('egress');
    case 'default-deny-ingress':
      return isolates('ingress');
    case 'default-deny-egress':
      return isolates('egress');
    case 'calico-allow-dns':
    case 'allow-dns-egress': {
      const egress = directionOf('egress', wide);
      const dns = dnsOf(scope, profile, egress);
      return egress.isolated && dns.udp === 'yes' && dns.tcp === 'yes';
    }
    case 'allow-intra-namespace':
    case 'namespace-isolation':
      return ownNamespace('ingress') && ownNamespace('egress');
    case 'allow-ingress-controller':
      return profile.ingressControllers.every(fromPods);
    case 'allow-prometheus-scrape':
      return fromPods(profile.monitoring);
    default:
      return false;
  }
}
