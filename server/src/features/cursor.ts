import { resourcesOf } from '../kinds/index.js';
import type { Resource } from '../kinds/kind.js';
import type { Policy } from '../model/policy.js';
import type { Workload } from '../model/workload.js';
import { type PathLocation, pathAt } from '../text/paths.js';
import type { YamlPath } from '../text/tree.js';
import type { Placed, Scope } from '../workspace/scope.js';
import type { Workspace } from '../workspace/workspace.js';

/** What stands under the cursor, in the terms of kinds and scopes. */
export interface Cursor {
  readonly location: PathLocation;
  readonly resource: Resource;
  /** The path within the object: without the way into a List. */
  readonly path: YamlPath;
  /** The object's scopes; usually one. */
  readonly scopes: readonly Scope[];
}

export function cursorAt(workspace: Workspace, uri: string, offset: number): Cursor | undefined {
  const file = workspace.file(uri);
  const placed = file?.documentAt(offset);
  if (placed === undefined) return undefined;
  const location = pathAt(placed.document, offset - placed.offset);
  if (location === undefined) return undefined;
  const resource = resourcesOf(placed.document).find((each) => each.path.every((step, i) => location.path[i] === step));
  if (resource === undefined) return undefined;
  return {
    location,
    resource,
    path: location.path.slice(resource.path.length),
    scopes: workspace.index.scopesOf(uri),
  };
}

export function policyAt(cursor: Cursor, scope: Scope): Placed<Policy> | undefined {
  return scope.policyOf(cursor.resource);
}

export function workloadAt(cursor: Cursor, scope: Scope): Placed<Workload> | undefined {
  return scope.workloadOf(cursor.resource);
}
