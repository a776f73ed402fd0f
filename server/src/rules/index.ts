import { allNamespacesPeer } from './all-namespaces-peer.js';
import { allowAllRule } from './allow-all-rule.js';
import { allowOverridesNetworkPolicies } from './allow-overrides-network-policies.js';
import { ambientHboneMissing } from './ambient-hbone-missing.js';
import { andOrAmbiguity } from './and-or-ambiguity.js';
import { apiServerIpBlock } from './api-server-ip-block.js';
import { baselineName } from './baseline-name.js';
import { calicoSelectorSyntax } from './calico-selector-syntax.js';
import { cidrNeverMatchesPods } from './cidr-never-matches-pods.js';
import { cniDoesNotEnforce } from './cni-does-not-enforce.js';
import { cniLacksFeature } from './cni-lacks-feature.js';
import { deprecatedApi } from './deprecated-api.js';
import { dnsEgressMissing } from './dns-egress-missing.js';
import { dnsPortMismatch } from './dns-port-mismatch.js';
import { duplicateField } from './duplicate-field.js';
import { duplicateObject } from './duplicate-object.js';
import { endPortIgnored } from './end-port-ignored.js';
import { entryAllowsNothing } from './entry-allows-nothing.js';
import { expectationFailed } from './expectation-failed.js';
import { fqdnWithoutDnsRule } from './fqdn-without-dns-rule.js';
import { hostNetworkPods } from './host-network-pods.js';
import { ingressControllerBlocked } from './ingress-controller-blocked.js';
import { invalidCidr } from './invalid-cidr.js';
import { invalidConfiguration } from './invalid-configuration.js';
import { invalidEndPort } from './invalid-end-port.js';
import { invalidExcept } from './invalid-except.js';
import { invalidLabel } from './invalid-label.js';
import { invalidName } from './invalid-name.js';
import { invalidNamedPort } from './invalid-named-port.js';
import { invalidPeer } from './invalid-peer.js';
import { invalidPort } from './invalid-port.js';
import { invalidProtocol } from './invalid-protocol.js';
import { invalidSelector } from './invalid-selector.js';
import { invalidTest } from './invalid-test.js';
import { invalidValue } from './invalid-value.js';
import { kustomizationUnresolved } from './kustomization-unresolved.js';
import { metadataServiceExposed } from './metadata-service-exposed.js';
import { metricsScrapeBlocked } from './metrics-scrape-blocked.js';
import { missingDefaultDeny } from './missing-default-deny.js';
import { missingField } from './missing-field.js';
import { namedPortProtocolMismatch } from './named-port-protocol-mismatch.js';
import { namedPortUnresolved } from './named-port-unresolved.js';
import { namespaceByCustomLabel } from './namespace-by-custom-label.js';
import { namespaceLabelWithoutPrefix } from './namespace-label-without-prefix.js';
import { namespaceUnknown } from './namespace-unknown.js';
import { namespaceWidePeer } from './namespace-wide-peer.js';
import { neededConnectionBlocked } from './needed-connection-blocked.js';
import { needsCiliumSetting } from './needs-cilium-setting.js';
import { nodeLocalDnsMissing } from './node-local-dns-missing.js';
import { oneSidedAllow } from './one-sided-allow.js';
import { orderTie } from './order-tie.js';
import { passWithoutLaterTier } from './pass-without-later-tier.js';
import { peerMatchesNothing } from './peer-matches-nothing.js';
import { podCidrPeer } from './pod-cidr-peer.js';
import { policyWithoutEffect } from './policy-without-effect.js';
import { portNotExposed } from './port-not-exposed.js';
import { priorityConflict } from './priority-conflict.js';
import { probeBlocked } from './probe-blocked.js';
import { redundantRule } from './redundant-rule.js';
import { requestRulesVoid } from './request-rules-void.js';
import { reservedLabelMisspelt } from './reserved-label-misspelt.js';
import type { RuleDefinition } from './rule.js';
import { rulesWithoutPolicyType } from './rules-without-policy-type.js';
import { selectorMatchesNothing } from './selector-matches-nothing.js';
import { selectorSelectsEverything } from './selector-selects-everything.js';
import { serviceCidrPeer } from './service-cidr-peer.js';
import { servicePortNotTargetPort } from './service-port-not-target-port.js';
import { shadowedRule } from './shadowed-rule.js';
import { tierUnknown } from './tier-unknown.js';
import { typesMissing } from './types-missing.js';
import { unknownField } from './unknown-field.js';
import { unusedSuppression } from './unused-suppression.js';
import { webhookBlocked } from './webhook-blocked.js';
import { worldOpenIngress } from './world-open-ingress.js';
import { worldWhereFqdnMeant } from './world-where-fqdn-meant.js';
import { wrongType } from './wrong-type.js';
import { yamlSyntax } from './yaml-syntax.js';

/** Every rule, in the order of the catalogue. A new rule adds its file and a line here. */
export const rules: readonly RuleDefinition[] = [
  // API validity
  baselineName,
  calicoSelectorSyntax,
  deprecatedApi,
  duplicateField,
  duplicateObject,
  invalidCidr,
  invalidEndPort,
  invalidExcept,
  invalidLabel,
  invalidName,
  invalidNamedPort,
  invalidPeer,
  invalidPort,
  invalidProtocol,
  invalidSelector,
  invalidValue,
  missingField,
  unknownField,
  wrongType,
  // AND or OR
  andOrAmbiguity,
  namespaceWidePeer,
  // Needed traffic
  neededConnectionBlocked,
  ambientHboneMissing,
  dnsEgressMissing,
  dnsPortMismatch,
  fqdnWithoutDnsRule,
  nodeLocalDnsMissing,
  ingressControllerBlocked,
  metricsScrapeBlocked,
  oneSidedAllow,
  probeBlocked,
  webhookBlocked,
  // Ports
  endPortIgnored,
  namedPortProtocolMismatch,
  namedPortUnresolved,
  portNotExposed,
  servicePortNotTargetPort,
  // Selectors
  hostNetworkPods,
  namespaceByCustomLabel,
  namespaceLabelWithoutPrefix,
  namespaceUnknown,
  peerMatchesNothing,
  reservedLabelMisspelt,
  selectorMatchesNothing,
  // Too wide
  allNamespacesPeer,
  allowAllRule,
  metadataServiceExposed,
  missingDefaultDeny,
  podCidrPeer,
  serviceCidrPeer,
  worldWhereFqdnMeant,
  allowOverridesNetworkPolicies,
  passWithoutLaterTier,
  selectorSelectsEverything,
  worldOpenIngress,
  // No effect
  apiServerIpBlock,
  cidrNeverMatchesPods,
  entryAllowsNothing,
  kustomizationUnresolved,
  requestRulesVoid,
  policyWithoutEffect,
  priorityConflict,
  redundantRule,
  rulesWithoutPolicyType,
  orderTie,
  shadowedRule,
  typesMissing,
  tierUnknown,
  // The cluster
  cniDoesNotEnforce,
  cniLacksFeature,
  needsCiliumSetting,
  // netpol itself
  invalidConfiguration,
  invalidTest,
  expectationFailed,
  unusedSuppression,
  yamlSyntax,
];

const byId = new Map(rules.map((rule) => [rule.id, rule]));

export function ruleNamed(id: string): RuleDefinition | undefined {
  return byId.get(id);
}

export { unusedSuppression, yamlSyntax };
