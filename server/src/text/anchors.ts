import type { YamlProblem } from './document.js';
import type { Copy } from './incomplete.js';
import type { TextRange } from './range.js';
import { type DocumentRef, type YamlNode, YamlScalar } from './tree.js';

/** Aliases may add this many nodes to a document, counting what they bring in turn; then they are no longer followed. */
const MOST_EXPANDED = 100_000;

interface Anchored {
  readonly node: YamlNode;
  /** How many nodes it stands for, with the aliases in it followed. */
  readonly size: number;
}

/**
 * The anchors of one document, in the one pass that builds its tree. An alias takes the content of the last anchor of
 * its name before it. The contents are shared, so that a tree stays small in memory however much it stands for.
 */
export class Anchors {
  /** Nodes so far, with aliases followed. */
  count = 0;
  readonly problems: YamlProblem[] = [];
  readonly copies: Copy[] = [];
  /** The anchored values that an alias stands for. */
  readonly shared = new Set<TextRange>();
  readonly #known = new Map<string, Anchored>();
  readonly #open = new Set<string>();
  #expanded = 0;
  #full = false;

  /** To be called before the content of an anchor is built; the answer goes to `end`. */
  begin(name: string): number {
    this.#open.add(name);
    return this.count;
  }

  end(name: string, node: YamlNode, countBefore: number): void {
    this.#open.delete(name);
    this.#known.set(name, { node, size: this.count - countBefore });
  }

  /** The node an alias stands for: the anchor's content, at the alias' place. */
  resolve(name: string, range: TextRange, document: DocumentRef): YamlNode {
    const target = this.#known.get(name);
    if (target === undefined) {
      const message = this.#open.has(name)
        ? `*${name} stands within the value it refers to. Write the value out.`
        : `There is no anchor &${name} before this alias. Add it to the value that is meant, or write the value out.`;
      this.problems.push({ message, range });
      return unknown(range, document);
    }
    if (!this.spend(target.size, range)) return unknown(range, document);
    this.shared.add(target.node.range);
    const copy = target.node.aliasAt(range);
    if (copy.kind !== 'scalar') this.copies.push({ of: target.node, copy });
    return copy;
  }

  /** Counts nodes that an alias or a merge brings in; false, with one problem for the document, beyond the limit. */
  spend(nodes: number, range: TextRange): boolean {
    if (this.#expanded + nodes > MOST_EXPANDED) {
      if (!this.#full) {
        const message = `The aliases up to here stand for more than ${MOST_EXPANDED} values and are not followed further. Write out what is needed.`;
        this.problems.push({ message, range });
      }
      this.#full = true;
      return false;
    }
    this.#expanded += nodes;
    this.count += nodes;
    return true;
  }
}

function unknown(range: TextRange, document: DocumentRef): YamlScalar {
  return new YamlScalar(document, range.start, range.end, null, 'plain').aliasAt(range).markOpaque();
}
