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

  /** Snippet text: tab stops are numbered as they appear, and what the editor would read as its own syntax is escaped. */
  expand(text: string): string {
    const numbers = new Map<number, number>();
    return text.replace(/[\\$]|tabstop(\d+)x/g, (found, digits: string | undefined) => {
      if (digits === undefined) return `\\${found}`;
      const index = Number(digits);
      const number = numbers.get(index) ?? numbers.size + 1;
      const first = !numbers.has(index);
      numbers.set(index, number);
      return first ? `\${${number}:${(this.#defaults[index] ?? '').replace(/[\\$}]/g, '\\$&')}}` : `\${${number}}`;
    });
  }
}
