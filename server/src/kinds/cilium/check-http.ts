import { entryOf, spanOf, stringOf, valueAt, type YamlNode, type YamlPath } from '../../text/tree.js';
import { itemsOf } from '../entry.js';
import type { Problem } from '../problem.js';
import { placeOf } from '../structure.js';
import { byAgent, byServer, refusal } from './refusal.js';

/** Method and path have to be regular expressions as Go reads them; headers have names. */
export function checkHttp(list: YamlNode | undefined, path: YamlPath): readonly Problem[] {
  return itemsOf(list).flatMap((item, index) => [
    ...['method', 'path'].flatMap((key) => {
      const entry = entryOf(item, key);
      const text = stringOf(entry?.value);
      const why = text === undefined ? undefined : patternProblem(text);
      if (entry === undefined || why === undefined) return [];
      const words = [`"${text}" is no regular expression: ${why}`, byAgent, 'Correct it.'] as const;
      return [refusal('invalid-value', [...path, index, key], placeOf(entry), words)];
    }),
    ...itemsOf(valueAt(item, 'headerMatches')).flatMap((match, place) => {
      const name = valueAt(match, 'name');
      if (name === undefined || stringOf(name) !== '') return [];
      const here = [...path, index, 'headerMatches', place, 'name'];
      return [refusal('invalid-value', here, spanOf(name), ['a header has no name', byServer, 'Write it.'])];
    }),
  ]);
}

/**
 * What Go's regexp (RE2) surely refuses: what it lacks, and what is no expression in any language. Its own forms that
 * JavaScript does not read are taken out first.
 */
function patternProblem(text: string): string | undefined {
  if (text.includes('\\Q')) return undefined;
  const bare = text.replace(/\\./gs, (pair) => (/[1-9]/.test(pair) ? pair : 'x'));
  if (/\(\?<?[=!]/.test(withoutClasses(bare))) return 'Go knows no lookahead and no lookbehind';
  if (/\\[1-9]/.test(bare)) return 'Go knows no back references';
  try {
    // `(?i)`, `(?i:`, `(?P<name>`, and classes such as `[[:alpha:]]`.
    new RegExp(
      bare
        .replace(/\(\?[imsU-]+\)/g, '')
        .replace(/\(\?[imsU-]+:/g, '(?:')
        .replaceAll('(?P<', '(?<')
        .replace(/\[:\^?[a-z]+:\]/g, 'x'),
    );
    return undefined;
  } catch (error) {
    return error instanceof SyntaxError ? 'brackets or repetitions do not fit together' : 'it cannot be read';
  }
}

function withoutClasses(text: string): string {
  return text.replace(/\[\^?\]?[^\]]*\]/g, 'x');
}
