import { keyWords } from './pod-facts.js';
import type { Selector } from './selector.js';

/**
 * A selector for people: `app=web`, `app in (a, b)`, `tier not in (x)`, `label app present`, `label app absent`, joined by " and "
 * or " or ", with brackets where they are mixed. What selects everything gives '', what selects nothing 'nothing':
 * the caller knows whether that is "every pod" or "every namespace".
 */
export function printSelector(selector: Selector): string {
  switch (selector.op) {
    case 'All':
      return '';
    case 'In':
      if (selector.values.length === 0) return 'nothing';
      return selector.values.length === 1
        ? `${keyWords(selector.key)}=${selector.values[0]}`
        : `${keyWords(selector.key)} in (${selector.values.join(', ')})`;
    case 'NotIn':
      return selector.values.length === 0 ? '' : `${keyWords(selector.key)} not in (${selector.values.join(', ')})`;
    case 'Exists':
      return `label ${keyWords(selector.key)} present`;
    case 'DoesNotExist':
      return `label ${keyWords(selector.key)} absent`;
    case 'StartsWith':
      return `${keyWords(selector.key)} starts with "${selector.value}"`;
    case 'EndsWith':
      return `${keyWords(selector.key)} ends with "${selector.value}"`;
    case 'Contains':
      return `${keyWords(selector.key)} contains "${selector.value}"`;
    case 'Not':
      return printNot(selector.term);
    case 'And': {
      const parts = printTerms(selector.terms, 'Or').filter((text) => text !== '');
      return parts.includes('nothing') ? 'nothing' : parts.join(' and ');
    }
    case 'Or': {
      const parts = printTerms(selector.terms, 'And').filter((text) => text !== 'nothing');
      if (parts.length === 0) return 'nothing';
      return parts.includes('') ? '' : parts.join(' or ');
    }
  }
}

/**
 * "a", "a and b", "a, b and c"; with more than `max` items the first `max` and the number of the rest:
 * "a, b and 3 more". '' for none; `max` is at least 1 and unlimited when missing.
 */
export function list(items: readonly string[], max = Number.POSITIVE_INFINITY): string {
  const shown = items.length > max ? [...items.slice(0, max), `${items.length - max} more`] : items;
  const last = shown.at(-1) ?? '';
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`;
}

/** A text of at most about `most` characters: of a longer one the beginning and the end, where a message says what to do. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor(most / 2);
  // Not in the middle of a character of two units.
  return `${text.slice(0, half).replace(/[\ud800-\udbff]$/, '')} ... ${text.slice(-half).replace(/^[\udc00-\udfff]/, '')}`;
}

/** "1 pod", "3 pods", "2 policies", "2 addresses". The noun is an English one with a regular plural, in the singular. */
export function count(n: number, noun: string): string {
  return `${n} ${n === 1 ? noun : plural(noun)}`;
}

function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

function printNot(term: Selector): string {
  switch (term.op) {
    case 'All':
      return 'nothing';
    case 'Not':
      return printSelector(term.term);
    case 'In':
      return printSelector({ ...term, op: 'NotIn' });
    case 'NotIn':
      return printSelector({ ...term, op: 'In' });
    case 'Exists':
      return printSelector({ ...term, op: 'DoesNotExist' });
    case 'DoesNotExist':
      return printSelector({ ...term, op: 'Exists' });
    default: {
      const inner = printSelector(term);
      if (inner === '') return 'nothing';
      return inner === 'nothing' ? '' : `not (${inner})`;
    }
  }
}

/** Each term by itself, in brackets where it is joined by the other word. */
function printTerms(terms: readonly Selector[], bracketed: 'And' | 'Or'): string[] {
  return terms.map(unwrap).map((term) => {
    const text = printSelector(term);
    return term.op === bracketed && text !== '' && text !== 'nothing' ? `(${text})` : text;
  });
}

/** Without double negations and lists of one. */
function unwrap(selector: Selector): Selector {
  const [only, ...others] = selector.op === 'And' || selector.op === 'Or' ? selector.terms : [];
  if (only !== undefined && others.length === 0) return unwrap(only);
  return selector.op === 'Not' && selector.term.op === 'Not' ? unwrap(selector.term.term) : selector;
}
