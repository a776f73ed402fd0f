import { itemsOf } from '../kinds/entry.js';
import type { Policy } from '../model/policy.js';
import { replaceKey, replaceScalar, type TextEdit } from '../text/edits.js';
import { keySpan, keyText, type Span, spanOf, stringOf, valueAt, type YamlNode } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { ciliumEntries } from './cilium-entries.js';
import { specOf } from './policy-nodes.js';

/** A label that a Cilium policy's selector of endpoints asks for, as written. */
export interface EndpointLabel {
  /** `[source:]key`. */
  readonly text: string;
  /** The value, of `matchLabels`; the values of an expression. */
  readonly values: readonly string[];
  readonly at: Span;
  /** It asks that pods lack the label, or the values. */
  readonly negative: boolean;
  /** The other keys of the selector's labels. */
  readonly beside: readonly string[];
  /** The selector's own: of the pods that the policy is about. */
  readonly subject: boolean;
  rename(text: string): TextEdit | undefined;
}

/** Those of `endpointSelector`, and of the endpoints that entries name. Nothing of what a template writes. */
export function endpointLabels(policy: Placed<Policy>): readonly EndpointLabel[] {
  if (policy.value.family !== 'cilium') return [];
  const subject = valueAt(specOf(policy), 'endpointSelector');
  const peers = ciliumEntries(policy).flatMap(({ node, direction }) =>
    itemsOf(valueAt(node, direction === 'ingress' ? 'fromEndpoints' : 'toEndpoints')),
  );
  return [...labelsIn(subject, true), ...peers.flatMap((peer) => labelsIn(peer, false))];
}

function labelsIn(selector: YamlNode | undefined, subject: boolean): readonly EndpointLabel[] {
  const labels = valueAt(selector, 'matchLabels');
  const entries = labels?.kind === 'map' ? labels.entries.filter(({ key }) => !key.opaque) : [];
  const keys = entries.map(keyText);
  return [
    ...entries.map((entry) => ({
      text: keyText(entry),
      values: stringsOf([entry.value]),
      at: keySpan(entry),
      negative: false,
      beside: keys,
      subject,
      rename: (text: string) => replaceKey(entry, text),
    })),
    ...itemsOf(valueAt(selector, 'matchExpressions')).flatMap((expression) => {
      const key = valueAt(expression, 'key');
      const text = stringOf(key);
      if (key === undefined || text === undefined) return [];
      const values = stringsOf(itemsOf(valueAt(expression, 'values')));
      const negative = ['NotIn', 'DoesNotExist'].includes(stringOf(valueAt(expression, 'operator')) ?? '');
      const rename = (wanted: string) => replaceScalar(key, wanted);
      return [{ text, values, at: spanOf(key), negative, beside: [], subject, rename }];
    }),
  ];
}

function stringsOf(nodes: readonly YamlNode[]): readonly string[] {
  return nodes.flatMap((node) => stringOf(node) ?? []);
}

/** What comes of asking for a label that nothing has. */
export function effectOf({ negative }: EndpointLabel): string {
  return negative ? 'leaves nothing out' : 'chooses nothing';
}
