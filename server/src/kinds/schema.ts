import type { Field, ObjectField, ValueField } from './field.js';
import type { Kind } from './kind.js';

/** A part of a JSON Schema. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/**
 * A kind's JSON Schema (draft 2020-12, with nothing in it that draft-07 readers such as YAML language servers would not
 * take), from its field tree: names, types, allowed values, ranges, required fields, descriptions. A schema knows no more
 * than that: `netpol check` says the rest.
 */
export function jsonSchemaOf(kind: Kind): JsonSchema {
  const { properties, ...rest } = objectSchema(kind.fields);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: kind.kind,
    ...rest,
    // A file of this schema is about this kind, so it has to say so.
    required: ['apiVersion', 'kind', ...(kind.fields.required ?? [])],
    properties: {
      ...properties,
      apiVersion: { description: 'The API group and version.', type: 'string', enum: kind.apiVersions },
      kind: { description: 'What kind of object this is.', type: 'string', enum: [kind.kind] },
    },
  };
}

export function schemaOf(field: Field): JsonSchema {
  switch (field.type) {
    case 'one-of':
      return { ...described(field), anyOf: field.options.map(schemaOf) };
    case 'object':
      return orNull(objectSchema(field));
    case 'list':
      return orNull({
        ...described(field),
        type: 'array',
        items: schemaOf(field.item),
        ...(field.minItems === undefined ? {} : { minItems: field.minItems }),
        ...(field.maxItems === undefined ? {} : { maxItems: field.maxItems }),
        ...(field.unique === undefined ? {} : { uniqueItems: field.unique }),
      });
    case 'map':
      return orNull({ ...described(field), type: 'object', additionalProperties: { type: ['string', 'null'] } });
    default:
      return valueSchema(field);
  }
}

function objectSchema(field: ObjectField): JsonSchema & { readonly properties: JsonSchema } {
  return {
    ...described(field),
    type: 'object',
    properties: Object.fromEntries(Object.entries(field.fields).map(([name, inner]) => [name, schemaOf(inner)])),
    ...(field.required === undefined || field.required.length === 0 ? {} : { required: field.required }),
    ...(field.open === true ? {} : { additionalProperties: field.rest === undefined ? false : schemaOf(field.rest) }),
    ...(field.exactlyOne === undefined ? {} : { minProperties: 1, maxProperties: 1 }),
  };
}

/** Major and minor, with whatever follows. */
const versionPattern = '^v?\\d+\\.\\d+';

function valueSchema(field: ValueField): JsonSchema {
  const more = {
    ...described(field),
    // Beside names, such a value may be a number.
    ...(field.allowed === undefined || field.type === 'int-or-string'
      ? {}
      : { enum: [...(field.type === 'integer' ? field.allowed.map(Number) : field.allowed), null] }),
    ...(field.allowedDocs === undefined ? {} : { markdownEnumDescriptions: [...field.allowedDocs, 'As if left out.'] }),
    ...(field.format === 'version' ? { pattern: versionPattern } : {}),
    ...(field.default === undefined ? {} : { default: field.default }),
    ...(field.minimum === undefined ? {} : { minimum: field.minimum }),
    ...(field.maximum === undefined ? {} : { maximum: field.maximum }),
    ...(field.maxLength === undefined ? {} : { maxLength: field.maxLength }),
  };
  if (field.type === 'any') return more;
  return { ...more, type: field.type === 'int-or-string' ? ['integer', 'string', 'null'] : [field.type, 'null'] };
}

/** An explicit null counts as absent for the API server. */
function orNull(schema: JsonSchema): JsonSchema {
  return { ...schema, type: [schema.type, 'null'] };
}

function described(field: Field): JsonSchema {
  const absent = field.absent === undefined ? '' : ` If absent: ${field.absent}.`;
  return {
    ...(field.doc === '' ? {} : { description: field.doc + absent }),
    ...(field.former === true ? { deprecated: true } : {}),
  };
}
