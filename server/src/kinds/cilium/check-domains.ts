import { entryOf, stringOf, type YamlNode, type YamlPath } from '../../text/tree.js';
import { itemsOf } from '../entry.js';
import type { Problem } from '../problem.js';
import { placeOf } from '../structure.js';
import { byServer, refusal } from './refusal.js';

/** Names and patterns of names: `^([-a-zA-Z0-9_*]+[.]?)+$`, of at most 255 characters; without `*` for names. */
export function checkDomains(list: YamlNode | undefined, path: YamlPath): readonly Problem[] {
  return itemsOf(list).flatMap((item, index) =>
    (['matchName', 'matchPattern'] as const).flatMap((key) => {
      const entry = entryOf(item, key);
      const text = stringOf(entry?.value);
      const why = text === undefined ? undefined : domainProblem(text, key);
      if (entry === undefined || why === undefined) return [];
      const how = 'Write it such as api.example.com.';
      return [refusal('invalid-value', [...path, index, key], placeOf(entry), [`"${text}": ${why}`, byServer, how])];
    }),
  );
}

function domainProblem(text: string, key: 'matchName' | 'matchPattern'): string | undefined {
  if (text === '') return 'it is empty';
  if (key === 'matchName' && text.includes('*')) return '"*" is for matchPattern';
  if (!/^[-a-zA-Z0-9_*.]+$/.test(text)) return 'only letters, digits, "-", "_" and "." are allowed';
  if (text.startsWith('.') || text.includes('..')) return 'a part between dots is empty';
  return undefined;
}
