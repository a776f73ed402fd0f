import { formatPath } from '../../text/paths.js';
import { entryOf, isNull, keySpan, spanOf, stringOf, valueAt, type YamlMap, type YamlPath } from '../../text/tree.js';
import type { Problem } from '../problem.js';
import { placeOf } from '../structure.js';
import { checkLabels } from './label-selector.js';
import { dnsLabelProblem, subdomainProblem } from './names.js';

/** Name, namespace and labels of an object. Source: apimachinery ValidateObjectMeta, NameIsDNSSubdomain. */
export function checkMetadata(object: YamlMap, what: string): readonly Problem[] {
  const metadataEntry = entryOf(object, 'metadata');
  const metadata = metadataEntry?.value;
  if (metadataEntry === undefined || metadata?.kind !== 'map') return [];
  const problems: Problem[] = [];
  const name = entryOf(metadata, 'name');
  const generate = entryOf(metadata, 'generateName');
  if ((name === undefined || isNull(name.value)) && generate === undefined && !metadata.incomplete) {
    problems.push({
      rule: 'missing-field',
      path: ['metadata', 'name'],
      at: keySpan(name ?? metadataEntry),
      message: 'metadata.name is required: the API server refuses the object without a name. Add `name:`.',
    });
  }
  const refuse = (path: YamlPath, entry: NonNullable<typeof name>, text: string, why: string | undefined) => {
    if (why === undefined) return;
    problems.push({
      rule: 'invalid-name',
      path,
      at: placeOf(entry),
      message: `${formatPath(path)}: "${text}" cannot be the name of a ${what}: ${why}.`,
    });
  };
  const nameText = stringOf(name?.value);
  if (name !== undefined && nameText !== undefined)
    refuse(['metadata', 'name'], name, nameText, subdomainProblem(nameText));
  const namespace = entryOf(metadata, 'namespace');
  const namespaceText = stringOf(namespace?.value);
  if (namespace !== undefined && namespaceText !== undefined && namespaceText !== '') {
    const why = dnsLabelProblem(namespaceText);
    if (why !== undefined) {
      problems.push({
        rule: 'invalid-name',
        path: ['metadata', 'namespace'],
        at: spanOf(namespace.value),
        message: `metadata.namespace: "${namespaceText}" cannot be the name of a namespace: ${why}.`,
      });
    }
  }
  const labels = valueAt(metadata, 'labels');
  if (labels?.kind === 'map') problems.push(...checkLabels(labels, ['metadata', 'labels']));
  return problems;
}
