import type { Field, ObjectField, ValueField } from '../kinds/field.js';
import { nearest, nearestName } from '../kinds/nearest.js';
import { parseAddress, parseCidr } from '../model/addresses.js';
import { recordOf } from '../text/json-data.js';

/** What is wrong with a configuration, and where: a path of keys and list places, as its file or an editor has it. */
export interface SettingsProblem {
  readonly path: readonly (string | number)[];
  /** The path's own key is meant, not its value. */
  readonly onKey: boolean;
  /** 'refused': the value does not count. 'unknown': nothing is read from it. */
  readonly kind: 'refused' | 'unknown';
  /** A whole sentence, without the path. */
  readonly message: string;
  /** What most likely is meant: a key's name, or a value. */
  readonly meant?: string;
  /** The value is text that YAML took for a number or a word of its own: it belongs in quotes. */
  readonly unquoted?: boolean;
}

/**
 * Everything in plain data that a field tree does not take. A null counts as left out, and so does text that is empty.
 * `noun` is what a key of the tree is called.
 */
export function checkSettings(
  data: unknown,
  fields: ObjectField,
  noun: 'setting' | 'field' = 'setting',
): readonly SettingsProblem[] {
  const problems: SettingsProblem[] = [];
  check(data, fields, [], problems, noun);
  return problems;
}

/** The shape of data, as a field tree names it. */
type Shape = 'object' | 'list' | 'string' | 'number' | 'boolean' | 'nothing';

function shapeOf(data: unknown): Shape {
  if (data === null || data === undefined || data === '') return 'nothing';
  if (Array.isArray(data)) return 'list';
  const type = typeof data;
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'object';
}

const expected: Readonly<Record<Exclude<Field['type'], 'one-of'>, readonly [string, Shape | undefined]>> = {
  object: ['a map', 'object'],
  map: ['a map of strings', 'object'],
  list: ['a list', 'list'],
  string: ['text', 'string'],
  integer: ['a whole number', 'number'],
  number: ['a number', 'number'],
  boolean: ['true or false', 'boolean'],
  'int-or-string': ['a number or text', undefined],
  any: ['anything', undefined],
};

function expectation(field: Field): string {
  return field.type === 'one-of' ? [...new Set(field.options.map(expectation))].join(' or ') : expected[field.type][0];
}

function check(
  data: unknown,
  field: Field,
  path: SettingsProblem['path'],
  out: SettingsProblem[],
  noun: 'setting' | 'field',
): void {
  const shape = shapeOf(data);
  if (shape === 'nothing') return;
  if (field.type === 'one-of') {
    const option = field.options.find((each) => each.type !== 'one-of' && expected[each.type][1] === shape);
    if (option === undefined) out.push(wrongType(data, field, path));
    else check(data, option, path, out, noun);
    return;
  }
  const wanted = expected[field.type][1];
  // YAML reads a bare `off` as false.
  const word = field.type === 'string' && data === false && field.allowed?.includes('off') ? 'off' : data;
  if (wanted !== undefined && wanted !== shape && word === data) {
    out.push(wrongType(data, field, path));
    return;
  }
  switch (field.type) {
    case 'object':
      checkObject(recordOf(data), field, path, out, noun);
      return;
    case 'map':
      for (const [key, each] of Object.entries(recordOf(data))) {
        if (typeof each !== 'string' && each !== null)
          out.push({
            ...refused([...path, key], `must be text, not ${shown(each)}. Put it in quotes.`),
            unquoted: true,
          });
      }
      return;
    case 'list':
      for (const [i, each] of Array.isArray(data) ? data.entries() : [])
        check(each, field.item, [...path, i], out, noun);
      return;
    default:
      checkValue(word, field, path, out);
  }
}

function checkObject(
  data: Readonly<Record<string, unknown>>,
  field: ObjectField,
  path: SettingsProblem['path'],
  out: SettingsProblem[],
  noun: 'setting' | 'field',
): void {
  const names = Object.keys(field.fields);
  for (const [key, each] of Object.entries(data)) {
    const known = Object.hasOwn(field.fields, key) ? field.fields[key] : undefined;
    const inner = known ?? field.rest;
    if (known === undefined && (field.rest === undefined || names.length > 0)) {
      const meant = nearest(
        key,
        names.filter((name) => !Object.hasOwn(data, name)),
      );
      const what = field.rest === undefined ? noun : 'rule';
      const hint =
        meant !== undefined
          ? `Did you mean "${meant}"?`
          : what === 'rule'
            ? '`netpol rules` lists them.'
            : `There are ${names.join(', ')}.`;
      out.push({
        path: [...path, key],
        onKey: true,
        kind: 'unknown',
        message: `There is no ${what} "${key}", so this has no effect. ${hint}`,
        ...(meant === undefined ? {} : { meant }),
      });
    }
    if (inner !== undefined) check(each, inner, [...path, key], out, noun);
  }
  for (const name of field.required ?? []) {
    // A key much like it is reported, and tells what is wrong.
    if (shapeOf(data[name]) !== 'nothing' || Object.keys(data).some((key) => nearest(key, [name]) !== undefined))
      continue;
    out.push(refused(path, `needs \`${name}\`, so it is not read. Add \`${name}:\`.`));
  }
}

function checkValue(data: unknown, field: ValueField, path: SettingsProblem['path'], out: SettingsProblem[]): void {
  if (field.type === 'integer') {
    const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = field;
    if (typeof data !== 'number' || !Number.isInteger(data) || data < minimum || data > maximum)
      out.push(refused(path, `must be a whole number from ${minimum} to ${maximum}.`));
    return;
  }
  if (typeof data !== 'string') return;
  if (field.allowed !== undefined && !field.allowed.includes(data)) {
    const meant = nearestName(data, field.allowed);
    const hint = meant === undefined ? `Use one of ${field.allowed.join(', ')}.` : `Did you mean ${meant}?`;
    out.push({ ...refused(path, `"${data}" is not known here. ${hint}`), ...(meant === undefined ? {} : { meant }) });
  }
  const fault = field.format === undefined ? undefined : formatFault(data, field.format);
  if (fault !== undefined)
    out.push({ ...refused(path, fault.message), ...('meant' in fault ? { meant: fault.meant } : {}) });
}

function formatFault(
  text: string,
  format: NonNullable<ValueField['format']>,
): { message: string; meant?: string } | undefined {
  if (format === 'version')
    return /^v?\d+\.\d+/.test(text) ? undefined : { message: `must be a version such as "1.31", not "${text}".` };
  const address = parseAddress(text);
  if (format === 'address')
    return address === undefined ? { message: `must be an address or true or false, not "${text}".` } : undefined;
  if (parseCidr(text) !== undefined) return undefined;
  if (address === undefined) return { message: `takes address ranges such as 10.244.0.0/16, and "${text}" is none.` };
  const meant = `${text}/${address.family === 4 ? 32 : 128}`;
  return { message: `takes address ranges, and "${text}" is a single address. Write ${meant}.`, meant };
}

function wrongType(data: unknown, field: Field, path: SettingsProblem['path']): SettingsProblem {
  const scalar = typeof data === 'number' || typeof data === 'boolean';
  const unquoted = scalar && field.type === 'string';
  const why = !unquoted
    ? ''
    : field.format === 'version'
      ? ' Put the version in quotes: YAML reads 1.30 as the number 1.3.'
      : field.allowed !== undefined
        ? ` Use one of ${field.allowed.join(', ')}.`
        : ' Put it in quotes.';
  return {
    ...refused(path, `must be ${expectation(field)}, not ${shown(data)}.${why}`),
    ...(unquoted && field.allowed === undefined ? { unquoted } : {}),
  };
}

function refused(path: SettingsProblem['path'], message: string): SettingsProblem {
  return { path, onKey: false, kind: 'refused', message };
}

function shown(data: unknown): string {
  const shape = shapeOf(data);
  if (shape === 'object') return 'a map';
  return shape === 'list' ? 'a list' : shape === 'string' ? `"${String(data)}"` : `the ${shape} ${String(data)}`;
}
