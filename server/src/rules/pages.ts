import { allNamespacesPeerPage } from './all-namespaces-peer.js';
import { allowAllRulePage } from './allow-all-rule.js';
import { andOrAmbiguityPage } from './and-or-ambiguity.js';
import { baselineNamePage } from './baseline-name.js';
import { deprecatedApiPage } from './deprecated-api.js';
import { dnsEgressMissingPage } from './dns-egress-missing.js';
import { duplicateFieldPage } from './duplicate-field.js';
import { duplicateObjectPage } from './duplicate-object.js';
import { invalidCidrPage } from './invalid-cidr.js';
import { invalidEndPortPage } from './invalid-end-port.js';
import { invalidExceptPage } from './invalid-except.js';
import { invalidLabelPage } from './invalid-label.js';
import { invalidNamePage } from './invalid-name.js';
import { invalidNamedPortPage } from './invalid-named-port.js';
import { invalidPeerPage } from './invalid-peer.js';
import { invalidPortPage } from './invalid-port.js';
import { invalidProtocolPage } from './invalid-protocol.js';
import { invalidSelectorPage } from './invalid-selector.js';
import { invalidValuePage } from './invalid-value.js';
import { metadataServiceExposedPage } from './metadata-service-exposed.js';
import { missingDefaultDenyPage } from './missing-default-deny.js';
import { missingFieldPage } from './missing-field.js';
import { namedPortProtocolMismatchPage } from './named-port-protocol-mismatch.js';
import { namedPortUnresolvedPage } from './named-port-unresolved.js';
import { namespaceWidePeerPage } from './namespace-wide-peer.js';
import { oneSidedAllowPage } from './one-sided-allow.js';
import { peerMatchesNothingPage } from './peer-matches-nothing.js';
import { podCidrPeerPage } from './pod-cidr-peer.js';
import { policyWithoutEffectPage } from './policy-without-effect.js';
import { priorityConflictPage } from './priority-conflict.js';
import { probeBlockedPage } from './probe-blocked.js';
import { redundantRulePage } from './redundant-rule.js';
import type { RulePage } from './rule.js';
import { rulesWithoutPolicyTypePage } from './rules-without-policy-type.js';
import { selectorMatchesNothingPage } from './selector-matches-nothing.js';
import { serviceCidrPeerPage } from './service-cidr-peer.js';
import { servicePortNotTargetPortPage } from './service-port-not-target-port.js';
import { shadowedRulePage } from './shadowed-rule.js';
import { unknownFieldPage } from './unknown-field.js';
import { unusedSuppressionPage } from './unused-suppression.js';
import { wrongTypePage } from './wrong-type.js';
import { yamlSyntaxPage } from './yaml-syntax.js';

/** The page of each rule, by the rule's id. Imported by the command line and the generated docs, not by the server. */
export const rulePages: ReadonlyMap<string, RulePage> = new Map([
  ['all-namespaces-peer', allNamespacesPeerPage],
  ['allow-all-rule', allowAllRulePage],
  ['and-or-ambiguity', andOrAmbiguityPage],
  ['baseline-name', baselineNamePage],
  ['deprecated-api', deprecatedApiPage],
  ['dns-egress-missing', dnsEgressMissingPage],
  ['duplicate-field', duplicateFieldPage],
  ['duplicate-object', duplicateObjectPage],
  ['invalid-cidr', invalidCidrPage],
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
  ['metadata-service-exposed', metadataServiceExposedPage],
  ['missing-default-deny', missingDefaultDenyPage],
  ['missing-field', missingFieldPage],
  ['named-port-protocol-mismatch', namedPortProtocolMismatchPage],
  ['named-port-unresolved', namedPortUnresolvedPage],
  ['namespace-wide-peer', namespaceWidePeerPage],
  ['one-sided-allow', oneSidedAllowPage],
  ['peer-matches-nothing', peerMatchesNothingPage],
  ['pod-cidr-peer', podCidrPeerPage],
  ['policy-without-effect', policyWithoutEffectPage],
  ['priority-conflict', priorityConflictPage],
  ['probe-blocked', probeBlockedPage],
  ['redundant-rule', redundantRulePage],
  ['rules-without-policy-type', rulesWithoutPolicyTypePage],
  ['selector-matches-nothing', selectorMatchesNothingPage],
  ['service-cidr-peer', serviceCidrPeerPage],
  ['service-port-not-target-port', servicePortNotTargetPortPage],
  ['shadowed-rule', shadowedRulePage],
  ['unknown-field', unknownFieldPage],
  ['unused-suppression', unusedSuppressionPage],
  ['wrong-type', wrongTypePage],
  ['yaml-syntax', yamlSyntaxPage],
]);
