import { removeEntry, replaceKey, replaceScalar } from '../text/edits.js';
import { editOnly } from '../text/fix.js';
import { formatPath } from '../text/paths.js';
import {
  entryOf,
  isNull,
  keySpan,
  keyText,
  type Span,
  spanOf,
  YamlEntry,
  YamlItem,
  type YamlMap,
  type YamlNode,
  type YamlPath,
  type YamlScalar,
} from '../text/tree.js';
import type { Field, ObjectField, ValueField } from './field.js';
import { nearest } from './nearest.js';
import type { Problem } from './problem.js';

/**
 * What strict decoding refuses: unknown and duplicate fields, wrong types, missing fields, values outside a fixed list.
 * Opaque values and incomplete (templated) parts are not judged.
 * Source: server-side field validation (Strict), the default of kubectl since 1.27.
 */
export function checkStructure(root: YamlMap, fields: ObjectField): readonly Problem[] {
  const problems: Problem[] = [];
  const kind = entryOf(root, 'kind');
  checkObject(root, fields, [], kind ?? spanOf(root), problems);
  return problems;
}

type Trail = (string | number)[];

/** What a fault in a node is shown at: worked out where there is one. */
type Holder = YamlEntry | YamlItem | Span;

function shownAt(holder: Holder): Span {
  if (holder instanceof YamlEntry) return placeOf(holder);
  if (!(holder instanceof YamlItem)) return holder;
  const { value } = holder;
  return value.kind === 'scalar' && value.style !== 'absent' ? spanOf(value) : dash(holder);
}

/** `path` leads to the node, and is the same array for all nodes: what keeps it copies it. */
function checkNode(node: YamlNode, field: Field, path: Trail, holder: Holder, out: Problem[]): void {
  if (node.kind === 'scalar' && node.opaque) return;
  if (isNull(node)) return;
  switch (field.type) {
    case 'object':
      if (node.kind === 'map') checkObject(node, field, path, holder, out);
      else out.push(wrongType(node, [...path], shownAt(holder), 'a map of fields'));
      return;
    case 'list':
      if (node.kind !== 'sequence') {
        out.push(wrongType(node, [...path], shownAt(holder), 'a list (items that begin with "- ")'));
        return;
      }
      node.items.forEach((item, index) => {
        path.push(index);
        checkNode(item.value, field.item, path, item, out);
        path.pop();
      });
      return;
    case 'map':
      if (node.kind !== 'map') {
        out.push(wrongType(node, [...path], shownAt(holder), 'a map of strings'));
        return;
      }
      for (const entry of node.entries) {
        if (entry.duplicate) reportDuplicate(entry, node, [...path, keyText(entry)], out);
        if (entry.value.kind === 'scalar' && (entry.value.opaque || typeof entry.value.value === 'string')) continue;
        // A null label value decodes as the empty string.
        if (isNull(entry.value)) continue;
        out.push(wrongType(entry.value, [...path, keyText(entry)], placeOf(entry), 'a string'));
      }
      return;
    case 'one-of':
      // No kind of API object has one.
      return;
    default:
      checkValue(node, field, path, holder, out);
  }
}

function checkObject(node: YamlMap, field: ObjectField, path: Trail, holder: Holder, out: Problem[]): void {
  for (const entry of node.entries) {
    if (entry.key.opaque) continue;
    const name = keyText(entry);
    const known = Object.hasOwn(field.fields, name) ? field.fields[name] : undefined;
    if (entry.duplicate) reportDuplicate(entry, node, [...path, name], out);
    if (known === undefined) {
      if (field.open !== true) out.push(unknownField(entry, node, [...path, name], field));
      continue;
    }
    path.push(name);
    checkNode(entry.value, known, path, entry, out);
    path.pop();
  }
  if (node.incomplete) return;
  for (const name of field.required ?? []) {
    const entry = node.entries.find((e) => keyText(e) === name);
    if (entry !== undefined && !isNull(entry.value)) continue;
    // An open object's keys are not judged, so nothing else would say it.
    if (field.open !== true && hasMisspelt(node, name)) continue;
    out.push({
      rule: 'missing-field',
      path: [...path, name],
      at: entry === undefined ? shownAt(holder) : keySpan(entry),
      message: `${formatPath([...path, name])} is required: the API server refuses the object without it. Add \`${name}:\`.`,
    });
  }
}

function checkValue(node: YamlNode, field: ValueField, trail: Trail, holder: Holder, out: Problem[]): void {
  if (field.type === 'any') return;
  const expected = expectation[field.type];
  if (node.kind !== 'scalar' || !accepts(field.type, node.value)) {
    out.push(wrongType(node, [...trail], shownAt(holder), expected));
    return;
  }
  if (field.allowed === undefined || field.judgedElsewhere === true) return;
  const text = String(node.value);
  if (field.allowed.includes(text)) return;
  const meant = nearest(text, field.allowed);
  const path = [...trail];
  out.push({
    rule: 'invalid-value',
    path,
    at: spanOf(node),
    message: `${formatPath(path)}: "${text}" is not a value the API server knows. Use ${field.allowed.join(' or ')}${
      meant === undefined ? '' : ` (did you mean ${meant}?)`
    }.`,
    ...(meant === undefined ? {} : { fixes: [replaceFix(node, meant, true)] }),
  });
}

const expectation = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  'int-or-string': 'a number or a string',
} as const;

function accepts(type: Exclude<ValueField['type'], 'any'>, value: unknown): boolean {
  if (type === 'string') return typeof value === 'string';
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'number') return typeof value === 'number';
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value);
  return typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value));
}

/** A field that is not there, but for a key much like it: that key is reported, and tells what is wrong. */
export function hasMisspelt(map: YamlMap, name: string): boolean {
  return (
    map.entries.every((entry) => keyText(entry) !== name) &&
    map.entries.some(({ key }) => nearest(String(key.value), [name]) !== undefined)
  );
}

/** The value where it is a scalar, else the key: never a whole block. */
export function placeOf(entry: YamlEntry): Span {
  const value = entry.value;
  return value.kind === 'scalar' && value.style !== 'absent' ? spanOf(value) : keySpan(entry);
}

/** An item's dash, which stands where its value does: an overlay may have put an item into another document's list. */
export function dash({ value, marker }: YamlItem): Span {
  return { document: value.document, range: marker };
}

export function replaceFix(node: YamlScalar, value: string | number, safe: boolean, title?: string) {
  return {
    title: title ?? `Change to ${value}`,
    preferred: true,
    safe,
    changes: () => editOnly(replaceScalar(node, value)),
  };
}

function wrongType(node: YamlNode, path: YamlPath, at: Span, expected: string): Problem {
  const scalar = node.kind === 'scalar' ? node : undefined;
  const found =
    node.kind === 'map' ? 'a map' : node.kind === 'sequence' ? 'a list' : `the ${typeWord(node)} ${sourceOf(node)}`;
  const quotable = scalar !== undefined && expected === 'a string' && scalar.style === 'plain';
  const why = quotable
    ? ' YAML reads this word as something other than text. Put it in quotes.'
    : ' The API server cannot decode the object.';
  const number = scalar !== undefined && expected === 'a whole number' && /^[0-9]+$/.test(String(scalar.value));
  return {
    rule: 'wrong-type',
    path,
    at,
    message: `${formatPath(path)} must be ${expected}, not ${found}.${number ? ' Remove the quotes.' : why}`,
    ...(quotable && scalar !== undefined
      ? { fixes: [replaceFix(scalar, sourceOf(scalar), true, `Put ${sourceOf(scalar)} in quotes`)] }
      : number && scalar !== undefined
        ? { fixes: [replaceFix(scalar, Number(scalar.value), true, 'Remove the quotes')] }
        : {}),
  };
}

function typeWord(node: YamlScalar): string {
  if (typeof node.value === 'boolean') return 'boolean';
  if (typeof node.value === 'number') return 'number';
  return node.value === null ? 'null' : 'string';
}

function sourceOf(node: YamlScalar): string {
  return node.document.text.slice(node.range.start, node.range.end);
}

function unknownField(entry: YamlEntry, map: YamlMap, path: YamlPath, field: ObjectField): Problem {
  const name = keyText(entry);
  const known = nearest(name, Object.keys(field.fields));
  const isThere = (wanted: string) => map.entries.some((other) => keyText(other) === wanted);
  // What is near is seldom there already; then the others are asked, too.
  const meant =
    known !== undefined && isThere(known)
      ? nearest(
          name,
          Object.keys(field.fields).filter((wanted) => !isThere(wanted)),
        )
      : known;
  const remove = { title: `Remove "${name}"`, changes: () => editOnly(removeEntry(map, entry)) };
  const here = { rule: 'unknown-field', path, at: keySpan(entry) } as const;
  // NetworkPolicy had a status between 1.24 and 1.27 (KEP-2943): objects exported then carry it.
  if (path.length === 1 && name === 'status') {
    return {
      ...here,
      message:
        'status: what the cluster reports does not belong in a manifest, and current servers know no status here. Remove it.',
      severity: 'warning',
      fixes: [{ ...remove, preferred: true, safe: true }],
    };
  }
  const hint =
    meant === undefined ? `Known here: ${Object.keys(field.fields).join(', ')}.` : `Did you mean "${meant}"?`;
  return {
    ...here,
    message: `${formatPath(path)}: there is no field "${name}" here, so kubectl refuses the object, and other clients drop it silently. ${hint}`,
    fixes: [
      ...(meant === undefined
        ? []
        : [
            {
              title: `Change "${name}" to "${meant}"`,
              preferred: true,
              safe: name.toLowerCase() === meant.toLowerCase(),
              changes: () => editOnly(replaceKey(entry, meant)),
            },
          ]),
      // A selector, a peer or a rule that is emptied means everything: nothing to offer lightly. What is misspelt is
      // wanted: a policy without its podSelector would be about every pod.
      ...(map.entries.length > 1 && meant === undefined ? [remove] : []),
    ],
  };
}

function reportDuplicate(entry: YamlEntry, map: YamlMap, path: YamlPath, out: Problem[]): void {
  const first = map.entries.find((other) => keyText(other) === keyText(entry));
  const keep = (other: YamlEntry, title: string) => ({ title, changes: () => editOnly(removeEntry(map, other)) });
  out.push({
    rule: 'duplicate-field',
    path,
    at: keySpan(entry),
    message: `${formatPath(path)} is given twice in one map. kubectl refuses the object; other clients keep only the last one, so what the first says is lost. Keep one.`,
    ...(first === undefined
      ? {}
      : {
          related: [{ at: keySpan(first), message: `"${keyText(entry)}" stands here first` }],
          fixes: [keep(first, `Remove the first "${keyText(entry)}"`), keep(entry, `Remove this "${keyText(entry)}"`)],
        }),
  });
}
