import type { CST } from 'yaml';
import { Anchors } from './anchors.js';
import type { YamlProblem } from './document.js';
import type { Draft } from './draft.js';
import type { Fault } from './faults.js';
import type { Copy } from './incomplete.js';
import { applyMerges, markDuplicates } from './merge.js';
import type { TextRange } from './range.js';
import { resolvePlain, resolveTagged, type ScalarValue } from './scalars.js';
import { Signs } from './signs.js';
import { type TemplateAction, touchesAction } from './templates.js';
import {
  blockScalarEnd,
  blockScalarTextEnd,
  findToken,
  isQuoted,
  type SourceTokens,
  scalarStyle,
  scalarText,
  tokenEnd,
} from './tokens.js';
import { type DocumentRef, YamlEntry, YamlItem, YamlMap, type YamlNode, YamlScalar, YamlSequence } from './tree.js';

interface BuildInput {
  readonly document: DocumentRef;
  readonly draft: Draft;
  readonly actions: readonly TemplateAction[];
}

export interface Built {
  readonly root: YamlNode | undefined;
  /** Half-typed places that a repaired draft may read better. */
  readonly faults: readonly Fault[];
  /** Limits met, aliases that lead nowhere. */
  readonly problems: readonly YamlProblem[];
  /** The collections that stand for aliases. */
  readonly copies: readonly Copy[];
  /** The anchored values that aliases stand for. */
  readonly shared: readonly TextRange[];
  /** Scalars and flow collections over several lines; found only in texts with tabs. */
  readonly spread: readonly TextRange[];
  readonly tooDeep: boolean;
}

/** Deeper values are not read: no manifest has them, and a hostile file must not exhaust the stack. */
const DEEPEST = 200;

/** `${NAME}`: filled in before the manifest is applied, by Flux' postBuild.substitute, envsubst or OpenShift templates. */
const substitution = /\$\{\{?[A-Za-z_][^}]*\}/;

/** Turns the tokens of one document into our tree. Whatever the tokens are, there is an answer. */
export function buildTree(tokens: readonly CST.Token[], input: BuildInput): Built {
  const builder = new TreeBuilder(input);
  const root = builder.stream(tokens);
  const { signs, problems, spread, tooDeep, anchors } = builder;
  return {
    root,
    faults: signs.faults,
    problems: [...problems, ...anchors.problems],
    copies: anchors.copies,
    shared: [...anchors.shared],
    spread,
    tooDeep,
  };
}

interface Place {
  readonly props: SourceTokens;
  /** Where an absent value stands, in the draft. */
  readonly absentAt: number;
  readonly depth: number;
  readonly inFlow: boolean;
}

type CollectionToken = CST.BlockMap | CST.BlockSequence | CST.FlowCollection;

class TreeBuilder {
  readonly signs: Signs;
  readonly problems: YamlProblem[] = [];
  readonly spread: TextRange[] = [];
  readonly anchors: Anchors;
  tooDeep = false;
  readonly #document: DocumentRef;
  readonly #actions: readonly TemplateAction[];
  readonly #at: (offset: number) => number;
  /** The collection being built stands in brackets that are not closed, which is already known. */
  #withinOpen = false;

  constructor({ document, draft, actions }: BuildInput) {
    this.#document = document;
    this.#actions = actions;
    this.#at = draft.patches.length === 0 ? (offset) => offset : draft.original;
    this.signs = new Signs(draft);
    this.anchors = new Anchors();
  }

  stream(tokens: readonly CST.Token[]): YamlNode | undefined {
    const document = tokens.find((token) => token.type === 'document' && token.value !== undefined);
    if (document?.type !== 'document' || document.value === undefined) return undefined;
    const behind = tokens.find((token) => token.type === 'error' && token.source.trim() !== '');
    if (behind !== undefined) this.signs.behind(behind, document.value);
    return this.#value(document.value, { props: document.start, absentAt: document.offset, depth: 0, inFlow: false });
  }

  #value(token: CST.Token | null | undefined, place: Place): YamlNode {
    const anchor = findToken(place.props, 'anchor')?.source.slice(1);
    const tag = findToken(place.props, 'tag')?.source;
    if (anchor === undefined) return this.#untied(token, place, tag);
    const mark = this.anchors.begin(anchor);
    const node = this.#untied(token, place, tag);
    this.anchors.end(anchor, node, mark);
    return node;
  }

  #untied(token: CST.Token | null | undefined, place: Place, tag: string | undefined): YamlNode {
    this.anchors.count++;
    if (token === null || token === undefined) {
      const at = this.#at(place.absentAt);
      return this.#plainScalar(tag === '!!str' ? '' : null, 'absent', { start: at, end: at });
    }
    switch (token.type) {
      case 'scalar':
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
      case 'block-scalar':
        return this.#scalar(token, place, tag);
      case 'alias':
        return this.anchors.resolve(token.source.slice(1), this.#range(token.offset, tokenEnd(token)), this.#document);
      case 'block-map':
      case 'block-seq':
      case 'flow-collection':
        return this.#collection(token, place.depth + 1);
      default:
        return this.#plainScalar(null, 'absent', this.#range(token.offset, tokenEnd(token))).markOpaque();
    }
  }

  #collection(token: CollectionToken, depth: number): YamlNode {
    if (depth > DEEPEST) {
      if (!this.tooDeep) this.problems.push(tooDeepProblem(this.#range(token.offset, token.offset + 1)));
      this.tooDeep = true;
      return this.#plainScalar(null, 'plain', this.#range(token.offset, tokenEnd(token))).markOpaque();
    }
    if (token.type === 'block-map') return this.#blockMap(token, depth);
    if (token.type === 'block-seq') return this.#blockSequence(token, depth);
    const range = this.#range(token.offset, tokenEnd(token));
    this.#noteSpread(range);
    const open = token.end.length === 0 && !this.#withinOpen;
    const faultsBefore = this.signs.faults.length;
    this.#withinOpen ||= open;
    const node =
      token.start.source === '{' ? this.#flowMap(token, range, depth) : this.#flowSequence(token, range, depth);
    if (open) this.#withinOpen = false;
    // A quote left open within may have swallowed the bracket: it is repaired first.
    if (open && this.signs.faults.length === faultsBefore) this.signs.bracket(token);
    return node;
  }

  #scalar(token: CST.FlowScalar | CST.BlockScalar, place: Place, tag: string | undefined): YamlScalar {
    const block = token.type === 'block-scalar';
    const range = block ? this.#blockScalarRange(token) : this.#range(token.offset, token.offset + token.source.length);
    if (isQuoted(token)) this.signs.quote(token, place.inFlow);
    if (token.source.includes('\n')) this.#noteSpread(range);
    const text = scalarText(token);
    const plain = token.type === 'scalar';
    const tagged = tag === undefined ? undefined : resolveTagged(tag, text);
    return this.#plainScalar(
      tagged === undefined ? (plain ? resolvePlain(text) : text) : tagged,
      scalarStyle(token),
      range,
    );
  }

  /** Ends at the last visible character, which may be part of a template action the draft shows as blank. */
  #blockScalarRange(token: CST.BlockScalar): TextRange {
    const start = this.#at(token.offset);
    const end = blockScalarEnd(token);
    if (this.#actions.length === 0) return this.#range(token.offset, end);
    const whole = this.#document.text.slice(start, this.#at(blockScalarTextEnd(token)));
    return { start, end: Math.max(this.#at(end), start + whole.trimEnd().length) };
  }

  #plainScalar(value: ScalarValue, style: YamlScalar['style'], range: TextRange): YamlScalar {
    const opaque =
      (this.#actions.length > 0 && style !== 'absent' && touchesAction(this.#actions, range)) ||
      (typeof value === 'string' && substitution.test(value));
    const scalar = new YamlScalar(this.#document, range.start, range.end, value, style);
    return opaque ? scalar.markOpaque() : scalar;
  }

  #blockMap(token: CST.BlockMap, depth: number): YamlMap {
    const entries: YamlEntry[] = [];
    let previous: CST.Token | undefined;
    for (const item of token.items) {
      if (item.key === undefined && item.sep === undefined && item.explicitKey !== true) continue;
      this.signs.entry(item, previous);
      if (item.key?.type === 'block-seq' && item.explicitKey !== true) this.#strayList(item.key, item.start);
      else entries.push(this.#entry(item, token.offset, depth, false));
      previous = item.value;
    }
    const start = entries[0]?.range.start ?? this.#at(token.offset);
    return this.#map(entries, { start, end: lastEnd(entries, this.#at(token.offset)) }, 'block');
  }

  /** Read for its own faults first: a quote left open in it may have swallowed what follows. */
  #strayList(list: CST.BlockSequence, props: SourceTokens): void {
    const before = this.signs.faults.length;
    this.#value(list, { props, absentAt: list.offset, depth: 0, inFlow: false });
    if (this.signs.faults.length === before) this.signs.strayList(list);
  }

  #entry(item: CST.CollectionItem, fallback: number, depth: number, inFlow: boolean): YamlEntry {
    const question = findToken(item.start, 'explicit-key-ind');
    const colon = findToken(item.sep, 'map-value-ind');
    const keyAt = question === undefined ? (colon?.offset ?? fallback) : question.offset + 1;
    const key = this.#key(item.key, { props: item.start, absentAt: keyAt, depth, inFlow });
    const absentAt = colon === undefined ? undefined : colon.offset + 1;
    const keyEnd = item.key ? tokenEnd(item.key) : keyAt;
    const value = this.#value(item.value, { props: item.sep, absentAt: absentAt ?? keyEnd, depth, inFlow });
    const start = question === undefined ? key.range.start : this.#at(question.offset);
    const end = Math.max(key.range.end, value.range.end);
    return start === key.start && end === value.end
      ? new YamlEntry(key, value)
      : new YamlEntry(key, value, { range: { start, end } });
  }

  /** A key as a scalar. A collection as a key, which Kubernetes refuses, is opaque. */
  #key(token: CST.Token | null | undefined, place: Place): YamlScalar {
    const node = this.#value(token, place);
    if (node.kind === 'scalar') return node;
    const { start, end } = node.range;
    return this.#plainScalar(this.#document.text.slice(start, end), 'plain', node.range).markOpaque();
  }

  #blockSequence(token: CST.BlockSequence, depth: number): YamlSequence {
    const items: YamlItem[] = [];
    let previous: CST.Token | undefined;
    for (const item of token.items) {
      const { start, value } = item;
      const dash = findToken(start, 'seq-item-ind');
      if (dash === undefined && value === undefined) continue;
      this.signs.item(item, previous);
      const absentAt = (dash?.offset ?? token.offset) + 1;
      const node = this.#value(value, { props: start, absentAt, depth, inFlow: false });
      items.push(dash === undefined ? YamlItem.bare(node) : YamlItem.behindDash(this.#at(dash.offset), node));
      previous = value;
    }
    const start = this.#at(token.offset);
    return this.#sequence(items, { start, end: lastEnd(items, start + 1) }, 'block');
  }

  #flowMap(token: CST.FlowCollection, range: TextRange, depth: number): YamlMap {
    const entries: YamlEntry[] = [];
    for (const item of token.items) {
      const { start, key, sep, value } = item;
      if (!key && !sep && !value && findToken(start, 'explicit-key-ind') === undefined) continue;
      const plain = !key && !sep && value ? { start, key: value, sep: [] } : item;
      entries.push(this.#entry(plain, token.offset + 1, depth, true));
    }
    return this.#map(entries, widened(range, entries), 'flow');
  }

  #flowSequence(token: CST.FlowCollection, range: TextRange, depth: number): YamlSequence {
    const items: YamlItem[] = [];
    for (const item of token.items) {
      const { start, key, sep, value } = item;
      const pair = findToken(sep, 'map-value-ind') !== undefined || findToken(start, 'explicit-key-ind') !== undefined;
      const content = value ?? key;
      if (!pair && !content) continue;
      const place = { props: start, absentAt: token.offset + 1, depth, inFlow: true };
      const node = pair ? this.#pair(item, token, depth) : this.#value(content, place);
      items.push(YamlItem.bare(node));
    }
    return this.#sequence(items, widened(range, items), 'flow');
  }

  /** `[a: b]`: a map of one entry without brackets of its own. */
  #pair(item: CST.CollectionItem, token: CST.FlowCollection, depth: number): YamlMap {
    this.anchors.count++;
    const entry = this.#entry(item, token.offset + 1, depth, true);
    return this.#map([entry], entry.range, 'flow');
  }

  #map(own: YamlEntry[], range: TextRange, style: 'block' | 'flow'): YamlMap {
    const merged = applyMerges(own, this.anchors);
    const entries = this.#actions.length > 0 ? merged : markDuplicates(merged);
    const incomplete = this.#actions.length > 0 && own.some((entry) => entry.key.opaque);
    const map = YamlMap.of(this.#document, range, entries, style);
    return incomplete ? map.markIncomplete() : map;
  }

  #sequence(items: YamlItem[], range: TextRange, style: 'block' | 'flow'): YamlSequence {
    return YamlSequence.of(this.#document, range, items, style);
  }

  #noteSpread(range: TextRange): void {
    if (this.signs.tabs) this.spread.push(range);
  }

  #range(start: number, end: number): TextRange {
    const from = this.#at(start);
    return { start: from, end: Math.max(from, this.#at(end)) };
  }
}

function lastEnd(parts: readonly { readonly range: TextRange }[], otherwise: number): number {
  return parts.reduce((end, part) => Math.max(end, part.range.end), parts.length === 0 ? otherwise : 0);
}

/** Brackets that do not match may leave parts behind the closing one. */
function widened(range: TextRange, parts: readonly { readonly range: TextRange }[]): TextRange {
  return { start: range.start, end: Math.max(range.end, lastEnd(parts, range.end)) };
}

function tooDeepProblem(range: TextRange): YamlProblem {
  return { message: `This is nested more than ${DEEPEST} levels deep and is not read further. Flatten it.`, range };
}
