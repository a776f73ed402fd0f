import { removeItem } from '../../text/edits.js';
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
  type YamlMap,
  type YamlNode,
  type YamlPath,
  type YamlSequence,
} from '../../text/tree.js';
import type { Field, ListField, ObjectField, ValueField } from '../field.js';
import type { Problem } from '../problem.js';
import { dash } from '../structure.js';

/**
 * What a CRD's schema says beyond names and types: how many items, how long, between which numbers, exactly one of the
 * fields, nothing twice. Opaque values and incomplete (templated) parts are not judged.
 * Source: the structural schema's minItems, maxItems, maxLength, minimum, maximum, minProperties, maxProperties and
 * x-kubernetes-list-type.
 */
export function checkLimits(root: YamlMap, fields: ObjectField): readonly Problem[] {
  return checkObject(root, fields, [], spanOf(root));
}

function checkNode(node: YamlNode, field: Field, path: YamlPath, at: Span): readonly Problem[] {
  if (isNull(node) || (node.kind === 'scalar' && node.opaque)) return [];
  if (field.type === 'object') return node.kind === 'map' ? checkObject(node, field, path, at) : [];
  if (field.type === 'list') return node.kind === 'sequence' ? checkList(node, field, path, at) : [];
  return field.type === 'map' || field.type === 'one-of' ? [] : checkValue(node, field, path);
}

function checkObject(node: YamlMap, field: ObjectField, path: YamlPath, at: Span): readonly Problem[] {
  const problems: Problem[] = field.exactlyOne === undefined ? [] : [...checkOne(node, field, path, at)];
  for (const [name, inner] of Object.entries(field.fields)) {
    const entry = entryOf(node, name);
    if (entry !== undefined) problems.push(...checkNode(entry.value, inner, [...path, name], keySpan(entry)));
  }
  return problems;
}

/** minProperties 1 and maxProperties 1. Null values are dropped before the server counts. */
function checkOne(node: YamlMap, field: ObjectField, path: YamlPath, at: Span): readonly Problem[] {
  if (node.incomplete) return [];
  const written = node.entries.filter((entry) => !isNull(entry.value) && !entry.duplicate);
  // Unknown fields are reported as such.
  const given = written.filter((entry) => Object.hasOwn(field.fields, keyText(entry)));
  const [first, second] = given;
  if (second === undefined && written.length > 0) return [];
  const names = Object.keys(field.fields);
  const wanted = names.length === 1 ? `Give ${names.join('')}` : `Give exactly one of ${names.join(', ')}`;
  const what =
    second === undefined ? 'nothing is given' : `${given.map((entry) => keyText(entry)).join(' and ')} stand together`;
  const split = typeof path.at(-1) === 'number' && second !== undefined ? ', each in an item of its own' : '';
  return [
    {
      rule: field.exactlyOne ?? 'invalid-value',
      path,
      at: second === undefined ? at : keySpan(second),
      message: `${formatPath(path)}: ${what}, and the API server refuses the object. ${wanted}${split}.`,
      ...(first === undefined ? {} : { related: [{ at: keySpan(first), message: 'the other one' }] }),
    },
  ];
}

function checkList(node: YamlSequence, field: ListField, path: YamlPath, at: Span): readonly Problem[] {
  const problems: Problem[] = [];
  const count = node.items.length;
  const refuse = (why: string) =>
    problems.push({ rule: 'invalid-value', path, at, message: `${formatPath(path)}: ${why}` });
  if (!node.incomplete && field.minItems !== undefined && count < field.minItems) {
    const how = field.absent === undefined ? '' : `, or leave it out, which means: ${field.absent}`;
    refuse(`an empty list is refused. Give one item at least${how}.`);
  }
  if (field.maxItems !== undefined && count > field.maxItems) {
    refuse(`at most ${field.maxItems} items are allowed, ${count} are given. Spread them over several.`);
  }
  node.items.forEach((item, index) => {
    const here = [...path, index];
    const place = dash(item);
    if (isNull(item.value)) {
      problems.push({
        rule: 'wrong-type',
        path: here,
        at: place,
        message: `${formatPath(here)}: an item without content is refused. Fill it in, or remove it.`,
        ...(count > 1 ? { fixes: [removal(node, index, 'Remove this empty item')] } : {}),
      });
      return;
    }
    const text = field.unique === true ? stringOf(item.value) : undefined;
    const first = node.items.findIndex(({ value }) => stringOf(value) === text);
    if (text !== undefined && first < index) {
      problems.push({
        rule: 'invalid-value',
        path: here,
        at: spanOf(item.value),
        message: `${formatPath(here)}: ${text} stands twice in the list, and the API server refuses that. Remove one.`,
        fixes: [{ ...removal(node, index, `Remove this ${text}`), preferred: true, safe: true }],
      });
    }
    problems.push(...checkNode(item.value, field.item, here, place));
  });
  return problems;
}

function removal(list: YamlSequence, index: number, title: string) {
  return { title, changes: () => editOnly(removeItem(list, index)) };
}

function checkValue(node: YamlNode, field: ValueField, path: YamlPath): readonly Problem[] {
  if (node.kind !== 'scalar') return [];
  const { minimum, maximum, maxLength } = field;
  const { value } = node;
  const refuse = (rule: Problem['rule'], why: string): Problem => ({
    rule,
    path,
    at: spanOf(node),
    message: `${formatPath(path)}: ${why}`,
  });
  if (typeof value === 'number' && minimum !== undefined && maximum !== undefined) {
    if (!Number.isInteger(value) || (value >= minimum && value <= maximum)) return [];
    return [
      refuse(field.outOfRange ?? 'invalid-value', `${value} is refused; it has to be from ${minimum} to ${maximum}.`),
    ];
  }
  // The server counts characters, not UTF-16 units.
  const length = typeof value === 'string' ? [...value].length : 0;
  return maxLength !== undefined && length > maxLength
    ? [refuse('invalid-value', `it has ${length} characters, ${maxLength} are allowed. Shorten it.`)]
    : [];
}
