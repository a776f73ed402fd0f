import { nearest } from '../kinds/nearest.js';
import type { RequirementSource } from '../model/peer.js';
import { type Labels, matches } from '../model/selector.js';
import type { Place } from '../model/workload.js';
import { identityKeys } from './well-known.js';

/** Something with labels that a selector could have meant: a workload's pods, or a namespace. */
export interface Labelled {
  readonly name: string;
  readonly labels: Labels;
  /** Where a label stands in the text, or what carries it. */
  placeOf(key: string): Place;
}

/** One label that a selector should perhaps have asked for. */
export interface Suggestion {
  readonly requirement: RequirementSource;
  /** Which part of the requirement is taken for a slip. */
  readonly part: 'key' | 'value';
  /** Place in the requirement's values of the one to change. */
  readonly valueIndex: number;
  readonly key: string;
  readonly value: string;
  /** What the selector would match with this label; never empty. */
  readonly matched: readonly Labelled[];
}

/**
 * The nearest label that would make a selector match something: a value of the same key that is spelt nearly alike, else
 * the same value under another key. Only one requirement is changed; all the others must hold already.
 */
export function suggestLabel(
  requirements: readonly RequirementSource[],
  candidates: readonly Labelled[],
): Suggestion | undefined {
  for (const suggest of [otherValue, otherKey]) {
    for (const requirement of requirements) {
      const rest = matchingRest(requirement, requirements, candidates);
      const found = rest.length === 0 ? undefined : suggest(requirement, rest, requirements);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The one requirement without which the selector would match something; undefined when there is no such, or several. */
export function requirementAtFault(
  requirements: readonly RequirementSource[],
  candidates: readonly Labelled[],
): RequirementSource | undefined {
  if (requirements.length === 1) return requirements[0];
  const alone = requirements.filter((each) => matchingRest(each, requirements, candidates).length > 0);
  return alone.length === 1 ? alone[0] : undefined;
}

/** The value that is asked for where the key is known, else the key. */
export function placeOfFault(requirement: RequirementSource, candidates: readonly Labelled[]): Place {
  const known = candidates.some(({ labels }) => labels.has(requirement.key));
  const [value, ...more] = requirement.values;
  return known && value !== undefined && more.length === 0 ? value.at : requirement.keyAt;
}

function matchingRest(
  requirement: RequirementSource,
  requirements: readonly RequirementSource[],
  candidates: readonly Labelled[],
): readonly Labelled[] {
  return candidates.filter(({ labels }) =>
    requirements.every((each) => each === requirement || matches(each.selector, labels)),
  );
}

function otherValue(requirement: RequirementSource, rest: readonly Labelled[]): Suggestion | undefined {
  if (requirement.selector.op !== 'In') return undefined;
  const { key } = requirement;
  const present = new Set(rest.map(({ labels }) => labels.get(key)).filter((value) => value !== undefined));
  for (const [valueIndex, { value }] of requirement.values.entries()) {
    const likely = [...present].filter((each) => isSlip(value, each));
    const meant = nearest(value, likely) ?? likely.find((each) => isTransposed(value, each));
    if (meant === undefined) continue;
    const matched = rest.filter(({ labels }) => labels.get(key) === meant);
    return { requirement, part: 'value', valueIndex, key, value: meant, matched };
  }
  return undefined;
}

function otherKey(
  requirement: RequirementSource,
  rest: readonly Labelled[],
  requirements: readonly RequirementSource[],
): Suggestion | undefined {
  const [first, ...more] = requirement.values;
  if (requirement.selector.op !== 'In' || first === undefined || more.length > 0) return undefined;
  const { value } = first;
  const asked = new Set(requirements.map(({ key }) => key));
  const keys = new Set(
    rest.flatMap(({ labels }) =>
      [...labels].filter(([key, each]) => each === value && !asked.has(key)).map(([key]) => key),
    ),
  );
  // A key of another project's domain is set by its operator, on pods that no manifest shows.
  if (requirement.key.includes('/') && !/(^|\.)kubernetes\.io\//.test(requirement.key)) return undefined;
  const likely = [...keys].filter((key) => isTelling(value) || sameMeaning(requirement.key, key));
  const key = identityKeys.find((each) => likely.includes(each)) ?? likely[0];
  if (key === undefined) return undefined;
  const matched = rest.filter(({ labels }) => labels.get(key) === value);
  return { requirement, part: 'key', valueIndex: 0, key, value, matched };
}

/** Names that differ in their numbers alone are different things (`db-1`, `db-2`); so are most words of three letters. */
function isSlip(text: string, meant: string): boolean {
  if (text.toLowerCase() === meant.toLowerCase()) return true;
  if (/\d/.test(text + meant) && withoutNumbers(text) === withoutNumbers(meant)) return false;
  // So do those that differ in a last single letter: `team-a`, `shard-b`.
  if (/[-_.]\w$/.test(text) && /[-_.]\w$/.test(meant) && text.slice(0, -1) === meant.slice(0, -1)) return false;
  return Math.min(text.length, meant.length) > 3 || (text.length !== meant.length && text.length > 2);
}

/** Two letters side by side have changed places: `pord` for `prod`. */
export function isTransposed(text: string, meant: string): boolean {
  if (text.length !== meant.length) return false;
  const at = [...text].findIndex((letter, index) => letter !== meant[index]);
  if (at < 0) return false;
  return text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2) === meant;
}

function withoutNumbers(text: string): string {
  return text.replace(/[-_.]?\d+/g, '');
}

/** Says what something is, rather than yes or no, which release or which stage. */
function isTelling(value: string): boolean {
  return (
    value.length > 1 &&
    !/^(?:true|false|yes|no|on|off|y|n|enabled|disabled|allow|allowed|deny|denied|any|all|none|v?\d[\w.-]*|prod|production|dev|develop|development|stag|stage|staging|test|testing|qa|preprod|default|helm|latest|stable|canary|public|private|internal|external|restricted|baseline|privileged)$/i.test(
      value,
    )
  );
}

/** `component` and `app.kubernetes.io/component`, `App` and `app`, `teir` and `tier`; a namespace's name by any word. */
function sameMeaning(key: string, other: string): boolean {
  const last = (text: string) => text.slice(text.lastIndexOf('/') + 1).toLowerCase();
  if (other === 'kubernetes.io/metadata.name' && /^(?:metadata\.)?(?:name|namespace|ns)$/.test(last(key))) return true;
  if (last(key) === last(other) || nearest(key, [other]) !== undefined) return true;
  return isTransposed(last(key), last(other));
}
