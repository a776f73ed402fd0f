import { CST, Lexer } from 'yaml';
import type { Comment } from './document.js';
import type { Reading } from './read.js';

/** Every comment of a document, in text order. */
export function commentsOf(reading: Reading): Comment[] {
  const { document, draft, actions } = reading;
  if (!document.text.includes('#')) return [];
  const found: Comment[] = [];
  let offset = 0;
  let scalar = false;
  for (const source of new Lexer().lex(draft.text)) {
    if (!scalar && source.startsWith('#')) {
      const start = draft.original(offset);
      const text = document.text.slice(start + 1, start + source.length).trimEnd();
      if (text !== '' || document.text[start] === '#')
        found.push({ text, range: { start, end: start + 1 + text.length } });
    }
    scalar = source === CST.SCALAR;
    if (!scalar && source !== CST.DOCUMENT && source !== CST.FLOW_END) offset += source.length;
  }
  return actions.length === 0 ? found : found.filter(({ range }) => document.text[range.start] === '#');
}
