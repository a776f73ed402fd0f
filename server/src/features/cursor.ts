import { resourcesOf } from '../kinds/index.js';
import type { ModelObject, Resource } from '../kinds/kind.js';
import type { Policy } from '../model/policy.js';
import type { Workload } from '../model/workload.js';
import { type PathLocation, pathAt } from '../text/paths.js';
import type { YamlPath } from '../text/tree.js';
import { writtenOf } from '../workspace/kustomize/step.js';
import { isOf } from '../workspace/members.js';
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

/** An object of a scope. */
export interface ScopeMember {
  readonly scope: Scope;
  readonly policy: Placed<Policy> | undefined;
  readonly workload: Placed<Workload> | undefined;
}

/**
 * What stands under the cursor as its scopes have it. In a patch: the objects that it changes, as they are built, by the
 * name that the patch gives, else those of its kind that anything in the file changes.
 */
export function membersAt(workspace: Workspace, { resource }: Cursor): readonly ScopeMember[] {
  return membersOf(workspace, resource);
}

/** The same of an object of a file. */
export function membersOf(workspace: Workspace, resource: Resource): readonly ScopeMember[] {
  const { uri } = resource.node.document;
  if (!workspace.index.isPatch(uri)) {
    return workspace.index
      .scopesOf(uri)
      .map((scope) => ({ scope, policy: scope.policyOf(resource), workload: scope.workloadOf(resource) }));
  }
  const changed = workspace.index
    .scopesWith(uri)
    .flatMap((scope) => scope.membersFrom(uri).map((member) => ({ scope, member })))
    .filter(({ member }) => member.placed.resource.kind === resource.kind);
  const meant = changed.filter(({ member: { placed } }) =>
    [placed.resource, writtenOf(placed.resource)].some(({ object }) => nameOf(object) === nameOf(resource.object)),
  );
  return (meant.length > 0 ? meant : changed).map(({ scope, member }) => ({
    scope,
    policy: isOf(member, 'policy') ? member.placed : undefined,
    workload: isOf(member, 'workload') ? member.placed : undefined,
  }));
}

function nameOf(object: ModelObject | undefined): string | undefined {
  return object !== undefined && 'name' in object.value ? object.value.name : undefined;
}

export function policyAt(cursor: Cursor, scope: Scope): Placed<Policy> | undefined {
  return scope.policyOf(cursor.resource);
}

export function workloadAt(cursor: Cursor, scope: Scope): Placed<Workload> | undefined {
  return scope.workloadOf(cursor.resource);
}
