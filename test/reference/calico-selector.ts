/** Calico's selector language, written from FACTS A3.5 alone. */
import type { Labels } from './objects.js';

export type Predicate = (labels: Labels) => boolean;

/** What the functions and labels of a selector stand for: they differ with the field (FACTS A3.6). */
export interface Meaning {
  readonly prefix: string;
  readonly all: Predicate;
  readonly global: Predicate;
}

/** `global()` stands only where namespaces are selected; the language itself takes it for `all()`. */
const own: Meaning = { prefix: '', all: () => true, global: () => true };

/** Throws where the text is no selector. */
export function parseSelector(text: string, meaning: Meaning = own): Predicate {
  const reader = new Reader(text);
  reader.skipBlanks();
  if (reader.isAtEnd()) return meaning.all;
  const predicate = either(reader, meaning);
  if (!reader.isAtEnd()) throw reader.error('an operator');
  return predicate;
}

function either(reader: Reader, meaning: Meaning): Predicate {
  const parts = [both(reader, meaning)];
  while (reader.take('||')) parts.push(both(reader, meaning));
  return (labels) => parts.some((part) => part(labels));
}

function both(reader: Reader, meaning: Meaning): Predicate {
  const parts = [operation(reader, meaning)];
  while (reader.take('&&')) parts.push(operation(reader, meaning));
  return (labels) => parts.every((part) => part(labels));
}

function operation(reader: Reader, meaning: Meaning): Predicate {
  if (reader.take('!')) {
    const inner = operation(reader, meaning);
    return (labels) => !inner(labels);
  }
  if (reader.take('(')) {
    const inner = either(reader, meaning);
    reader.expect(')');
    return inner;
  }
  for (const name of ['all', 'global'] as const) {
    if (!reader.take(`${name}(`)) continue;
    reader.expect(')');
    return meaning[name];
  }
  if (reader.take('has(')) {
    const key = meaning.prefix + reader.label();
    reader.expect(')');
    return (labels) => labels[key] !== undefined;
  }
  return comparison(reader, meaning.prefix + reader.label());
}

/** FACTS A3.5, truth tables: only `!=` and `not in` hold where the label is missing. */
function comparison(reader: Reader, key: string): Predicate {
  const compare = (test: (value: string) => boolean, isMissingRight: boolean): Predicate => {
    return ({ [key]: value }) => (value === undefined ? isMissingRight : test(value));
  };
  if (reader.take('==')) {
    const wanted = reader.string();
    return compare((value) => value === wanted, false);
  }
  if (reader.take('!=')) {
    const refused = reader.string();
    return compare((value) => value !== refused, true);
  }
  if (reader.takeWords('not', 'in')) {
    const refused = reader.set();
    return compare((value) => !refused.includes(value), true);
  }
  if (reader.takeWords('in')) {
    const wanted = reader.set();
    return compare((value) => wanted.includes(value), false);
  }
  if (reader.takeWords('contains')) {
    const part = reader.string();
    return compare((value) => value.includes(part), false);
  }
  if (reader.takeWords('starts', 'with')) {
    const start = reader.string();
    return compare((value) => value.startsWith(start), false);
  }
  if (reader.takeWords('ends', 'with')) {
    const end = reader.string();
    return compare((value) => value.endsWith(end), false);
  }
  throw reader.error('an operator');
}

/** Reads from the left. After each piece, blanks are passed over: spaces and tabs only. */
class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  skipBlanks(): void {
    this.match(/[ \t]*/y);
  }

  isAtEnd(): boolean {
    return this.at === this.text.length;
  }

  take(piece: string): boolean {
    if (!this.text.startsWith(piece, this.at)) return false;
    this.at += piece.length;
    this.skipBlanks();
    return true;
  }

  expect(piece: string): void {
    if (!this.take(piece)) throw this.error(piece);
  }

  /** Words with or without blanks between them; the last one must end there. */
  takeWords(...words: readonly string[]): boolean {
    if (this.match(new RegExp(`${words.join('[ \\t]*')}(?![A-Za-z0-9_])`, 'y')) === undefined) return false;
    this.skipBlanks();
    return true;
  }

  label(): string {
    const label = this.match(/[A-Za-z0-9_./-]{1,512}/y);
    if (label === undefined) throw this.error('a label');
    this.skipBlanks();
    return label;
  }

  string(): string {
    const quoted = this.match(/'[^']*'|"[^"]*"/y);
    if (quoted === undefined) throw this.error('a string');
    this.skipBlanks();
    return quoted.slice(1, -1);
  }

  set(): string[] {
    this.expect('{');
    const values: string[] = [];
    while (!this.take('}')) {
      values.push(this.string());
      if (this.take(',')) continue;
      this.expect('}');
      break;
    }
    return values;
  }

  error(expected: string): Error {
    return new Error(`${expected} is expected at ${this.at} of: ${this.text}`);
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }
}
