import type { Field } from '../../kinds/field.js';

/** What a field means, as Markdown: its name and type, its doc, what stands for it when it is left out. */
export function describeField(name: string, field: Field): string {
  const facts = [typeWord(field)];
  if ('allowed' in field && field.allowed !== undefined) facts.push(`one of ${field.allowed.join(', ')}`);
  if ('minimum' in field && field.minimum !== undefined) facts.push(`${field.minimum} to ${field.maximum}`);
  const absent =
    field.absent ?? ('default' in field && field.default !== undefined ? String(field.default) : undefined);
  return `\`${name}\` (${facts.join(', ')})\n\n${field.doc}${absent === undefined ? '' : `\n\nLeft out: ${absent}.`}`;
}

function typeWord(field: Field): string {
  if (field.type === 'one-of') return [...new Set(field.options.map(typeWord))].join(' or ');
  const words: Record<Exclude<Field['type'], 'one-of'>, string> = {
    object: 'object',
    list: 'list',
    map: 'map of strings',
    string: 'string',
    integer: 'whole number',
    number: 'number',
    boolean: 'true or false',
    'int-or-string': 'number or name',
    any: 'any value',
  };
  return words[field.type];
}
