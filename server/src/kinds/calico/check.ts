import { removeEntry } from '../../text/edits.js';
import { editOnly } from '../../text/fix.js';
import { formatPath } from '../../text/paths.js';
import {
  entryOf,
  isNull,
  keySpan,
  keyText,
  spanOf,
  stringOf,
  valueAt,
  type YamlMap,
  type YamlNode,
  type YamlPath,
} from '../../text/tree.js';
import { checkLimits } from '../cluster/limits.js';
import { itemsOf } from '../entry.js';
import type { ObjectField } from '../field.js';
import { checkMetadata } from '../kubernetes/check-metadata.js';
import { subdomainProblem } from '../kubernetes/names.js';
import type { Problem } from '../problem.js';
import { checkStructure, placeOf } from '../structure.js';
import { checkAnnotations, checkRule } from './check-rule.js';
import { checkSelector } from './check-selector.js';
import { explainMixUp } from './mix-ups.js';
import { type CalicoPolicyKind, isGlobal, isRaw, isTrue } from './read.js';

/** Names, types and limits, which the schemas of both API groups have. */
export function checkShape(object: YamlMap, kind: string, fields: ObjectField): readonly Problem[] {
  return [
    ...checkStructure(object, fields).map((problem) => explainMixUp(object, problem)),
    ...checkLimits(object, fields).map((problem) => sinceCrds(object, problem)),
    ...checkMetadata(object, kind),
    ...checkAnnotations(valueAt(valueAt(object, 'metadata'), 'annotations'), ['metadata', 'annotations']),
  ];
}

/** How many and how long: limits of the CRDs' schemas, which the API server of Calico before 3.32 does not have. */
const limited = /^(?:nets|notNets|ports|notPorts|names|ingress|egress|expectedIPs|profiles|.*[sS]elector)$/;

function sinceCrds(object: YamlMap, problem: Problem): Problem {
  const { path, rule, message } = problem;
  const key = path.findLast((step) => typeof step === 'string') ?? '';
  const noTypes = key === 'types' && path.at(-1) === key && itemsOf(valueAt(valueAt(object, 'spec'), key)).length === 0;
  if (rule !== 'invalid-value' || !(limited.test(key) || (noTypes && !isRaw(object)))) return problem;
  return { ...problem, severity: 'warning', message: `${message} Calico before 3.32 may take it.` };
}

/** What cannot be read among addresses may be left out, and the rest of the rule stay. Source: FACTS A3.0. */
function inCrd({ rule }: Problem): string {
  const then =
    rule === 'invalid-cidr'
      ? 'Calico may then ignore the object, or leave this out: a rule that has no other address is then about every one'
      : 'Calico then ignores the object';
  return `In crd.projectcalico.org/v1 the API server may take it all the same; ${then}.`;
}

/** What Calico's own validation says, which stands before projectcalico.org/v3 and behind crd.projectcalico.org/v1. */
export function byCalico(object: YamlMap, problems: readonly Problem[]): readonly Problem[] {
  if (!isRaw(object)) return problems;
  return problems.map((problem) => ({ ...problem, message: `${problem.message} ${inCrd(problem)}` }));
}

/**
 * Every reason why Calico would refuse a policy. What some supported version takes is no error: names within tiers, named
 * ports without a protocol. Source: libcalico-go validator/v3 validator.go, CEL of the CRDs; FACTS A3.2.
 */
export function checkCalicoPolicy(object: YamlMap, kind: CalicoPolicyKind, fields: ObjectField): readonly Problem[] {
  const spec = valueAt(object, 'spec');
  const global = isGlobal(kind);
  return [
    ...checkShape(object, kind, fields),
    ...byCalico(object, [
      ...(isRaw(object) ? [] : checkName(object, kind)),
      ...checkSelector(spec, 'selector', ['spec'], 'nowhere'),
      ...checkSelector(spec, 'serviceAccountSelector', ['spec'], 'nowhere'),
      ...(global ? checkSelector(spec, 'namespaceSelector', ['spec'], 'nowhere') : []),
      ...(global ? checkHostFlags(spec) : []),
      ...checkStagedDelete(spec),
      ...(['ingress', 'egress'] as const).flatMap((direction) =>
        itemsOf(valueAt(spec, direction)).flatMap((rule, index) =>
          rule.kind === 'map' ? checkRule(rule, ['spec', direction, index], { direction, global }) : [],
        ),
      ),
    ]),
  ];
}

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const policyName = new RegExp(`^(${label}\\.)?${label}$`);

/** A name, or a tier's name, a dot and a name. Source: libcalico-go validator, the family of nameRegex. */
function checkName(object: YamlMap, kind: CalicoPolicyKind): readonly Problem[] {
  const entry = entryOf(valueAt(object, 'metadata'), 'name');
  const name = stringOf(entry?.value);
  if (entry === undefined || name === undefined || subdomainProblem(name) !== undefined || policyName.test(name))
    return [];
  if (!isGlobal(kind) && /^(?:knp\.default|ossg\.default)\./.test(name)) return [];
  return [
    {
      rule: 'invalid-name',
      path: ['metadata', 'name'],
      at: placeOf(entry),
      message: `metadata.name: "${name}" cannot be the name of a ${kind}: it may hold one dot, behind the name of its tier.`,
    },
  ];
}

/** CEL of GlobalNetworkPolicy. */
function checkHostFlags(spec: YamlNode | undefined): readonly Problem[] {
  const [preDNAT, doNotTrack] = [entryOf(spec, 'preDNAT'), entryOf(spec, 'doNotTrack')];
  const problems: Problem[] = [];
  const refuse = (path: YamlPath, at: Problem['at'], why: string) =>
    problems.push({ rule: 'invalid-value', path, at, message: `${formatPath(path)}: ${why}` });
  const before = preDNAT !== undefined && isTrue(preDNAT.value);
  const untracked = doNotTrack !== undefined && isTrue(doNotTrack.value);
  if (before && untracked)
    refuse(['spec', 'doNotTrack'], keySpan(doNotTrack), 'preDNAT and doNotTrack exclude each other. Keep one of them.');
  const forward = entryOf(spec, 'applyOnForward');
  const forwardKnown =
    spec?.kind === 'map' && !spec.incomplete && (forward?.value.kind !== 'scalar' || !forward.value.opaque);
  const flag = before ? preDNAT : untracked ? doNotTrack : undefined;
  if (flag !== undefined && forwardKnown && !isTrue(forward?.value)) {
    const why = `${keyText(flag)} needs applyOnForward: true, since such policies judge forwarded traffic as well. Write it.`;
    refuse(['spec', 'applyOnForward'], keySpan(forward ?? flag), why);
  }
  if (!before) return problems;
  const egress = entryOf(spec, 'egress');
  if (egress !== undefined && itemsOf(egress.value).length > 0)
    refuse(
      ['spec', 'egress'],
      keySpan(egress),
      'a preDNAT policy judges what comes in only, and may have no egress rules.',
    );
  for (const [index, type] of itemsOf(valueAt(spec, 'types')).entries()) {
    if (stringOf(type) !== 'Egress') continue;
    refuse(['spec', 'types', index], spanOf(type), 'a preDNAT policy judges what comes in only. Remove Egress.');
  }
  return problems;
}

/** A policy that is to be deleted says nothing else. Source: validator validateStagedNetworkPolicy. */
function checkStagedDelete(spec: YamlNode | undefined): readonly Problem[] {
  const action = valueAt(spec, 'stagedAction');
  if (spec?.kind !== 'map' || action === undefined || stringOf(action) !== 'Delete') return [];
  const stray = spec.entries.find(
    (entry) => !['tier', 'stagedAction'].includes(keyText(entry)) && !isEmpty(entry.value) && !entry.key.opaque,
  );
  if (stray === undefined) return [];
  const path = ['spec', keyText(stray)];
  return [
    {
      rule: 'invalid-value',
      path,
      at: keySpan(stray),
      message: `${formatPath(path)}: with stagedAction Delete, nothing but the tier may be given. Remove it.`,
      related: [{ at: spanOf(action), message: 'the policy is to be deleted' }],
      fixes: [{ title: `Remove ${keyText(stray)}`, changes: () => editOnly(removeEntry(spec, stray)) }],
    },
  ];
}

function isEmpty(node: YamlNode): boolean {
  if (node.kind !== 'scalar') return node.kind === 'sequence' && node.items.length === 0;
  return isNull(node) || node.opaque || node.value === '' || node.value === false;
}
