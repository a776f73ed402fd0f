import type { Place } from './workload.js';

/** A value that has a name: an environment variable, a flag of a command line, a key of a configuration file. */
export interface Setting {
  /** As written, without a flag's dashes; empty for what has no name, such as a plain argument. */
  readonly name: string;
  readonly text: string;
  /** The value in the text. */
  readonly at: Place;
}

/** What a container takes from a ConfigMap. */
export interface ConfigUse {
  readonly config: string;
  /** The entries that are taken; undefined: all of them. */
  readonly keys: readonly string[] | undefined;
  /** How: as the variable of this name, as variables that are called by their keys behind this prefix, as files. */
  readonly as:
    | { readonly kind: 'variable'; readonly name: string }
    | { readonly kind: 'variables'; readonly prefix: string }
    | { readonly kind: 'files' };
  readonly at: Place;
}

/** How a container is set up, as far as it may name what the container connects to. */
export interface ContainerSettings {
  readonly variables: readonly Setting[];
  /** Command and arguments. */
  readonly words: readonly Setting[];
  readonly uses: readonly ConfigUse[];
}

/** A ConfigMap, as far as its values may name what somebody connects to. */
export interface Config {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly entries: readonly ConfigEntry[];
  readonly at: Place;
}

/** One key of a ConfigMap's data. A value of several lines is a file: each line is read for itself. */
export interface ConfigEntry {
  readonly key: string;
  readonly file: boolean;
  readonly settings: readonly Setting[];
}

/** Says of one text after the other whether it still fits into a number of characters together with those that did. */
export function fitting(characters: number): (text: string) => boolean {
  let left = characters;
  return ({ length }) => {
    if (length >= left) return false;
    left -= length + 1;
    return true;
  };
}
