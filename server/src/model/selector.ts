import { type Answer, all, and, any, not, or } from './three.js';

export type Labels = ReadonlyMap<string, string>;

/**
 * A boolean expression over labels; every family of policy reads its selectors into it.
 *
 * On a missing key `In`, `Exists`, `StartsWith`, `EndsWith` and `Contains` are false, `NotIn` and `DoesNotExist` are true.
 * `And` of nothing holds for everything, `Or` of nothing for nothing, as do `NotIn` and `In` without values.
 */
export type Selector =
  | { readonly op: 'All' }
  | { readonly op: 'In' | 'NotIn'; readonly key: string; readonly values: readonly string[] }
  | { readonly op: 'Exists' | 'DoesNotExist'; readonly key: string }
  | { readonly op: 'StartsWith' | 'EndsWith' | 'Contains'; readonly key: string; readonly value: string }
  | { readonly op: 'And' | 'Or'; readonly terms: readonly Selector[] }
  | { readonly op: 'Not'; readonly term: Selector };

export const everything: Selector = { op: 'All' };
export const nothing: Selector = { op: 'Not', term: everything };

/** What satisfies `a` and `b`. Flat, without repeated terms; `everything` and `nothing` are absorbed. */
export function both(a: Selector, b: Selector): Selector {
  return join('And', [a, b]);
}

/** What satisfies each of these, as `both` has it; `everything` where there are none. */
export function allOfThem(selectors: readonly Selector[]): Selector {
  return join('And', selectors);
}

/** What satisfies `a` or `b`. Flat, without repeated terms; `everything` and `nothing` are absorbed. */
export function either(a: Selector, b: Selector): Selector {
  return join('Or', [a, b]);
}

/** What satisfies one of these at least, flat as well; `nothing` where there are none. */
export function anyOfThem(selectors: readonly Selector[]): Selector {
  return join('Or', selectors);
}

/**
 * Do these labels, which are all there are, satisfy the selector?
 * Source: Kubernetes labels.Requirement.Matches; Calico's selector grammar for the text operators.
 */
export function matches(selector: Selector, labels: Labels): boolean {
  // Asked more often than anything else: no closures and no objects.
  switch (selector.op) {
    case 'All':
      return true;
    case 'Not':
      return !matches(selector.term, labels);
    case 'And':
      for (const term of selector.terms) if (!matches(term, labels)) return false;
      return true;
    case 'Or':
      for (const term of selector.terms) if (matches(term, labels)) return true;
      return false;
    case 'In':
    case 'NotIn': {
      const value = labels.get(selector.key);
      return (value !== undefined && selector.values.includes(value)) === (selector.op === 'In');
    }
    default:
      return holds(literalOf(selector), labels.get(selector.key));
  }
}

/**
 * Do labels of which only some are known satisfy the selector? The keys in `known` are certain; others may exist with any
 * value, or not exist. 'unknown' where that decides.
 */
export function matchesOpen(selector: Selector, known: Labels): Answer {
  const quick = evaluate(selector, (leaf) => {
    const value = known.get(leaf.key);
    return value === undefined ? 'unknown' : answer(holds(literalOf(leaf), value));
  });
  if (quick !== 'unknown') return quick;
  // `tier in (a) or tier not in (a)` is certain as a whole though neither half is.
  const facts: Selector = { op: 'And', terms: [...known].map(([key, value]) => ({ op: 'In', key, values: [value] })) };
  if (disjoint(facts, selector) === 'yes') return 'no';
  return implies(facts, selector) === 'yes' ? 'yes' : 'unknown';
}

/**
 * Is there no label set that satisfies both? Exact for conjunctions of Kubernetes requirements, and for all else up to
 * 256 alternatives, beyond which it is 'unknown'. Label values are taken as an endless supply, so no list of excluded
 * values ever excludes all; text operators are exact but for values too long for a label.
 */
export function disjoint(a: Selector, b: Selector): Answer {
  const [left, right] = [plainTerms(a), plainTerms(b)];
  if (left !== undefined && right !== undefined) {
    for (const [key, values] of left) {
      const others = right.get(key);
      if (others !== undefined && !values.some((value) => others.includes(value))) return 'yes';
    }
    return 'no';
  }
  const alternatives = expand({ op: 'And', terms: [a, b] }, true);
  return alternatives === undefined ? 'unknown' : not(any(alternatives.map(satisfiable)));
}

/** Does every label set that satisfies `a` satisfy `b`? As exact as `disjoint`. */
export function implies(a: Selector, b: Selector): Answer {
  const [left, right] = [plainTerms(a), plainTerms(b)];
  if (left !== undefined && right !== undefined) {
    for (const [key, values] of right) {
      const own = left.get(key);
      if (own === undefined || !own.every((value) => values.includes(value))) return 'no';
    }
    return 'yes';
  }
  return disjoint(a, { op: 'Not', term: b });
}

type PlainTerms = ReadonlyMap<string, readonly string[]>;

/**
 * The values that each key may have, for a selector that asks for nothing else: what nearly every selector is, and told
 * apart at no cost. Undefined for all others, also for those that nothing satisfies.
 */
export function plainTerms(selector: Selector): PlainTerms | undefined {
  if (selector.op === 'All') return noKeys;
  if (selector.op !== 'And' && selector.op !== 'In') return undefined;
  const known = plain.get(selector);
  if (known !== undefined) return known ?? undefined;
  const found = readPlainTerms(selector.op === 'And' ? selector.terms : [selector]);
  plain.set(selector, found ?? null);
  return found;
}

/** A pure function's memory: each selector is compared with many. */
const plain = new WeakMap<Selector, PlainTerms | null>();

function readPlainTerms(terms: readonly Selector[]): PlainTerms | undefined {
  const found = new Map<string, readonly string[]>();
  for (const term of terms) {
    if (term.op !== 'In' || term.values.length === 0 || found.has(term.key)) return undefined;
    found.set(term.key, term.values);
  }
  return found;
}

const noKeys: PlainTerms = new Map();

/** Does every label set certainly satisfy it? */
export function isEverything(selector: Selector): boolean {
  return selector.op === 'All' || implies(everything, selector) === 'yes';
}

/** The label keys that the selector looks at. */
export function keysOf(selector: Selector): ReadonlySet<string> {
  switch (selector.op) {
    case 'All':
      return new Set();
    case 'Not':
      return keysOf(selector.term);
    case 'And':
    case 'Or':
      return new Set(selector.terms.flatMap((term) => [...keysOf(term)]));
    default:
      return new Set([selector.key]);
  }
}

/**
 * Labels that every match has: each `In` with one value that stands in all alternatives. None where nothing matches, or
 * where there are more than 256 alternatives.
 */
export function equalsRequired(selector: Selector): Labels {
  const [first = [], ...others] = (expand(selector, true) ?? []).map(singleValues);
  return new Map(
    first.filter(([key, value]) => others.every((pairs) => pairs.some(([k, v]) => k === key && v === value))),
  );
}

/** Are they written alike? The order and repetition of terms and values do not count; use `implies` for the meaning. */
export function sameSelector(a: Selector, b: Selector): boolean {
  return fingerprint(a) === fingerprint(b);
}

type Leaf = Extract<Selector, { readonly key: string }>;

/** One requirement on one key. A negative one is the exact opposite, so it holds on a missing key. */
interface Literal {
  readonly op: 'In' | 'Exists' | 'StartsWith' | 'EndsWith' | 'Contains';
  readonly key: string;
  readonly values: readonly string[];
  readonly positive: boolean;
}

/** Enough for what people write; a bound on what a hostile file can cost. */
const maxAlternatives = 256;
const maxValueLength = 63;

function literalOf(leaf: Leaf): Literal {
  const { key } = leaf;
  switch (leaf.op) {
    case 'In':
    case 'NotIn':
      return { op: 'In', key, values: leaf.values, positive: leaf.op === 'In' };
    case 'Exists':
    case 'DoesNotExist':
      return { op: 'Exists', key, values: [], positive: leaf.op === 'Exists' };
    default:
      return { op: leaf.op, key, values: [leaf.value], positive: true };
  }
}

function holds({ op, values, positive }: Literal, actual: string | undefined): boolean {
  return (actual !== undefined && accepts(op, values, actual)) === positive;
}

function accepts(op: Literal['op'], values: readonly string[], actual: string): boolean {
  switch (op) {
    case 'Exists':
      return true;
    case 'In':
      return values.includes(actual);
    case 'StartsWith':
      return values.some((value) => actual.startsWith(value));
    case 'EndsWith':
      return values.some((value) => actual.endsWith(value));
    case 'Contains':
      return values.some((value) => actual.includes(value));
  }
}

function answer(certain: boolean): Answer {
  return certain ? 'yes' : 'no';
}

/** The selector's answer from those of its requirements; stops at the first that decides. */
function evaluate(selector: Selector, leaf: (leaf: Leaf) => Answer): Answer {
  switch (selector.op) {
    case 'All':
      return 'yes';
    case 'Not':
      return not(evaluate(selector.term, leaf));
    case 'And': {
      let result: Answer = 'yes';
      for (const term of selector.terms) {
        result = and(result, evaluate(term, leaf));
        if (result === 'no') break;
      }
      return result;
    }
    case 'Or': {
      let result: Answer = 'no';
      for (const term of selector.terms) {
        result = or(result, evaluate(term, leaf));
        if (result === 'yes') break;
      }
      return result;
    }
    default:
      return leaf(selector);
  }
}

function* lazily<T, R>(items: readonly T[], of: (item: T) => R): Generator<R> {
  for (const item of items) yield of(item);
}

/**
 * The alternatives (disjunctive normal form) of the selector, or of its opposite; those that contradict themselves are
 * left out. Undefined when there are too many.
 */
function expand(selector: Selector, positive: boolean): readonly (readonly Literal[])[] | undefined {
  switch (selector.op) {
    case 'All':
      return positive ? [[]] : [];
    case 'Not':
      return expand(selector.term, !positive);
    case 'And':
    case 'Or': {
      const conjunction = (selector.op === 'And') === positive;
      let result: Literal[][] = conjunction ? [[]] : [];
      for (const term of selector.terms) {
        const next = expand(term, positive);
        if (next === undefined) return undefined;
        if (conjunction && result.length * next.length > 16 * maxAlternatives) return undefined;
        const [only, ...others] = next;
        if (conjunction && only !== undefined && others.length === 0) {
          // Most selectors are lists of plain requirements, which may be long: no new lists for each of them.
          for (const literals of result) literals.push(...only);
        } else if (conjunction) {
          result = possible(result).flatMap((left) => next.map((right) => [...left, ...right]));
          result = possible(result);
        } else for (const literals of next) result.push([...literals]);
        if (result.length > maxAlternatives) return undefined;
      }
      return conjunction ? possible(result) : result;
    }
    default: {
      const literal = literalOf(selector);
      return [[positive ? literal : { ...literal, positive: !literal.positive }]];
    }
  }
}

function possible(alternatives: readonly Literal[][]): Literal[][] {
  return alternatives.filter((literals) => satisfiable(literals) !== 'no');
}

/** Can one label set meet all of these? Keys do not bear on each other. */
function satisfiable(literals: readonly Literal[]): Answer {
  const byKey = new Map<string, Literal[]>();
  for (const literal of literals) {
    const same = byKey.get(literal.key);
    if (same === undefined) byKey.set(literal.key, [literal]);
    else same.push(literal);
  }
  return all(lazily([...byKey.values()], satisfiableByOneValue));
}

function satisfiableByOneValue(literals: readonly Literal[]): Answer {
  const positive = literals.filter((literal) => literal.positive);
  if (positive.length === 0) return 'yes';
  const listed = positive.find(({ op }) => op === 'In');
  if (listed !== undefined) {
    return answer(listed.values.some((value) => literals.every((literal) => holds(literal, value))));
  }
  if (literals.some(({ op, positive }) => op === 'Exists' && !positive)) return 'no';
  return satisfiableByNewValue(literals);
}

/**
 * Builds the least committed value: longest start, the parts it must contain and longest end, kept apart by a filler that
 * occurs in none of the texts. If that value has an unwanted text, then inside a wanted one, so every value has it.
 */
function satisfiableByNewValue(literals: readonly Literal[]): Answer {
  const texts = literals.filter(({ op }) => op !== 'In' && op !== 'Exists');
  const filler = [...'0123456789abcdefghijklmnopqrstuvwxyz'].find(
    (letter) => !texts.some(({ values }) => values.some((value) => value.includes(letter))),
  );
  const wanted = (op: Literal['op']) =>
    texts.filter((text) => text.positive && text.op === op).flatMap(({ values }) => values);
  const longest = (values: readonly string[]) => values.reduce((a, b) => (b.length > a.length ? b : a), '');
  const start = longest(wanted('StartsWith'));
  const end = longest(wanted('EndsWith'));
  if (!wanted('StartsWith').every((text) => start.startsWith(text))) return 'no';
  if (!wanted('EndsWith').every((text) => end.endsWith(text))) return 'no';
  if (filler === undefined) return 'unknown';
  const value = [start, ...wanted('Contains'), end].join(filler);
  if (!texts.every((text) => holds(text, value))) return 'no';
  // Listed values are avoided with more filler.
  return value.length < maxValueLength ? 'yes' : 'unknown';
}

function singleValues(literals: readonly Literal[]): [string, string][] {
  return literals.flatMap(({ op, key, values, positive }): [string, string][] => {
    const [value, ...more] = new Set(values);
    return op === 'In' && positive && value !== undefined && more.length === 0 ? [[key, value]] : [];
  });
}

function join(op: 'And' | 'Or', selectors: readonly Selector[]): Selector {
  const [neutral, absorbing] = op === 'And' ? [everything, nothing] : [nothing, everything];
  const terms = new Map<string, Selector>();
  for (const term of selectors.flatMap((side) => (side.op === op ? side.terms : [side])))
    terms.set(fingerprint(term), term);
  if (terms.has(fingerprint(absorbing))) return absorbing;
  terms.delete(fingerprint(neutral));
  const [only = neutral, ...others] = terms.values();
  return others.length === 0 ? only : { op, terms: [...terms.values()] };
}

/** Equal for selectors that are written alike, as `sameSelector` has it. */
export function fingerprint(selector: Selector): string {
  switch (selector.op) {
    case 'All':
      return 'All';
    case 'Not':
      return `Not(${fingerprint(selector.term)})`;
    case 'And':
    case 'Or':
      return `${selector.op}(${[...new Set(selector.terms.map(fingerprint))].sort().join()})`;
    case 'In':
    case 'NotIn':
      return JSON.stringify([selector.op, selector.key, ...[...new Set(selector.values)].sort()]);
    case 'Exists':
    case 'DoesNotExist':
      return JSON.stringify([selector.op, selector.key]);
    default:
      return JSON.stringify([selector.op, selector.key, selector.value]);
  }
}
