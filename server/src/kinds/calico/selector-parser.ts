import type { TextRange } from '../../text/range.js';
import { nearest } from '../nearest.js';
import type {
  CompareOperator,
  Expected,
  ParsedSelector,
  SelectorFault,
  SelectorNode,
  SelectorToken,
  Word,
} from './selector-tree.js';

/** Reads a selector; what it colours stands in `tokens` up to the first fault. Source: libcalico-go lib/selector tokenizer.go, parser.go. */
export function parseSelector(text: string): ParsedSelector {
  return new Parser(text).parse();
}

/** No text of the 1024 characters that the CRD allows has more, in parentheses or of "!". */
const deepest = 512;
const mostNots = 1024;
const maxLabel = 512;

const labelAt = /[A-Za-z0-9_./-]+/y;
const blanksAt = /[ \t]*/y;
const breaksAt = /\s*[^ \t\S]\s*/y;
const functionAt = /(has|all|global)\(/y;
const operatorAt = /==|!=|(?:contains|starts[ \t]*with|ends[ \t]*with|not[ \t]*in|in)\b/y;
const looseOperatorAt = /(?:contains|starts[ \t_-]*with|ends[ \t_-]*with|not[ \t_-]*in|in)\b/iy;
const equalAt = /(?:=~|=|:|(?:is|eq|equals)\b)/iy;
const joinerAt = /(?:and|or)\b|[&|,]/iy;

/**
 * Reads from left to right, one token of look-ahead. Invariant: a method that gives undefined has left `#fault`; what it has
 * read stands in `#tokens`.
 */
class Parser {
  readonly #text: string;
  readonly #tokens: SelectorToken[] = [];
  #at = 0;
  #depth = 0;
  #fault: SelectorFault | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): ParsedSelector {
    this.#blanks();
    const node: SelectorNode | undefined =
      this.#at === this.#text.length ? { kind: 'all', range: { start: 0, end: this.#at } } : this.#or();
    if (node !== undefined && this.#at < this.#text.length) this.#wrongJoiner();
    const fault = this.#fault;
    return { node: fault === undefined ? node : undefined, tokens: this.#tokens, fault };
  }

  #or(): SelectorNode | undefined {
    return this.#joined('or', '||', () => this.#joined('and', '&&', () => this.#operation()));
  }

  #joined(kind: 'and' | 'or', sign: string, operand: () => SelectorNode | undefined): SelectorNode | undefined {
    const terms: SelectorNode[] = [];
    for (;;) {
      const term = operand();
      if (term === undefined) return undefined;
      terms.push(term);
      this.#blanks();
      if (!this.#text.startsWith(sign, this.#at)) break;
      this.#take('operator', sign.length);
    }
    const [first, last] = [terms[0], terms.at(-1)];
    if (first === undefined || last === undefined || terms.length === 1) return first;
    return { kind, terms, range: { start: first.range.start, end: last.range.end } };
  }

  #operation(): SelectorNode | undefined {
    this.#blanks();
    const starts: number[] = [];
    while (this.#text.charAt(this.#at) === '!' && this.#text.charAt(this.#at + 1) !== '=') {
      starts.push(this.#at);
      this.#take('operator', 1);
      this.#blanks();
    }
    if (starts.length > mostNots) return this.#fail('condition', this.#at - 1, this.#at, 'there are too many "!".');
    let node = this.#primary();
    for (const start of starts.reverse()) {
      if (node !== undefined) node = { kind: 'not', term: node, range: { start, end: node.range.end } };
    }
    return node;
  }

  #primary(): SelectorNode | undefined {
    const start = this.#at;
    const next = this.#text.charAt(start);
    if (next === '(') return this.#group();
    const call = this.#match(functionAt);
    if (call !== undefined) return this.#function(call.slice(0, -1));
    const name = this.#match(labelAt);
    if (name === undefined) return this.#noCondition();
    if (name.length > maxLabel) {
      return this.#fail('condition', start, start + name.length, `a label has at most ${maxLabel} characters.`);
    }
    this.#take('label', name.length);
    return this.#condition({ text: name, range: { start, end: this.#at } });
  }

  #group(): SelectorNode | undefined {
    const start = this.#at;
    if (++this.#depth > deepest) return this.#fail('condition', start, start + 1, 'parentheses are nested too deeply.');
    this.#take('bracket', 1);
    const inner = this.#or();
    if (inner === undefined) return undefined;
    this.#blanks();
    if (this.#text.charAt(this.#at) === ')') {
      this.#take('bracket', 1);
      this.#depth--;
      return { ...inner, range: { start, end: this.#at } };
    }
    if (this.#at < this.#text.length) return this.#wrongJoiner();
    return this.#fail('joiner', start, start + 1, 'this parenthesis is never closed. Add ")".', this.#append(')'));
  }

  #function(name: string): SelectorNode | undefined {
    const start = this.#at;
    this.#take('function', name.length);
    this.#take('bracket', 1);
    this.#blanks();
    let label: Word | undefined;
    if (name === 'has') {
      const at = this.#at;
      const text = this.#match(labelAt);
      if (text === undefined || text.length > maxLabel) return this.#noLabel(start);
      this.#take('label', text.length);
      label = { text, range: { start: at, end: this.#at } };
      this.#blanks();
    }
    if (this.#text.charAt(this.#at) !== ')') {
      const [at, end] = [this.#at, this.#text.length];
      if (at < end && label === undefined) {
        return this.#fail('joiner', at, end, `${name}() takes nothing between its parentheses.`);
      }
      return this.#fail('joiner', start, this.#at, `")" is missing behind ${this.#text.slice(start, at).trim()}.`, {
        range: { start: at, end: at },
        text: ')',
      });
    }
    this.#take('bracket', 1);
    const range = { start, end: this.#at };
    if (label !== undefined) return { kind: 'has', label, range };
    return { kind: name === 'all' ? 'all' : 'global', range };
  }

  #noLabel(start: number): undefined {
    const quoted = /^(['"])([A-Za-z0-9_./-]+)\1/.exec(this.#text.slice(this.#at));
    if (quoted === null) return this.#fail('label', start, this.#at, 'has() asks for a label: has(app).');
    const range = { start: this.#at, end: this.#at + quoted[0].length };
    const label = quoted[2] ?? '';
    return this.#fail('label', range.start, range.end, `a label stands without quotes: has(${label}).`, {
      range,
      text: label,
    });
  }

  #condition(label: Word): SelectorNode | undefined {
    this.#blanks();
    const written = this.#match(operatorAt);
    if (written === undefined) return this.#noOperator(label);
    this.#take('operator', written.length);
    const operator = operatorNamed(written);
    this.#blanks();
    if (operator === 'in' || operator === 'not in') {
      const values = this.#set(label.text, operator);
      if (values === undefined) return undefined;
      return { kind: operator, label, values, range: { start: label.range.start, end: this.#at } };
    }
    const value = this.#string(label.text, `behind ${operator}`);
    if (value === undefined) return undefined;
    return { kind: 'compare', operator, label, value, range: { start: label.range.start, end: this.#at } };
  }

  #set(label: string, operator: string): Word[] | undefined {
    const open = this.#at;
    if (this.#text.charAt(open) !== '{') return this.#noSet(label, operator);
    this.#take('bracket', 1);
    const values: Word[] = [];
    for (;;) {
      this.#blanks();
      if (this.#text.charAt(this.#at) === '}') break;
      const value = this.#string(label, 'between the braces');
      if (value === undefined) return undefined;
      values.push(value);
      this.#blanks();
      const next = this.#text.charAt(this.#at);
      if (next === '}') break;
      if (next !== ',') return this.#noComma(label, open);
      this.#take('bracket', 1);
    }
    this.#take('bracket', 1);
    return values;
  }

  #noSet(label: string, operator: string): undefined {
    const at = this.#at;
    const why = `${operator} asks for values in braces: ${operator} {'a', 'b'}.`;
    const next = this.#text.charAt(at);
    if (next === '(' || next === '[') {
      return this.#fail('set', at, at + 1, why, { range: { start: at, end: at + 1 }, text: '{' }, label);
    }
    const alone = /^(?:'[^'\n]*'|"[^"\n]*"|[A-Za-z0-9_./-]+)/.exec(this.#text.slice(at))?.[0];
    const range = { start: at, end: at + (alone?.length ?? 0) };
    const replace = alone === undefined ? undefined : { range, text: `{${alone}}` };
    return this.#failNext('set', why, replace, label);
  }

  #noComma(label: string, open: number): undefined {
    const at = this.#at;
    const next = this.#text.charAt(at);
    if (next === '')
      return this.#fail('comma', open, open + 1, 'this brace is never closed. Add "}".', this.#append('}'), label);
    const closed = next === ')' || next === ']';
    const text = closed ? '}' : /['"]/.test(next) ? ', ' : undefined;
    const why = closed ? 'a list of values ends with "}".' : 'values are set apart by commas.';
    const replace = text === undefined ? undefined : { range: { start: at, end: closed ? at + 1 : at }, text };
    return this.#failNext('comma', why, replace, label);
  }

  #string(label: string, where: string): Word | undefined {
    const start = this.#at;
    const mark = this.#text.charAt(start);
    if (mark !== "'" && mark !== '"') return this.#noString(label, where);
    const end = this.#text.indexOf(mark, start + 1);
    if (end === -1) {
      const other = mark === '"' ? "'" : '"';
      const rest = this.#text.slice(start).trimEnd();
      const last = start + rest.length;
      const mixed = rest.length > 1 && rest.endsWith(other) && rest.indexOf(other) === rest.length - 1;
      return this.#fail(
        'string',
        start,
        last,
        'the quote that opens here is never closed.',
        { range: { start: mixed ? last - 1 : last, end: last }, text: mark },
        label,
      );
    }
    this.#take('string', end + 1 - start);
    return { text: this.#text.slice(start + 1, end), range: { start: start + 1, end } };
  }

  #noString(label: string, where: string): undefined {
    const at = this.#at;
    const bare = this.#match(labelAt);
    if (this.#text.charAt(at) === '=') {
      const range = { start: at, end: at + 1 };
      return this.#fail(
        'string',
        at,
        at + 1,
        'one "=" too many: labels are compared by ==.',
        { range, text: '' },
        label,
      );
    }
    if (bare === undefined) return this.#failNext('string', `a value in quotes is missing ${where}.`, undefined, label);
    const range = { start: at, end: at + bare.length };
    return this.#fail(
      'string',
      at,
      range.end,
      `values stand in quotes. Write '${bare}'.`,
      { range, text: `'${bare}'` },
      label,
    );
  }

  /** What stands where a condition has to begin. */
  #noCondition(): undefined {
    const at = this.#at;
    if (this.#lineBreak('condition')) return undefined;
    const quoted = /^(['"])([A-Za-z0-9_./-]+)\1/.exec(this.#text.slice(at));
    if (quoted !== null) {
      const range = { start: at, end: at + quoted[0].length };
      return this.#fail('condition', at, range.end, 'a condition begins with a label, which stands without quotes.', {
        range,
        text: quoted[2] ?? '',
      });
    }
    const before = this.#tokens.at(-1);
    if (at < this.#text.length) return this.#failNext('condition', 'a condition is missing here.');
    const sign = before === undefined ? '' : this.#text.slice(before.range.start, before.range.end);
    const dangling = sign === '&&' || sign === '||';
    const start = before?.range.start ?? at;
    return this.#fail(
      'condition',
      start,
      before?.range.end ?? at,
      `a condition is missing behind "${sign}".`,
      dangling ? { range: { start: this.#text.slice(0, start).trimEnd().length, end: at }, text: '' } : undefined,
    );
  }

  /** What stands behind a label in the place of an operator. */
  #noOperator(label: Word): undefined {
    const { text, range } = label;
    const at = this.#at;
    const rest = this.#text.slice(at);
    const fail = (start: number, end: number, why: string, correction?: string, whole?: TextRange) =>
      this.#fail(
        'operator',
        start,
        end,
        why,
        correction === undefined ? undefined : { range: whole ?? { start, end }, text: correction },
        text,
      );
    if (rest.startsWith('(')) {
      const name = functions.find((known) => known === text) ?? nearest(text, functions);
      if (name === undefined)
        return fail(range.start, range.end, `there is no function ${text}(): there are has(), all() and global().`);
      const why = `functions are written has(), all() and global(), with the parenthesis right behind the name. Write ${name}(.`;
      return fail(range.start, at + 1, why, `${name}(`);
    }
    const loose = this.#match(looseOperatorAt);
    if (loose !== undefined) {
      const operator = operatorNamed(loose.replaceAll(/[_-]/g, ' '));
      return fail(at, at + loose.length, `operators are written in small letters. Did you mean ${operator}?`, operator);
    }
    const equal = this.#match(equalAt);
    if (equal !== undefined) {
      return fail(
        at,
        at + equal.length,
        `"${equal}" is no operator. Did you mean ==?`,
        `${/\s/.test(this.#text.charAt(at - 1)) ? '' : ' '}==${/\s/.test(this.#text.charAt(at + equal.length)) ? '' : ' '}`,
      );
    }
    const next = this.#match(labelAt);
    if (/^(?:has|exists)$/i.test(text) && next !== undefined) {
      const whole = { start: range.start, end: at + next.length };
      return fail(whole.start, whole.end, `did you mean has(${next})?`, `has(${next})`, whole);
    }
    if (/^not$/i.test(text) && next !== undefined) return fail(range.start, at, 'did you mean "!"?', '!');
    if (/^exists$/i.test(next ?? '')) {
      const whole = { start: range.start, end: at + (next?.length ?? 0) };
      return fail(at, whole.end, `did you mean has(${text})?`, `has(${text})`, whole);
    }
    if (next !== undefined && !/^(?:and|or)$/i.test(next)) {
      return fail(at, at + next.length, `"${next}" is no operator. Use ${operators}.`);
    }
    const alone = rest === '' || /^(?:[&|)]|and\b|or\b)/i.test(rest);
    if (!alone)
      return this.#failNext('operator', `an operator is missing behind ${text}. Use ${operators}.`, undefined, text);
    const meant = /^(?:all|global)$/i.test(text) ? `${text.toLowerCase()}()` : `has(${text})`;
    return this.#fail(
      'operator',
      range.start,
      range.end,
      `${text} alone is no condition. Did you mean ${meant}?`,
      { range, text: meant },
      text,
      rest === '',
    );
  }

  /** What stands behind a condition that is no && or ||. */
  #wrongJoiner(): undefined {
    const at = this.#at;
    if (this.#lineBreak('joiner')) return undefined;
    const word = this.#match(joinerAt);
    if (word !== undefined) {
      const sign = /^(?:or|\|)$/i.test(word) ? '||' : '&&';
      const glued = word === ',' ? ' && ' : sign;
      return this.#fail('joiner', at, at + word.length, `"${word}" joins no conditions. Did you mean ${sign}?`, {
        range: { start: at, end: at + word.length },
        text: glued,
      });
    }
    if (this.#text.charAt(at) === ')') {
      const range = { start: at, end: at + 1 };
      return this.#fail('joiner', at, at + 1, 'this parenthesis was never opened. Remove it.', { range, text: '' });
    }
    return this.#failNext('joiner', 'conditions are joined by && or ||.');
  }

  /** Blank space is spaces and tabs; a line break ends it. */
  #lineBreak(expected: Expected): boolean {
    const breaks = this.#match(breaksAt);
    if (breaks === undefined) return false;
    const range = { start: this.#at, end: this.#at + breaks.length };
    const last = range.end === this.#text.length;
    const why = !/[\r\n]/.test(breaks)
      ? 'this blank is neither a space nor a tab.'
      : last
        ? 'the text ends with a line break, which Calico does not take. Write it on one line, or behind ">-".'
        : 'a selector is one line: Calico takes no line break. Write it on one line, or behind ">-".';
    this.#fail(expected, range.start, range.end, why, { range, text: last ? '' : ' ' });
    return true;
  }

  /** A fault at the next word or sign, or at the token before, where the text ends. */
  #failNext(expected: Expected, why: string, replace?: SelectorFault['replace'], label?: string): undefined {
    if (this.#lineBreak(expected)) return undefined;
    const at = this.#at;
    if (at >= this.#text.length) {
      const before = this.#tokens.at(-1)?.range ?? { start: 0, end: at };
      return this.#fail(expected, before.start, before.end, why, replace, label, true);
    }
    const length = this.#match(labelAt)?.length ?? 1;
    return this.#fail(expected, at, at + length, why, replace, label);
  }

  #fail(
    expected: Expected,
    start: number,
    end: number,
    why: string,
    replace?: SelectorFault['replace'],
    label?: string,
    atEnd = this.#at >= this.#text.length,
  ): undefined {
    this.#fault ??= { range: { start, end }, expected, why, replace, label, atEnd };
  }

  #append(text: string): SelectorFault['replace'] {
    const end = this.#text.trimEnd().length;
    return { range: { start: end, end }, text };
  }

  #take(kind: SelectorToken['kind'], length: number): void {
    this.#tokens.push({ kind, range: { start: this.#at, end: this.#at + length } });
    this.#at += length;
  }

  #blanks(): void {
    this.#at += this.#match(blanksAt)?.length ?? 0;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }
}

const functions = ['has', 'all', 'global'];
const operators = '==, !=, in, not in, contains, starts with or ends with';

function operatorNamed(written: string): CompareOperator | 'in' | 'not in' {
  const plain = written.replaceAll(/[ \t]/g, '').toLowerCase();
  switch (plain) {
    case '==':
    case '!=':
    case 'contains':
    case 'in':
      return plain;
    case 'startswith':
      return 'starts with';
    case 'endswith':
      return 'ends with';
    default:
      return 'not in';
  }
}
