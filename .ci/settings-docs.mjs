// What the one definition of the settings (server/src/workspace/settings-fields.ts) gives besides the reading: the JSON
// Schema of .netpol.yaml, VS Code's settings, and the tables in docs/configuration.md.

import { schemaOf } from '#server/kinds/schema.js';
import { cniProfiles } from '#server/model/cni.js';
import { rules } from '#server/rules/index.js';
import { editorFields } from '#server/workspace/editor-settings.js';
import { settingsFields } from '#server/workspace/settings-fields.js';

const fields = settingsFields(rules);

/** The JSON Schema of `.netpol.yaml`. */
export function configSchema() {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: '.netpol.yaml', ...schemaOf(fields) };
}

/** VS Code's settings: one for each key, and one for each key below `cluster`. `kept` are those that no tree here knows. */
export function editorSettings(kept) {
  const flat = [...settingPaths(), ...editorPaths()].map(([path, field]) => [`netpol.${path}`, setting(field)]);
  return Object.fromEntries(
    [...flat, ...Object.entries(kept)].map(([name, value], i) => [name, { ...value, order: i + 1 }]),
  );
}

/** The keys, as a table. */
export function keyTable() {
  const rows = settingPaths().map(([path, field]) => {
    const [names, key] = [allowedOf(field), path.startsWith('rules') ? 'rules' : path];
    const values =
      names.length === 0 || key === 'rules' ? '' : ` One of ${names.map((name) => `\`${name}\``).join(', ')}.`;
    return `| \`${key}\` | ${cell(field.doc + values + keysOf(key, field))} | ${cell(absentOf(field))} |`;
  });
  return ['| key | what it says | when it is left out |', '|---|---|---|', ...rows].join('\n');
}

/** The keys that only editors have, as a table. */
export function editorTable() {
  const rows = editorPaths().map(
    ([path, { doc, default: byDefault }]) => `| \`netpol.${path}\` | ${cell(doc)} | \`${byDefault}\` |`,
  );
  return ['| setting | what it shows | by default |', '|---|---|---|', ...rows].join('\n');
}

/** What is known of each plugin, as a table. */
export function cniTable() {
  const columns = [
    ['endPort', 'endPort'],
    ['SCTP', 'sctp'],
    ['named ports', 'namedPorts'],
    ['IPv6', 'ipv6'],
    ['`except`', 'except'],
    ['AdminNetworkPolicy', 'adminPolicies'],
    ['ClusterNetworkPolicy', 'clusterPolicies'],
  ];
  const rows = cniProfiles.slice(1).map((cni) => {
    const known = columns.map(([, key]) => (cni.enforces === 'none' ? '' : support(cni[key])));
    return `| \`${cni.name}\` | ${cell(cni.about)} | ${known.join(' | ')} |`;
  });
  const head = ['plugin', '', ...columns.map(([title]) => title)];
  return [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...rows].join('\n');
}

function support(value) {
  if (value === 'unknown') return '?';
  if (typeof value === 'string') return value;
  const { since, before } = value;
  return `${since.join('.')}${before === undefined ? ' and later' : ` until ${before.join('.')}`}`;
}

function settingPaths() {
  return Object.entries(fields.fields).flatMap(([name, field]) =>
    name === 'cluster'
      ? Object.entries(field.fields)
          .filter(([, inner]) => inner.former !== true)
          .map(([inner, value]) => [`cluster.${inner}`, value])
      : [[name, field]],
  );
}

function editorPaths() {
  return Object.entries(editorFields.fields).flatMap(([name, { fields: inner }]) =>
    Object.entries(inner).map(([key, field]) => [`${name}.${key}`, field]),
  );
}

function setting(field) {
  const { description: _, properties, ...schema } = withoutNull(schemaOf(field));
  const absent = absentOf(field);
  return {
    scope: 'resource',
    ...schema,
    // Of the rules the names are enough.
    ...(field.rest === undefined
      ? properties && { properties }
      : { propertyNames: { enum: Object.keys(field.fields) } }),
    ...(field.format === 'version'
      ? { pattern: `(${schema.pattern})|^$`, patternErrorMessage: 'A version such as 1.31, or nothing.' }
      : {}),
    default: defaultOf(field),
    // A box is ticked or not.
    markdownDescription: `${field.doc}${absent === '' || field.type === 'boolean' ? '' : ` Left empty: ${absent}.`}`,
  };
}

function defaultOf(field) {
  if (field.default !== undefined) return field.default;
  if (field.type === 'one-of') return defaultOf(field.options[0]);
  return field.type === 'list' ? [] : field.type === 'string' ? '' : {};
}

function absentOf(field) {
  const own = field.absent ?? field.default ?? (field.type === 'one-of' ? field.options[0].default : undefined);
  return own === undefined ? '' : field.absent === undefined ? `\`${own}\`` : field.absent;
}

/** The keys of the map, or of the maps in the list, that a setting holds. */
function keysOf(key, field) {
  if (field.type === 'one-of') return keysOf(key, field.options.find(({ type }) => type === 'object') ?? {});
  const map = field.type === 'list' ? field.item : field;
  if (map.type !== 'object' || key === 'rules') return '';
  const keys = Object.entries(map.fields).map(
    ([name, { doc }]) => `\`${name}\` (${lowerFirst(doc.replace(/\.$/, ''))})`,
  );
  return ` Keys: ${keys.join('; ')}.`;
}

function lowerFirst(text) {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function allowedOf(field) {
  if (field.type === 'one-of') return [...new Set(field.options.flatMap(allowedOf))];
  return field.allowed ?? [];
}

/** In an editor's settings nothing is written as null. */
function withoutNull(schema) {
  if (Array.isArray(schema)) return schema.map(withoutNull);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => {
    if (key === 'type' && Array.isArray(value)) {
      const types = value.filter((type) => type !== 'null');
      return [key, types.length === 1 ? types[0] : types];
    }
    if (key === 'enum') return [key, value.filter((each) => each !== null)];
    if (key === 'markdownEnumDescriptions') return [key, value.slice(0, -1)];
    return [key, withoutNull(value)];
  });
  return Object.fromEntries(entries);
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}
