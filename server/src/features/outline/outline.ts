import { groupBy } from '../../engine/group-by.js';
import { podOf, resourcesOf } from '../../kinds/index.js';
import type { ModelObject, Resource } from '../../kinds/kind.js';
import type { Place, Workload } from '../../model/workload.js';
import type { YamlDocument } from '../../text/document.js';
import { covers, type TextRange } from '../../text/range.js';
import { entryOf, isMap, keyText, nameOf, stringOf, valueAt, type YamlNode } from '../../text/tree.js';
import { readTests } from '../../workspace/test-file.js';
import { policyDetail, policyParts } from './outline-policy.js';
import { type Outlined, symbol, symbols, within } from './outlined.js';

/** The objects of a document that netpol knows. By document, so that an edit elsewhere costs nothing. */
export function outlineOf(document: YamlDocument): readonly Outlined[] {
  const known = cache.get(document);
  if (known !== undefined) return known;
  const byObject = groupBy(resourcesOf(document), ({ path }) => path.join('/'));
  const outline = [...byObject.values()].flatMap((parts) => outlineOfObject(parts) ?? []);
  cache.set(document, outline);
  return outline;
}

/** A pure function's memory: a document never changes, and its entry goes when the document goes. */
const cache = new WeakMap<YamlDocument, readonly Outlined[]>();

/** The tests of a document of a test file. */
export function outlineOfTests(document: YamlDocument): readonly Outlined[] {
  const list = valueAt(document.root, 'tests');
  if (list?.kind !== 'sequence') return [];
  return readTests(document).tests.flatMap(({ expectation, path }) => {
    const item = list.items[Number(path.at(-1))];
    if (item === undefined || list.alias) return [];
    const name = valueAt(item.value, 'name');
    const at = name !== undefined && covers(item.range, name.range) ? name.range : item.marker;
    return [{ ...symbol('test', expectation.name, item.range, at), detail: expectation.expect }];
  });
}

/** One object; the parts of one that says several things (Cilium's `specs`) stand in it together. */
function outlineOfObject(parts: readonly Resource[]): Outlined | undefined {
  const [first] = parts;
  if (first === undefined) return undefined;
  const { node, kind, object } = first;
  const metadata = valueAt(node, 'metadata');
  const nameNode = valueAt(metadata, 'name') ?? valueAt(metadata, 'generateName');
  const head = entryOf(node, 'kind')?.range ?? node.entries[0]?.range ?? node.range;
  const at = nameNode !== undefined && covers(node.range, nameNode.range) ? nameNode.range : head;
  const namespace = stringOf(valueAt(metadata, 'namespace'));
  return {
    name: nameOf(nameNode) ?? '(unnamed)',
    detail: [kind.kind + (namespace === undefined ? '' : ` in ${namespace}`), ...detailsOf(object)].join(', '),
    kind: symbols[object === undefined ? 'other' : (kindsOf[object.type] ?? 'other')],
    range: node.range,
    at,
    children: within(
      node.range,
      parts.flatMap((part) => childrenOf(part)),
    ),
  };
}

const kindsOf: Partial<Record<ModelObject['type'], keyof typeof symbols>> = {
  policy: 'policy',
  workload: 'workload',
  namespace: 'namespace',
  service: 'service',
};

function detailsOf(object: ModelObject | undefined): readonly string[] {
  return object?.type === 'policy' ? policyDetail(object.value) : [];
}

function childrenOf({ object, node, ...rest }: Resource): readonly Outlined[] {
  switch (object?.type) {
    case 'policy':
      return policyParts(object.value, { object, node, ...rest });
    case 'workload':
      return workloadParts(object.value, podOf({ node, ...rest }));
    case 'namespace':
      return labelParts(valueAt(valueAt(node, 'metadata'), 'labels'));
    case 'service':
      return object.value.ports.map((port) => {
        const name = `${port.name === undefined ? '' : `${port.name}: `}${port.protocol} ${port.port}`;
        return { ...placed('port', name, port.at), detail: `to port ${port.targetPort} of the pods` };
      });
    default:
      return [];
  }
}

function workloadParts({ ports }: Workload, pod: YamlNode | undefined): readonly Outlined[] {
  const spec = valueAt(pod, 'spec');
  const containers = ['initContainers', 'containers'].flatMap((key) => {
    const list = valueAt(spec, key);
    if (list?.kind !== 'sequence') return [];
    return list.items.map(({ value, range, marker }): Outlined => {
      const name = valueAt(value, 'name');
      const own = ports.filter(({ at }) => covers(range, at.range));
      const inner = own.map((port) => {
        const text = `${port.name === undefined ? '' : `${port.name}: `}${port.protocol} ${port.port}`;
        return placed('port', text, port.at);
      });
      return {
        ...symbol('container', nameOf(name) ?? '(unnamed)', range, inside(range, name, marker)),
        detail: key === 'containers' ? 'container' : 'init container',
        children: within(range, inner),
      };
    });
  });
  return [...labelParts(valueAt(valueAt(pod, 'metadata'), 'labels')), ...containers];
}

function labelParts(labels: YamlNode | undefined): readonly Outlined[] {
  if (!isMap(labels)) return [];
  return labels.entries.flatMap((entry) =>
    entry.merged
      ? []
      : [symbol('label', `${keyText(entry)}: ${nameOf(entry.value) ?? ''}`.trimEnd(), entry.range, entry.key.range)],
  );
}

function placed(kind: keyof typeof symbols, name: string, { range }: Place): Outlined {
  return symbol(kind, name, range, range);
}

function inside(range: TextRange, node: YamlNode | undefined, otherwise: TextRange): TextRange {
  return node !== undefined && covers(range, node.range) ? node.range : otherwise;
}
