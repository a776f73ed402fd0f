import type { RequirementSource, SelectorSource } from '../../model/peer.js';
import { allOfThem, type Selector } from '../../model/selector.js';
import { removeEntry } from '../../text/edits.js';
import { editOnly } from '../../text/fix.js';
import { formatPath } from '../../text/paths.js';
import {
  entryOf,
  isNull,
  keySpan,
  keyText,
  type Span,
  spanOf,
  stringOf,
  valueAt,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
  type YamlPath,
} from '../../text/tree.js';
import { nearest } from '../nearest.js';
import type { Problem } from '../problem.js';
import { hasMisspelt, placeOf, replaceFix } from '../structure.js';
import { labelKeyProblem, labelValueProblem } from './names.js';

export interface ReadSelector {
  readonly selector: Selector;
  readonly source: SelectorSource;
  /** Some condition could not be read: the selector may choose less than is said. */
  readonly uncertain: boolean;
}

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;
type Operator = (typeof operators)[number];

function isOperator(text: string | undefined): text is Operator {
  return operators.some((operator) => operator === text);
}

const selectorKeys = ['matchLabels', 'matchExpressions'];

/** A key that the API does not know: what its author wanted is not said, so the part it stands in is not known. */
export function hasStrayKey(node: YamlMap, known: readonly string[]): boolean {
  return node.entries.some((entry) => !entry.key.opaque && !known.includes(keyText(entry)));
}

/** Reads a LabelSelector: matchLabels and matchExpressions joined by AND; an empty one is everything. */
export function readLabelSelector(node: YamlNode, at: Span): ReadSelector {
  const requirements: RequirementSource[] = [];
  let uncertain = node.kind !== 'map' ? !isNull(node) : node.incomplete || hasStrayKey(node, selectorKeys);
  const labels = valueAt(node, 'matchLabels');
  if (labels?.kind === 'map') {
    uncertain ||= labels.incomplete;
    for (const entry of labels.entries) {
      const value = isNull(entry.value) ? '' : stringOf(entry.value);
      if (value === undefined || entry.key.opaque) {
        uncertain = true;
        continue;
      }
      if (entry.duplicate) uncertain = true;
      const key = keyText(entry);
      requirements.push({
        selector: { op: 'In', key, values: [value] },
        key,
        keyAt: keySpan(entry),
        values: [{ value, at: placeOf(entry) }],
      });
    }
  } else if (labels !== undefined && !isNull(labels)) uncertain = true;
  const expressions = valueAt(node, 'matchExpressions');
  if (expressions?.kind === 'sequence') {
    uncertain ||= expressions.incomplete;
    for (const item of expressions.items) {
      const read = readExpression(item.value);
      if (read === undefined) uncertain = true;
      else requirements.push(read);
    }
  } else if (expressions !== undefined && !isNull(expressions)) uncertain = true;
  return {
    selector: allOfThem(requirements.map(({ selector }) => selector)),
    source: { at, requirements },
    uncertain,
  };
}

function readExpression(node: YamlNode): RequirementSource | undefined {
  const keyNode = valueAt(node, 'key');
  const key = stringOf(keyNode);
  const operator = stringOf(valueAt(node, 'operator'));
  if (keyNode === undefined || key === undefined || !isOperator(operator)) return undefined;
  const list = valueAt(node, 'values');
  const values: { value: string; at: Span }[] = [];
  if (list?.kind === 'sequence') {
    if (list.incomplete) return undefined;
    for (const item of list.items) {
      const value = stringOf(item.value);
      if (value === undefined) return undefined;
      values.push({ value, at: spanOf(item.value) });
    }
  } else if (!isNull(list)) return undefined;
  const needsValues = operator === 'In' || operator === 'NotIn';
  if (needsValues !== values.length > 0) return undefined;
  const selector: Selector =
    operator === 'In' || operator === 'NotIn'
      ? { op: operator, key, values: values.map((v) => v.value) }
      : { op: operator, key };
  return { selector, key, keyAt: spanOf(keyNode), values };
}

/**
 * What the API server refuses in a LabelSelector, beyond its structure.
 * Source: apimachinery pkg/apis/meta/v1/validation ValidateLabelSelector.
 */
export function checkLabelSelector(
  node: YamlNode | undefined,
  path: YamlPath,
  /** What is wrong with a key, where a family writes more into it than a label's key. */
  keyProblem = labelKeyProblem,
): readonly Problem[] {
  const problems: Problem[] = [];
  const labels = valueAt(node, 'matchLabels');
  if (labels?.kind === 'map') {
    const here = [...path, 'matchLabels'];
    problems.push(...checkLabels(labels, here, keyProblem), ...checkEmptyValues(labels, here));
  }
  const expressions = valueAt(node, 'matchExpressions');
  if (expressions?.kind !== 'sequence') return problems;
  expressions.items.forEach((item, index) => {
    if (item.value.kind !== 'map') return;
    problems.push(...checkExpression(item.value, [...path, 'matchExpressions', index], keyProblem));
  });
  return problems;
}

/** Keys and values of a label map. The API server names the map itself as the field. */
export function checkLabels(labels: YamlMap, path: YamlPath, keyProblem = labelKeyProblem): readonly Problem[] {
  const problems: Problem[] = [];
  for (const entry of labels.entries) {
    if (!entry.key.opaque) {
      const why = keyProblem(keyText(entry));
      if (why !== undefined) problems.push(badLabel(path, keySpan(entry), 'label key', keyText(entry), why));
    }
    const value = stringOf(entry.value);
    const why = value === undefined ? undefined : labelValueProblem(value);
    if (value !== undefined && why !== undefined)
      problems.push(badLabel(path, placeOf(entry), 'label value', value, why));
  }
  return problems;
}

/** A value left out is accepted: a null decodes as the empty string, which is seldom what the pods have. */
function checkEmptyValues(labels: YamlMap, path: YamlPath): readonly Problem[] {
  if (labels.incomplete) return [];
  return labels.entries.flatMap((entry): Problem[] => {
    if (entry.key.opaque || !isNull(entry.value)) return [];
    const key = keyText(entry);
    return [
      {
        rule: 'invalid-label',
        path,
        at: keySpan(entry),
        severity: 'warning',
        message: `${formatPath(path)}: "${key}" has no value, which is no more than the empty string: only objects with that very value match. Write the value, "" for the empty one, or a condition with Exists for any.`,
        ...(entry.value.kind === 'scalar'
          ? { fixes: [{ ...replaceFix(entry.value, '', false, 'Write "" (the empty value)'), preferred: false }] }
          : {}),
      },
    ];
  });
}

function badLabel(path: YamlPath, at: Span, what: string, text: string, why: string): Problem {
  return {
    rule: 'invalid-label',
    path,
    at,
    message: `${formatPath(path)}: the ${what} "${text}" is refused: ${why}.`,
  };
}

function checkExpression(map: YamlMap, path: YamlPath, keyProblem: typeof labelKeyProblem): readonly Problem[] {
  const problems: Problem[] = [];
  const keyNode = valueAt(map, 'key');
  const key = stringOf(keyNode);
  if (keyNode !== undefined && key !== undefined) {
    const why = keyProblem(key);
    if (why !== undefined) problems.push(badLabel([...path, 'key'], spanOf(keyNode), 'label key', key, why));
  }
  const operatorEntry = entryOf(map, 'operator');
  const operator = stringOf(operatorEntry?.value);
  const values = entryOf(map, 'values');
  if (operatorEntry !== undefined && operator !== undefined && !isOperator(operator)) {
    problems.push(unknownOperator(operatorEntry, operator, path));
  }
  const list = values?.value;
  if (list?.kind === 'sequence') {
    list.items.forEach((item, index) => {
      const text = stringOf(item.value);
      const why = text === undefined ? undefined : labelValueProblem(text);
      if (text !== undefined && why !== undefined) {
        problems.push(badLabel([...path, 'values', index], spanOf(item.value), 'label value', text, why));
      }
    });
  }
  if (!isOperator(operator) || (list?.kind === 'sequence' && list.incomplete) || map.incomplete) return problems;
  // What is not a list, or stands under a misspelt key, is reported as that.
  if (list !== undefined && list.kind !== 'sequence' && !isNull(list)) return problems;
  if (hasMisspelt(map, 'values')) return problems;
  const count = list?.kind === 'sequence' ? list.items.length : 0;
  if ((operator === 'In' || operator === 'NotIn') && count === 0) {
    problems.push({
      rule: 'invalid-selector',
      path: [...path, 'values'],
      at: values === undefined ? keyOr(operatorEntry, map) : keySpan(values),
      message: `${formatPath([...path, 'values'])}: operator ${operator} needs at least one value. Add \`values:\` with the values to ${
        operator === 'In' ? 'match' : 'exclude'
      }, or use ${operator === 'In' ? 'Exists' : 'DoesNotExist'}.`,
    });
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && count > 0 && values !== undefined) {
    problems.push({
      rule: 'invalid-selector',
      path: [...path, 'values'],
      at: keySpan(values),
      message: `${formatPath([...path, 'values'])}: operator ${operator} takes no values. Remove them, or use ${
        operator === 'Exists' ? 'In' : 'NotIn'
      }.`,
      fixes: [{ title: 'Remove values', changes: () => editOnly(removeEntry(map, values)) }],
    });
  }
  return problems;
}

function keyOr(entry: YamlEntry | undefined, map: YamlMap): Span {
  return entry === undefined ? spanOf(map) : placeOf(entry);
}

function unknownOperator(entry: YamlEntry, operator: string, path: YamlPath): Problem {
  const meant = nearest(operator, operators);
  return {
    rule: 'invalid-selector',
    path: [...path, 'operator'],
    at: placeOf(entry),
    message: `${formatPath([...path, 'operator'])}: "${operator}" is not a selector operator. Use In, NotIn, Exists or DoesNotExist (written exactly so)${
      meant === undefined ? '' : `; did you mean ${meant}?`
    }`,
    ...(meant === undefined || entry.value.kind !== 'scalar' ? {} : { fixes: [replaceFix(entry.value, meant, true)] }),
  };
}
