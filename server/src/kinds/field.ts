/**
 * Field trees: the one place that knows a kind's field names, types, defaults, allowed values and one-line docs.
 * Structural checks, field hover, completion, the exported JSON Schema and tolerant reading all come from them.
 */
export type Field = ObjectField | ListField | MapField | ValueField;

interface FieldBase {
  /** One or two sentences in our own words. */
  readonly doc: string;
  /** What an absent field means, in words. */
  readonly absent?: string;
}

export interface ObjectField extends FieldBase {
  readonly type: 'object';
  readonly fields: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
  /** Fields that are not listed are fine: netpol knows only a part of this object. */
  readonly open?: boolean;
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
  readonly type: 'string' | 'integer' | 'boolean' | 'int-or-string' | 'any';
  readonly allowed?: readonly string[];
  readonly default?: string | number | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  /** The rule for a number outside of minimum and maximum, where it is not `invalid-value`. */
  readonly outOfRange?: 'invalid-port';
  /** What stands for a value that is not allowed: a rule of its own says more than `invalid-value`. */
  readonly judgedElsewhere?: boolean;
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

/** The field at a path of keys and list places, or undefined where the tree knows nothing. */
export function fieldAt(root: Field, path: readonly (string | number)[]): Field | undefined {
  let field: Field | undefined = root;
  for (const step of path) {
    if (field === undefined) return undefined;
    if (field.type === 'object' && typeof step === 'string') {
      // Own properties only: a key named `constructor` is not a field.
      field = Object.hasOwn(field.fields, step) ? field.fields[step] : undefined;
    } else if (field.type === 'list' && typeof step === 'number') field = field.item;
    else return undefined;
  }
  return field;
}
