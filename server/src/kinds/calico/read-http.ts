import type { Constraint } from '../../model/policy.js';
import { keySpan, stringOf, valueAt, type YamlEntry } from '../../text/tree.js';
import { itemsOf } from '../entry.js';

/** What a rule asks of an HTTP request: "HTTP GET or POST /api or /v1/*". Source: networkpolicy.go HTTPMatch. */
export function readHttp(entry: YamlEntry | undefined): readonly Constraint[] {
  if (entry === undefined) return [];
  const methods = itemsOf(valueAt(entry.value, 'methods')).map((node) => stringOf(node) ?? '(unknown)');
  const paths = itemsOf(valueAt(entry.value, 'paths')).map((node) => {
    const prefix = stringOf(valueAt(node, 'prefix'));
    return prefix === undefined ? (stringOf(valueAt(node, 'exact')) ?? '(unknown)') : `${prefix}*`;
  });
  const headers = itemsOf(valueAt(entry.value, 'headers'));
  const words = ['HTTP', methods.join(' or '), paths.join(' or '), headers.length === 0 ? '' : 'with certain headers'];
  return [
    {
      kind: 'http',
      words: words.filter((word) => word !== '').join(' '),
      limits: methods.length + paths.length + headers.length > 0,
      at: keySpan(entry),
    },
  ];
}
