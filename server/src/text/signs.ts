import type { CST } from 'yaml';
import type { Draft } from './draft.js';
import {
  bareKeyMessage,
  behindEnd,
  type Fault,
  isUnclosed,
  missingColon,
  missingSpace,
  strayItem,
  tabIndent,
  unclosedBracket,
  unclosedQuote,
} from './faults.js';
import { findToken, isQuoted, tokenEnd } from './tokens.js';

/**
 * Watches the tokens go by while a tree is built from them, and collects the signs of half-typed text. It only looks:
 * what the tokens are read as does not depend on it.
 */
export class Signs {
  readonly faults: Fault[] = [];
  /** The text has lines that begin with a tab. */
  readonly tabs: boolean;
  readonly #draft: Draft;

  constructor(draft: Draft) {
    this.#draft = draft;
    this.tabs = /^ *\t/m.test(draft.text);
  }

  /** Content that the parser could not place behind the document's value. */
  behind(error: CST.Token, value: CST.Token): void {
    const indent = value.type === 'block-map' ? value.indent : 0;
    this.faults.push(behindEnd(this.#draft, error.offset, tokenEnd(value), indent));
    this.#tab(error.offset);
  }

  quote(token: CST.FlowScalar, inFlow: boolean): void {
    if (isUnclosed(token)) this.faults.push(unclosedQuote(this.#draft, token, inFlow));
  }

  bracket(token: CST.FlowCollection): void {
    this.faults.push(unclosedBracket(this.#draft, token));
  }

  strayList(list: CST.BlockSequence): void {
    this.faults.push(strayItem(this.#draft, list.offset, tokenEnd(list)));
  }

  item(item: CST.BlockSequence['items'][number], previous: CST.Token | undefined): void {
    const dash = findToken(item.start, 'seq-item-ind');
    if (dash !== undefined) this.#tab(dash.offset);
    else if (item.value !== undefined && isQuoted(previous) && this.#isGlued(previous, item.value.offset)) {
      this.faults.push(unclosedQuote(this.#draft, previous, false));
    }
  }

  entry(item: CST.BlockMap['items'][number], previous: CST.Token | undefined): void {
    const { key } = item;
    if (!key) return;
    this.#tab(key.offset);
    if (item.explicitKey === true) return;
    const colon = findToken(item.sep, 'map-value-ind') !== undefined;
    const fault = this.#entryFault(key, previous, colon);
    if (fault !== undefined) this.faults.push(fault);
  }

  #entryFault(key: CST.Token, previous: CST.Token | undefined, colon: boolean): Fault | undefined {
    if (isQuoted(previous) && this.#isGlued(previous, key.offset)) return unclosedQuote(this.#draft, previous, false);
    if (isQuoted(key) && key.source.includes('\n')) return unclosedQuote(this.#draft, key, false);
    if (key.type === 'scalar' && key.source.includes('\n') && colon) return missingColon(this.#draft, key);
    if (colon || key.type === 'block-seq') return undefined;
    return (key.type === 'scalar' ? missingSpace(this.#draft, key) : undefined) ?? this.#bareKey(key);
  }

  /** Nothing to repair: it is read as a key without a value as it stands. */
  #bareKey(key: CST.Token): Fault {
    const end = tokenEnd(key);
    const message = bareKeyMessage(/^[^\r\n]*/.exec(this.#draft.text.slice(key.offset, end))?.[0].trimEnd() ?? '');
    const range = { start: this.#draft.original(key.offset), end: this.#draft.original(end) };
    return { problem: { message, range }, patches: [], effect: 'local' };
  }

  /** True when a quoted text over several lines ends on the line on which the next part begins. */
  #isGlued(quote: CST.FlowScalar, next: number): boolean {
    if (!quote.source.includes('\n')) return false;
    return !this.#draft.text.slice(quote.offset + quote.source.length, next).includes('\n');
  }

  #tab(offset: number): void {
    if (!this.tabs) return;
    const { text } = this.#draft;
    const start = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
    if (/^[ \t]*\t[ \t]*$/.test(text.slice(start, offset))) this.faults.push(tabIndent(this.#draft, start));
  }
}
