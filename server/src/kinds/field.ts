/**
 * Field trees: the one place that knows a kind's field names, types, defaults, allowed values and one-line docs.
 * Structural checks, field hover, completion, the exported JSON Schema and tolerant reading all come from them.
 */
export type Field = ObjectField | ListField | MapField | ValueField | OneOfField;

interface FieldBase {
  /** One or two sentences in our own words. */
  readonly doc: string;
  /** What an absent field means, in words. */
  readonly absent?: string;
  /** A name of before: still read, and no longer proposed. */
  readonly former?: true;
}

export interface ObjectField extends FieldBase {
  readonly type: 'object';
  readonly fields: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
  /** Fields that are not listed are fine: netpol knows only a part of this object. */
  readonly open?: boolean;
  /** What any field that is not listed holds. */
  readonly rest?: Field;
  /** Exactly one of the fields has to be given; the rule under which anything else is reported. */
  readonly exactlyOne?: 'invalid-peer' | 'invalid-port' | 'invalid-value';
}

export interface ListField extends FieldBase {
  readonly type: 'list';
  readonly item: Field;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** No item may stand twice. */
  readonly unique?: boolean;
}

/** A map from strings to strings, such as labels. */
export interface MapField extends FieldBase {
  readonly type: 'map';
}

export interface ValueField extends FieldBase {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'int-or-string' | 'any';
  readonly allowed?: readonly string[];
  /** What each allowed value means, in their order. */
  readonly allowedDocs?: readonly string[];
  /** A form that text has to have. */
  readonly format?: TextFormat;
  readonly default?: string | number | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  /** The rule for a number outside of minimum and maximum, where it is not `invalid-value`. */
  readonly outOfRange?: 'invalid-port';
  /** What stands for a value that is not allowed: a rule of its own says more than `invalid-value`. */
  readonly judgedElsewhere?: boolean;
}

export type TextFormat = 'cidr' | 'address' | 'version';

/** A value of one of several shapes, which its type tells apart. */
export interface OneOfField extends FieldBase {
  readonly type: 'one-of';
  readonly options: readonly [Field, ...Field[]];
}

export function object(
  doc: string,
  fields: Readonly<Record<string, Field>>,
  more: Omit<ObjectField, 'type' | 'doc' | 'fields'> = {},
): ObjectField {
  return { type: 'object', doc, fields, ...more };
}

export function list(doc: string, item: Field, more: Omit<ListField, 'type' | 'doc' | 'item'> = {}): ListField {
  return { type: 'list', doc, item, ...more };
}

export function stringMap(doc: string): MapField {
  return { type: 'map', doc };
}

export function value(type: ValueField['type'], doc: string, more: Omit<ValueField, 'type' | 'doc'> = {}): ValueField {
  return { type, doc, ...more };
}

export function oneOf(doc: string, ...options: OneOfField['options']): OneOfField {
  return { type: 'one-of', doc, options };
}

/** The field at a path of keys and list places, or undefined where the tree knows nothing. */
export function fieldAt(root: Field, path: readonly (string | number)[]): Field | undefined {
  let field: Field | undefined = root;
  for (const step of path) {
    const options: readonly Field[] = field?.type === 'one-of' ? field.options : field === undefined ? [] : [field];
    field = options.map((option) => below(option, step)).find((found) => found !== undefined);
  }
  return field;
}

function below(field: Field, step: string | number): Field | undefined {
  if (field.type === 'list' && typeof step === 'number') return field.item;
  if (field.type !== 'object' || typeof step !== 'string') return undefined;
  // Own properties only: a key named `constructor` is not a field.
  return Object.hasOwn(field.fields, step) ? field.fields[step] : field.rest;
}
