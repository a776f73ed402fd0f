import type { NamespaceMatch, RequirementSource } from '../../model/peer.js';
import {
  namespaceKey,
  namespaceLabelOf,
  namespaceNameKey,
  orchestratorKey,
  serviceAccountKey,
  serviceAccountName,
} from '../../model/pod-facts.js';
import { allOfThem, anyOfThem, both, everything, keysOf, nothing, type Selector } from '../../model/selector.js';
import { keySpan, stringOf, type YamlEntry } from '../../text/tree.js';
import type { ReadSelector } from '../kubernetes/label-selector.js';
import { placesIn } from './scalar-places.js';
import { parseSelector, type SelectorNode, type Word } from './selector-grammar.js';

/** Whose labels a selector's labels are. Source: libcalico-go updateprocessors/rules.go getEndpointSelector. */
export type LabelsOf = 'pods' | 'namespaces' | 'accounts';

export interface CalicoSelector extends ReadSelector {
  /** It is `all()` over namespaces: whatever is in some namespace, and no global set of addresses. */
  readonly anyNamespace: boolean;
}

/**
 * A selector in the model's terms. Keys that are no labels of pods stand as `model/pod-facts.ts` names them; those of
 * namespaceSelector as plain labels. Uncertain, and everything, where the text is a template or cannot be read.
 */
export function readSelector(entry: YamlEntry, of: LabelsOf): CalicoSelector {
  const at = keySpan(entry);
  const text = stringOf(entry.value);
  const node = text === undefined ? undefined : parseSelector(text).node;
  if (entry.value.kind !== 'scalar' || node === undefined)
    return { selector: everything, source: { at, requirements: [] }, uncertain: true, anyNamespace: false };
  const place = placesIn(entry.value);
  const requirements = conjuncts(node).flatMap((term): readonly RequirementSource[] => {
    const words = wordsOf(term);
    if (words === undefined) return [];
    const [label, values] = words;
    const selector = modelOf(term, of);
    return [
      {
        selector,
        key: keyOf(label.text, of),
        keyAt: place(label.range),
        values: values.map((value) => ({ value: value.text, at: place(value.range) })),
      },
    ];
  });
  return {
    selector: modelOf(node, of),
    source: { at, requirements },
    uncertain: false,
    anyNamespace: of === 'namespaces' && node.kind === 'all',
  };
}

/** The parts of a selector that all have to hold. */
function conjuncts(node: SelectorNode): readonly SelectorNode[] {
  return node.kind === 'and' ? node.terms.flatMap(conjuncts) : [node];
}

function wordsOf(node: SelectorNode): readonly [Word, readonly Word[]] | undefined {
  switch (node.kind) {
    case 'has':
      return [node.label, []];
    case 'compare':
      return [node.label, [node.value]];
    case 'in':
    case 'not in':
      return [node.label, node.values];
    case 'not':
      return node.term.kind === 'has' ? [node.term.label, []] : undefined;
    default:
      return undefined;
  }
}

function modelOf(node: SelectorNode, of: LabelsOf): Selector {
  switch (node.kind) {
    case 'all':
      return everything;
    case 'global':
      // What is in no namespace has none of the labels that each namespace has.
      return { op: 'DoesNotExist', key: of === 'namespaces' ? namespaceNameKey : namespaceKey(namespaceNameKey) };
    case 'not':
      return negated(modelOf(node.term, of));
    case 'and':
      return allOfThem(node.terms.map((term) => modelOf(term, of)));
    case 'or':
      return anyOfThem(node.terms.map((term) => modelOf(term, of)));
    default: {
      return leafOf(node, keyOf(node.label.text, of));
    }
  }
}

type LeafNode = Extract<SelectorNode, { readonly label: Word }>;

function leafOf(node: LeafNode, key: string): Selector {
  switch (node.kind) {
    case 'has':
      return { op: 'Exists', key };
    case 'in':
    case 'not in':
      return { op: node.kind === 'in' ? 'In' : 'NotIn', key, values: node.values.map(({ text }) => text) };
    case 'compare': {
      const value = node.value.text;
      switch (node.operator) {
        case '==':
          return { op: 'In', key, values: [value] };
        case '!=':
          return { op: 'NotIn', key, values: [value] };
        case 'contains':
          return { op: 'Contains', key, value };
        case 'starts with':
          return { op: 'StartsWith', key, value };
        case 'ends with':
          return { op: 'EndsWith', key, value };
      }
    }
  }
}

function negated(selector: Selector): Selector {
  switch (selector.op) {
    case 'All':
      return nothing;
    case 'Not':
      return selector.term;
    case 'In':
    case 'NotIn':
      return { ...selector, op: selector.op === 'In' ? 'NotIn' : 'In' };
    case 'Exists':
    case 'DoesNotExist':
      return { ...selector, op: selector.op === 'Exists' ? 'DoesNotExist' : 'Exists' };
    default:
      return { op: 'Not', term: selector };
  }
}

/** The labels that Calico gives pods, namespaces and service accounts. Source: libcalico-go backend/k8s/conversion. */
function keyOf(label: string, of: LabelsOf): string {
  if (of === 'namespaces') return label === 'projectcalico.org/name' ? namespaceNameKey : label;
  if (of === 'accounts') return label === 'projectcalico.org/name' ? serviceAccountName : serviceAccountKey(label);
  if (label === 'projectcalico.org/orchestrator') return orchestratorKey;
  if (label === 'projectcalico.org/namespace') return namespaceKey(namespaceNameKey);
  if (label === 'projectcalico.org/serviceaccount') return serviceAccountName;
  if (label.startsWith('pcns.')) return namespaceKey(keyOf(label.slice('pcns.'.length), 'namespaces'));
  return label.startsWith('pcsa.') ? keyOf(label.slice('pcsa.'.length), 'accounts') : label;
}

/**
 * A selector of pods in two: what it asks of their namespaces alone, as labels of namespaces, and all else. What mixes
 * both stays with the pods.
 */
export function splitByFacts(selector: Selector): { readonly namespaces: Selector; readonly pods: Selector } {
  const [namespaces, pods]: [Selector[], Selector[]] = [[], []];
  for (const term of selector.op === 'And' ? selector.terms : [selector]) {
    const keys = [...keysOf(term)];
    if (keys.length > 0 && keys.every((key) => namespaceLabelOf(key) !== undefined)) namespaces.push(plainLabels(term));
    else pods.push(term);
  }
  return { namespaces: allOfThem(namespaces), pods: allOfThem(pods) };
}

function plainLabels(selector: Selector): Selector {
  switch (selector.op) {
    case 'All':
      return selector;
    case 'Not':
      return { op: 'Not', term: plainLabels(selector.term) };
    case 'And':
    case 'Or':
      return { op: selector.op, terms: selector.terms.map(plainLabels) };
    default:
      return { ...selector, key: namespaceLabelOf(selector.key) ?? selector.key };
  }
}

/** Where pods may be that a selector chooses, and which those are. `given` is what namespaceSelector says, if it is there. */
export function placedPods(
  given: Selector | undefined,
  own: boolean,
  selector: Selector,
): { readonly namespaces: NamespaceMatch; readonly pods: Selector } {
  if (given === undefined && own) return { namespaces: { own: true }, pods: selector };
  const { namespaces, pods } = splitByFacts(selector);
  return { namespaces: { own: false, selector: both(given ?? everything, namespaces) }, pods };
}
