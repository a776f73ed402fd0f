import { renderFlow, type YamlData } from '../text/render.js';

/** No YAML writer leaves a string without quotes that has it, and none writes it in another way. */
const quoteMark = '\ue001';

/**
 * Tab stops of a snippet while its YAML is built. Each stands in the data as a word that no YAML writer quotes and no name
 * rule alters; `expand` puts the editor's syntax in its place. The same default by the same name is one tab stop.
 */
export class TabStops {
  readonly #defaults: string[] = [];
  readonly #byName = new Map<string, string>();

  /** The word that stands for a tab stop with this default. */
  stop(text: string, name?: string): string {
    const known = name === undefined ? undefined : this.#byName.get(name);
    if (known !== undefined) return known;
    const word = `tabstop${this.#defaults.length}x`;
    this.#defaults.push(text);
    if (name !== undefined) this.#byName.set(name, word);
    return word;
  }

  /** A list of values separated by commas, each its own tab stop. */
  stops(text: string): string {
    return text
      .split(',')
      .map((part) => this.stop(part))
      .join(',');
  }

  /** The same data, in which a tab stop is in quotes whose default, a string, would be read as something else without them. */
  quoted(data: YamlData): YamlData {
    if (typeof data === 'string') {
      const index = /^tabstop(\d+)x$/.exec(data)?.[1];
      const text = index === undefined ? undefined : this.#defaults[Number(index)];
      return text === undefined || renderFlow(text, {}) === text ? data : quoteMark + data;
    }
    if (typeof data !== 'object' || data === null) return data;
    return isList(data) ? data.map((item) => this.quoted(item)) : this.quotedMap(data);
  }

  quotedMap(data: { readonly [key: string]: YamlData }): { readonly [key: string]: YamlData } {
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, this.quoted(value)]));
  }

  /** Snippet text: tab stops are numbered as they appear, and what the editor would read as its own syntax is escaped. */
  expand(text: string): string {
    const numbers = new Map<number, number>();
    return text.replaceAll(quoteMark, '').replace(/[\\$]|tabstop(\d+)x/g, (found, digits: string | undefined) => {
      if (digits === undefined) return `\\${found}`;
      const index = Number(digits);
      const number = numbers.get(index) ?? numbers.size + 1;
      const first = !numbers.has(index);
      numbers.set(index, number);
      return first ? `\${${number}:${(this.#defaults[index] ?? '').replace(/[\\$}]/g, '\\$&')}}` : `\${${number}}`;
    });
  }
}

function isList(data: object): data is readonly YamlData[] {
  return Array.isArray(data);
}
