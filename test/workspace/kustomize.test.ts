import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { resourcesOf } from '#server/kinds/index.js';
import { SourceFile } from '#server/text/file.js';
import { folderOf } from '#server/workspace/files.js';
import { type Member, scopeTypes } from '#server/workspace/members.js';
import type { Scope } from '#server/workspace/scope.js';
import { Workspace } from '#server/workspace/workspace.js';
import { Memory, root } from './memory.js';

/**
 * Each file holds the files of a workspace (`# file: PATH`) and, for each kustomization that is built (`# built: FOLDER`),
 * what `kubectl kustomize FOLDER` printed (kustomize 5.5.0).
 */
const folder = join(import.meta.dirname, '../../workspace/kustomize');

for (const name of readdirSync(folder).sort()) {
  test(`kustomize builds the same: ${name.replace('.yaml', '')}`, async () => {
    const { files, built } = sections(readFileSync(join(folder, name), 'utf8'));
    const workspace = new Workspace(new Memory(files), [root]);
    await workspace.load();
    assert.ok(built.size > 0);
    for (const [path, text] of built) {
      const scope = workspace.index.scopes.find(({ id }) => folderOf(id) === `${root}/${path}`);
      assert.ok(scope !== undefined, path);
      assert.deepEqual(objectsOf(scope), expectedOf(text), path);
    }
  });
}

export function sections(text: string) {
  const files: Record<string, string> = {};
  const built = new Map<string, string>();
  for (const part of text.split(/^(?=# (?:file|built): )/m)) {
    const [, what, path = ''] = /^# (file|built): (.*)\n/.exec(part) ?? [];
    const content = part.slice(part.indexOf('\n') + 1);
    if (what === 'file') files[path] = content;
    if (what === 'built') built.set(path, content);
  }
  return { files, built };
}

/** What the objects of a scope say in the model, with the namespaces they have. */
function objectsOf(scope: Scope): readonly string[] {
  const members = [
    ...scope.policies,
    ...scope.workloads,
    ...scope.entries,
    ...scope.nodes,
    ...scope.declaredNamespaces,
    ...scope.serviceAccounts,
    ...scope.apiServerCalls,
  ];
  const services = [...scope.namespaces.values()].flatMap((each) => each.services);
  return [...members, ...services].map(({ value, namespace }) => shown(value, namespace.name)).sort();
}

function expectedOf(text: string): readonly string[] {
  const resources = SourceFile.of('x', text).documents.flatMap(({ document }) => resourcesOf(document));
  return resources
    .flatMap(({ object }) => {
      if (object === undefined || !(read.has(object.type) || object.type === 'service')) return [];
      const { type, value } = object;
      const wide = type === 'node' || (type === 'policy' && value.clusterWide);
      const namespace =
        type === 'namespace' ? value.name : wide || !('namespace' in value) ? undefined : value.namespace;
      return [shown(value, namespace)];
    })
    .sort();
}

const read: ReadonlySet<Member['type']> = new Set(
  scopeTypes.filter((type) =>
    ['policy', 'workload', 'entry', 'node', 'namespace', 'serviceAccount', 'apiServerCalls'].includes(type),
  ),
);

/** Without places, and without the namespace as written, which a kustomization may give. */
function shown(value: object, namespace: string | undefined): string {
  return JSON.stringify({ ...value, namespace }, (_, each: unknown) => {
    if (each instanceof Map) return [...each].filter(([, part]) => !isPlace(part)).sort();
    return isPlace(each) ? undefined : each;
  });
}

function isPlace(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'document' in value && 'range' in value;
}
