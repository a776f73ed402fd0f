import { isNull, stringOf, valueAt, type YamlEntry, type YamlMap, type YamlNode } from '../../text/tree.js';
import { changedAt, mapAt, withEntry } from './derive.js';
import type { Built, Step } from './step.js';

/** Where labels go. Source: kustomize commonLabels, metadataLabels and templateLabels field specs, as far as they are read. */
interface FieldSpec {
  readonly path: readonly string[];
  readonly kind?: string;
  readonly group?: string;
  readonly version?: string;
  readonly create: boolean;
}

const spec = (path: string, create: boolean, kind?: string): FieldSpec => ({
  path: path.split('/'),
  create,
  ...(kind === undefined ? {} : { kind }),
});

const inMetadata = (key: string) => [spec(`metadata/${key}`, true)];

const inTemplates = (key: string) => [
  ...['ReplicationController', 'Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job'].map((kind) =>
    spec(`spec/template/metadata/${key}`, true, kind),
  ),
  spec(`spec/jobTemplate/spec/template/metadata/${key}`, true, 'CronJob'),
];

const inSelectors = [
  spec('spec/selector', true, 'Service'),
  ...['spec/podSelector', 'spec/ingress/from/podSelector', 'spec/egress/to/podSelector'].map((path) => ({
    ...spec(`${path}/matchLabels`, false, 'NetworkPolicy'),
    group: 'networking.k8s.io',
  })),
];

/** The steps of `commonLabels`, `labels` and `commonAnnotations` of a kustomization. */
export function labelSteps(uri: string, root: YamlNode): readonly Step[] {
  const lists = valueAt(root, 'labels');
  const labels = (lists?.kind === 'sequence' ? lists.items : []).map(({ value }) => {
    const selectors = isTrue(valueAt(value, 'includeSelectors'));
    const templates = selectors || isTrue(valueAt(value, 'includeTemplates'));
    return labelStep(uri, valueAt(value, 'pairs'), [
      ...inMetadata('labels'),
      ...(templates ? inTemplates('labels') : []),
      ...(selectors ? inSelectors : []),
      ...fieldsOf(valueAt(value, 'fields')),
    ]);
  });
  const all = [...inMetadata('labels'), ...inTemplates('labels'), ...inSelectors];
  const annotations = [...inMetadata('annotations'), ...inTemplates('annotations')];
  return [
    ...labels,
    labelStep(uri, valueAt(root, 'commonLabels'), all),
    labelStep(uri, valueAt(root, 'commonAnnotations'), annotations),
  ].flatMap((step) => step ?? []);
}

function labelStep(uri: string, pairs: YamlNode | undefined, fields: readonly FieldSpec[]): Step | undefined {
  if (pairs?.kind !== 'map' || pairs.entries.length === 0) return undefined;
  return {
    reads: [],
    apply(built, note) {
      const node = fields
        .filter((field) => isFor(field, built))
        .reduce(
          (at, { path, create }) => changedAt(at, path, create ? pairs : undefined, (labels) => add(labels, create)),
          built.node,
        );
      if (node === built.node) return built;
      note(uri);
      return { ...built, node };
    },
  };
  function add(labels: YamlNode | undefined, create: boolean): YamlNode | undefined {
    const empty = isNull(labels);
    if (empty && !create) return labels;
    const map = empty && pairs !== undefined ? mapAt(pairs, []) : labels;
    return map?.kind === 'map' ? entriesOf(pairs).reduce(withEntry, map) : labels;
  }
}

function entriesOf(node: YamlNode | undefined): readonly YamlEntry[] {
  return node?.kind === 'map' ? node.entries : [];
}

function isFor({ kind, group, version }: FieldSpec, built: Built): boolean {
  const [, of = '', its = ''] = /^(?:(.*)\/)?([^/]*)$/.exec(built.apiVersion) ?? [];
  return (
    (kind === undefined || kind === built.kind) &&
    (group === undefined || group === of) &&
    (version === undefined || version === its)
  );
}

function fieldsOf(node: YamlNode | undefined): readonly FieldSpec[] {
  if (node?.kind !== 'sequence') return [];
  return node.items.flatMap(({ value }) => {
    const path = stringOf(valueAt(value, 'path'));
    if (path === undefined) return [];
    const more = ['kind', 'group', 'version'].flatMap((key) => {
      const text = stringOf(valueAt(value, key));
      return text === undefined ? [] : [[key, text] as const];
    });
    return [{ ...spec(path, isTrue(valueAt(value, 'create'))), ...Object.fromEntries(more) }];
  });
}

export function isTrue(node: YamlNode | undefined): boolean {
  return node?.kind === 'scalar' && node.value === true;
}

/** The labels of an object itself, or its annotations. */
export function ownLabels(node: YamlMap, key: 'labels' | 'annotations'): ReadonlyMap<string, string> {
  return new Map(
    entriesOf(valueAt(valueAt(node, 'metadata'), key)).map((entry) => [
      String(entry.key.value),
      stringOf(entry.value) ?? '',
    ]),
  );
}
