import ignore from 'ignore';
import { isBelow } from './files.js';
import type { Settings } from './settings.js';

/** Which URIs below a folder some patterns name, in the syntax of .gitignore from that folder. */
export function matcher(patterns: readonly string[], folder: string): (uri: string) => boolean {
  const rules = ignore().add([...patterns]);
  return (uri) => {
    if (!isBelow(uri, folder)) return false;
    const path = decodeURIComponent(uri.slice(folder.length + 1));
    return ignore.isPathValid(path) && rules.ignores(path);
  };
}

/**
 * What a listing leaves out, as one list of patterns: where `include` names something, all but that, and what `exclude`
 * names. The configuration itself is always listed.
 */
export function leftOut({ include, exclude }: Pick<Settings, 'include' | 'exclude'>): readonly string[] {
  if (include.length === 0) return exclude;
  // Folders stay open, so that what lies in them can be named.
  return ['**', '!*/', '!/.netpol.yaml', ...include.flatMap(reopened), ...exclude];
}

function reopened(pattern: string): readonly string[] {
  if (pattern.startsWith('!')) return [pattern.slice(1)];
  const bare = pattern.replace(/\/$/, '');
  // A pattern without a slash is about any depth; with what lies below it, it would have one.
  const below = bare.includes('/') ? `${bare}/**` : `**/${bare}/**`;
  return pattern === bare ? [`!${bare}`, `!${below}`] : [`!${below}`];
}
