import { allNamespacesPeer } from './all-namespaces-peer.js';
import { allowAllRule } from './allow-all-rule.js';
import { ambientHboneMissing } from './ambient-hbone-missing.js';
import { andOrAmbiguity } from './and-or-ambiguity.js';
import { apiServerIpBlock } from './api-server-ip-block.js';
import { baselineName } from './baseline-name.js';
import { cniDoesNotEnforce } from './cni-does-not-enforce.js';
import { cniLacksFeature } from './cni-lacks-feature.js';
import { deprecatedApi } from './deprecated-api.js';
import { dnsEgressMissing } from './dns-egress-missing.js';
import { dnsPortMismatch } from './dns-port-mismatch.js';
import { duplicateField } from './duplicate-field.js';
import { duplicateObject } from './duplicate-object.js';
import { expectationFailed } from './expectation-failed.js';
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
import { namespaceUnknown } from './namespace-unknown.js';
import { namespaceWidePeer } from './namespace-wide-peer.js';
import { neededConnectionBlocked } from './needed-connection-blocked.js';
import { nodeLocalDnsMissing } from './node-local-dns-missing.js';
import { oneSidedAllow } from './one-sided-allow.js';
import { peerMatchesNothing } from './peer-matches-nothing.js';
import { podCidrPeer } from './pod-cidr-peer.js';
import { policyWithoutEffect } from './policy-without-effect.js';
import { portNotExposed } from './port-not-exposed.js';
import { priorityConflict } from './priority-conflict.js';
import { probeBlocked } from './probe-blocked.js';
import { redundantRule } from './redundant-rule.js';
import type { RuleDefinition } from './rule.js';
import { rulesWithoutPolicyType } from './rules-without-policy-type.js';
import { selectorMatchesNothing } from './selector-matches-nothing.js';
import { serviceCidrPeer } from './service-cidr-peer.js';
import { servicePortNotTargetPort } from './service-port-not-target-port.js';
import { shadowedRule } from './shadowed-rule.js';
import { unknownField } from './unknown-field.js';
import { unusedSuppression } from './unused-suppression.js';
import { webhookBlocked } from './webhook-blocked.js';
import { worldOpenIngress } from './world-open-ingress.js';
import { wrongType } from './wrong-type.js';
import { yamlSyntax } from './yaml-syntax.js';

/** Every rule, in the order of the catalogue. A new rule adds its file and a line here. */
export const rules: readonly RuleDefinition[] = [
  // API validity
  baselineName,
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
  nodeLocalDnsMissing,
  ingressControllerBlocked,
  metricsScrapeBlocked,
  oneSidedAllow,
  probeBlocked,
  webhookBlocked,
  // Ports
  namedPortProtocolMismatch,
  namedPortUnresolved,
  portNotExposed,
  servicePortNotTargetPort,
  // Selectors
  hostNetworkPods,
  namespaceByCustomLabel,
  namespaceUnknown,
  peerMatchesNothing,
  selectorMatchesNothing,
  // Too wide
  allNamespacesPeer,
  allowAllRule,
  metadataServiceExposed,
  missingDefaultDeny,
  podCidrPeer,
  serviceCidrPeer,
  worldOpenIngress,
  // No effect
  apiServerIpBlock,
  kustomizationUnresolved,
  policyWithoutEffect,
  priorityConflict,
  redundantRule,
  rulesWithoutPolicyType,
  shadowedRule,
  // The cluster
  cniDoesNotEnforce,
  cniLacksFeature,
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
