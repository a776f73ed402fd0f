import type { Field, ObjectField } from './field.js';
import type { Kind } from './kind.js';

type Schema = { [key: string]: unknown };

/** The JSON Schema (draft 2020-12) of a kind, from its field tree: for other YAML tools, and for `netpol schema`. */
export function jsonSchemaOf(kind: Kind): Schema {
  const schema = objectSchema(kind.fields);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: kind.kind,
    ...schema,
    properties: {
      ...(schema.properties as Schema),
      apiVersion: { type: 'string', enum: [...kind.apiVersions] },
      kind: { type: 'string', const: kind.kind },
    },
    required: ['apiVersion', 'kind', ...(kind.fields.required ?? [])],
  };
}

function objectSchema(field: ObjectField): Schema {
  return {
    type: 'object',
    ...describe(field),
    properties: Object.fromEntries(Object.entries(field.fields).map(([name, inner]) => [name, fieldSchema(inner)])),
    ...(field.required === undefined || field.required.length === 0 ? {} : { required: [...field.required] }),
    ...(field.open === true ? {} : { additionalProperties: false }),
  };
}


function fieldSchema(field: Field): Schema {
  switch (field.type) {
    case 'object':
      return objectSchema(field);
    case 'list':
      return { type: 'array', ...describe(field), items: fieldSchema(field.item) };
    case 'map':
      return { type: 'object', ...describe(field), additionalProperties: { type: 'string' } };
    case 'any':
      return describe(field);
    default: {
      const bounds = {
        ...(field.minimum === undefined ? {} : { minimum: field.minimum }),
        ...(field.maximum === undefined ? {} : { maximum: field.maximum }),
      };
      return {
        type: field.type === 'int-or-string' ? ['integer', 'string'] : field.type,
        ...describe(field),
        ...(field.allowed === undefined ? {} : { enum: [...field.allowed] }),
        ...(field.default === undefined ? {} : { default: field.default }),
        ...bounds,
      };
    }
  }
}

function describe(field: Field): Schema {
  const text = [field.doc, field.absent === undefined ? '' : `Left out: ${field.absent}.`].filter((each) => each !== '').join(' ');
  return text === '' ? {} : { description: text };
}
