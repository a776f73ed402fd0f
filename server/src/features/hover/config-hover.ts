import type { Hover } from 'vscode-languageserver-types';
import { type Field, fieldAt, type ObjectField } from '../../kinds/field.js';
import { rules } from '../../rules/index.js';
import type { Netpol } from '../../service.js';
import type { YamlDocument } from '../../text/document.js';
import { pathAt } from '../../text/paths.js';
import type { YamlPath } from '../../text/tree.js';
import { settingsFields } from '../../workspace/settings-fields.js';
import { toLspRange } from '../places.js';
import { describeField } from './field-doc.js';

/** In `.netpol.yaml`: what a setting or one of its values means. */
export function configHover(netpol: Netpol, uri: string, offset: number): Hover | undefined {
  return fieldHover(netpol, uri, offset, settingsFields(rules));
}

/** What a field of a tree or one of its values means, behind what `meaning` says of the place. */
export function fieldHover(
  { workspace }: Netpol,
  uri: string,
  offset: number,
  root: ObjectField,
  meaning: (document: YamlDocument, path: YamlPath) => string | undefined = () => undefined,
): Hover | undefined {
  const file = workspace.file(uri);
  const placed = file?.documentAt(offset);
  const location = placed === undefined ? undefined : pathAt(placed.document, offset - placed.offset);
  if (file === undefined || placed === undefined || location === undefined) return undefined;
  const name = location.path.findLast((step) => typeof step === 'string');
  const field = fieldAt(root, location.path);
  const said = placed === undefined ? undefined : meaning(placed.document, location.path);
  if (name === undefined || (field === undefined && said === undefined)) return undefined;
  const node = location.onKey && location.entry !== undefined ? location.entry.key : location.node;
  const meant =
    field !== undefined && node.kind === 'scalar' && !location.onKey ? valueDoc(field, String(node.value)) : undefined;
  const value =
    meant === undefined
      ? undefined
      : `**${String(location.node.kind === 'scalar' ? location.node.value : name)}**: ${meant}`;
  const doc = field === undefined ? undefined : describeField(name, field);
  const range = node.kind === 'scalar' ? file.toFile({ document: node.document, range: node.range }) : undefined;
  return {
    contents: {
      kind: 'markdown',
      value: [said, value, doc].filter((part) => part !== undefined).join('\n\n---\n\n'),
    },
    ...(range === undefined ? {} : { range: toLspRange(file, range) }),
  };
}

function valueDoc(field: Field, value: string): string | undefined {
  const options = field.type === 'one-of' ? field.options : [field];
  for (const option of options) {
    if (option.type === 'string') return option.allowedDocs?.[option.allowed?.indexOf(value) ?? -1];
  }
  return undefined;
}
