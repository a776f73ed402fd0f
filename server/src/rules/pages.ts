import { allNamespacesPeerPage } from './all-namespaces-peer.js';
import { allowAllRulePage } from './allow-all-rule.js';
import { allowOverridesNetworkPoliciesPage } from './allow-overrides-network-policies.js';
import { ambientHboneMissingPage } from './ambient-hbone-missing.js';
import { andOrAmbiguityPage } from './and-or-ambiguity.js';
import { apiServerIpBlockPage } from './api-server-ip-block.js';
import { baselineNamePage } from './baseline-name.js';
import { calicoSelectorSyntaxPage } from './calico-selector-syntax.js';
import { cidrNeverMatchesPodsPage } from './cidr-never-matches-pods.js';
import { cniDoesNotEnforcePage } from './cni-does-not-enforce.js';
import { cniLacksFeaturePage } from './cni-lacks-feature.js';
import { deprecatedApiPage } from './deprecated-api.js';
import { dnsEgressMissingPage } from './dns-egress-missing.js';
import { dnsPortMismatchPage } from './dns-port-mismatch.js';
import { duplicateFieldPage } from './duplicate-field.js';
import { duplicateObjectPage } from './duplicate-object.js';
import { endPortIgnoredPage } from './end-port-ignored.js';
import { entryAllowsNothingPage } from './entry-allows-nothing.js';
import { expectationFailedPage } from './expectation-failed.js';
import { fqdnWithoutDnsRulePage } from './fqdn-without-dns-rule.js';
import { hostNetworkPodsPage } from './host-network-pods.js';
import { ingressControllerBlockedPage } from './ingress-controller-blocked.js';
import { invalidCidrPage } from './invalid-cidr.js';
import { invalidConfigurationPage } from './invalid-configuration.js';
import { invalidEndPortPage } from './invalid-end-port.js';
import { invalidExceptPage } from './invalid-except.js';
import { invalidLabelPage } from './invalid-label.js';
import { invalidNamePage } from './invalid-name.js';
import { invalidNamedPortPage } from './invalid-named-port.js';
import { invalidPeerPage } from './invalid-peer.js';
import { invalidPortPage } from './invalid-port.js';
import { invalidProtocolPage } from './invalid-protocol.js';
import { invalidSelectorPage } from './invalid-selector.js';
import { invalidTestPage } from './invalid-test.js';
import { invalidValuePage } from './invalid-value.js';
import { kustomizationUnresolvedPage } from './kustomization-unresolved.js';
import { metadataServiceExposedPage } from './metadata-service-exposed.js';
import { metricsScrapeBlockedPage } from './metrics-scrape-blocked.js';
import { missingDefaultDenyPage } from './missing-default-deny.js';
import { missingFieldPage } from './missing-field.js';
import { namedPortProtocolMismatchPage } from './named-port-protocol-mismatch.js';
import { namedPortUnresolvedPage } from './named-port-unresolved.js';
import { namespaceByCustomLabelPage } from './namespace-by-custom-label.js';
import { namespaceLabelWithoutPrefixPage } from './namespace-label-without-prefix.js';
import { namespaceUnknownPage } from './namespace-unknown.js';
import { namespaceWidePeerPage } from './namespace-wide-peer.js';
import { neededConnectionBlockedPage } from './needed-connection-blocked.js';
import { needsCiliumSettingPage } from './needs-cilium-setting.js';
import { nodeLocalDnsMissingPage } from './node-local-dns-missing.js';
import { oneSidedAllowPage } from './one-sided-allow.js';
import { orderTiePage } from './order-tie.js';
import { passWithoutLaterTierPage } from './pass-without-later-tier.js';
import { peerMatchesNothingPage } from './peer-matches-nothing.js';
import { podCidrPeerPage } from './pod-cidr-peer.js';
import { policyWithoutEffectPage } from './policy-without-effect.js';
import { portNotExposedPage } from './port-not-exposed.js';
import { priorityConflictPage } from './priority-conflict.js';
import { probeBlockedPage } from './probe-blocked.js';
import { redundantRulePage } from './redundant-rule.js';
import { requestRulesVoidPage } from './request-rules-void.js';
import { reservedLabelMisspeltPage } from './reserved-label-misspelt.js';
import type { RulePage } from './rule.js';
import { rulesWithoutPolicyTypePage } from './rules-without-policy-type.js';
import { selectorMatchesNothingPage } from './selector-matches-nothing.js';
import { selectorSelectsEverythingPage } from './selector-selects-everything.js';
import { serviceCidrPeerPage } from './service-cidr-peer.js';
import { servicePortNotTargetPortPage } from './service-port-not-target-port.js';
import { shadowedRulePage } from './shadowed-rule.js';
import { tierUnknownPage } from './tier-unknown.js';
import { typesMissingPage } from './types-missing.js';
import { unknownFieldPage } from './unknown-field.js';
import { unusedSuppressionPage } from './unused-suppression.js';
import { webhookBlockedPage } from './webhook-blocked.js';
import { worldOpenIngressPage } from './world-open-ingress.js';
import { worldWhereFqdnMeantPage } from './world-where-fqdn-meant.js';
import { wrongTypePage } from './wrong-type.js';
import { yamlSyntaxPage } from './yaml-syntax.js';

/** The page of each rule, by the rule's id. Imported by the command line and the generated docs, not by the server. */
export const rulePages: ReadonlyMap<string, RulePage> = new Map([
  ['all-namespaces-peer', allNamespacesPeerPage],
  ['allow-all-rule', allowAllRulePage],
  ['ambient-hbone-missing', ambientHboneMissingPage],
  ['and-or-ambiguity', andOrAmbiguityPage],
  ['api-server-ip-block', apiServerIpBlockPage],
  ['baseline-name', baselineNamePage],
  ['calico-selector-syntax', calicoSelectorSyntaxPage],
  ['deprecated-api', deprecatedApiPage],
  ['cni-does-not-enforce', cniDoesNotEnforcePage],
  ['cni-lacks-feature', cniLacksFeaturePage],
  ['dns-egress-missing', dnsEgressMissingPage],
  ['dns-port-mismatch', dnsPortMismatchPage],
  ['duplicate-field', duplicateFieldPage],
  ['duplicate-object', duplicateObjectPage],
  ['host-network-pods', hostNetworkPodsPage],
  ['ingress-controller-blocked', ingressControllerBlockedPage],
  ['invalid-cidr', invalidCidrPage],
  ['invalid-configuration', invalidConfigurationPage],
  ['invalid-test', invalidTestPage],
  ['expectation-failed', expectationFailedPage],
  ['invalid-end-port', invalidEndPortPage],
  ['invalid-except', invalidExceptPage],
  ['invalid-label', invalidLabelPage],
  ['invalid-name', invalidNamePage],
  ['invalid-named-port', invalidNamedPortPage],
  ['invalid-peer', invalidPeerPage],
  ['invalid-port', invalidPortPage],
  ['invalid-protocol', invalidProtocolPage],
  ['invalid-selector', invalidSelectorPage],
  ['invalid-value', invalidValuePage],
  ['kustomization-unresolved', kustomizationUnresolvedPage],
  ['metadata-service-exposed', metadataServiceExposedPage],
  ['metrics-scrape-blocked', metricsScrapeBlockedPage],
  ['missing-default-deny', missingDefaultDenyPage],
  ['missing-field', missingFieldPage],
  ['named-port-protocol-mismatch', namedPortProtocolMismatchPage],
  ['named-port-unresolved', namedPortUnresolvedPage],
  ['namespace-by-custom-label', namespaceByCustomLabelPage],
  ['namespace-unknown', namespaceUnknownPage],
  ['namespace-wide-peer', namespaceWidePeerPage],
  ['needed-connection-blocked', neededConnectionBlockedPage],
  ['node-local-dns-missing', nodeLocalDnsMissingPage],
  ['one-sided-allow', oneSidedAllowPage],
  ['peer-matches-nothing', peerMatchesNothingPage],
  ['pod-cidr-peer', podCidrPeerPage],
  ['policy-without-effect', policyWithoutEffectPage],
  ['port-not-exposed', portNotExposedPage],
  ['priority-conflict', priorityConflictPage],
  ['probe-blocked', probeBlockedPage],
  ['redundant-rule', redundantRulePage],
  ['rules-without-policy-type', rulesWithoutPolicyTypePage],
  ['selector-matches-nothing', selectorMatchesNothingPage],
  ['service-cidr-peer', serviceCidrPeerPage],
  ['service-port-not-target-port', servicePortNotTargetPortPage],
  ['order-tie', orderTiePage],
  ['tier-unknown', tierUnknownPage],
  ['types-missing', typesMissingPage],
  ['shadowed-rule', shadowedRulePage],
  ['unknown-field', unknownFieldPage],
  ['unused-suppression', unusedSuppressionPage],
  ['webhook-blocked', webhookBlockedPage],
  ['allow-overrides-network-policies', allowOverridesNetworkPoliciesPage],
  ['pass-without-later-tier', passWithoutLaterTierPage],
  ['selector-selects-everything', selectorSelectsEverythingPage],
  ['world-open-ingress', worldOpenIngressPage],
  ['wrong-type', wrongTypePage],
  ['namespace-label-without-prefix', namespaceLabelWithoutPrefixPage],
  ['reserved-label-misspelt', reservedLabelMisspeltPage],
  ['world-where-fqdn-meant', worldWhereFqdnMeantPage],
  ['end-port-ignored', endPortIgnoredPage],
  ['cidr-never-matches-pods', cidrNeverMatchesPodsPage],
  ['entry-allows-nothing', entryAllowsNothingPage],
  ['request-rules-void', requestRulesVoidPage],
  ['fqdn-without-dns-rule', fqdnWithoutDnsRulePage],
  ['needs-cilium-setting', needsCiliumSettingPage],
  ['yaml-syntax', yamlSyntaxPage],
]);
