import type { Location } from 'vscode-languageserver-types';
import type { Place } from '../model/workload.js';
import type { Netpol } from '../service.js';
import type { Placed, Scope } from '../workspace/scope.js';
import { defineFeature } from './feature.js';
import { locate } from './places.js';

/** `netpol/overview`: a part of the workspace that is applied together. */
export interface ScopeItem {
  readonly id: string;
  readonly title: string;
  readonly kind: Scope['kind'];
  readonly policies: number;
  readonly workloads: number;
  /** The network plugin that is judged by. */
  readonly network: string;
  /** How that plugin is known. */
  readonly networkFrom: 'default' | 'configured' | 'manifests';
}

/** `netpol/scopeObjects`: a policy or workload of one scope. */
export interface ScopeObject {
  readonly type: 'policy' | 'workload';
  readonly name: string;
  readonly kind: string;
  /** Missing for what belongs to no namespace, or names none. */
  readonly namespace?: string;
  readonly location?: Location;
}

export const overviewFeature = defineFeature({
  method: 'netpol/overview',
  doc: 'The scopes of the workspace, with the numbers of their policies and workloads and the network they are judged by.',
  afterLoad: true,
  answer: ({ netpol }) => netpol.workspace.index.scopes.filter(isFilled).map((scope) => scopeItem(netpol, scope)),
});

export const scopeObjectsFeature = defineFeature({
  method: 'netpol/scopeObjects',
  doc: 'The policies and workloads of one scope.',
  afterLoad: true,
  answer({ netpol }, { id }: { readonly id: string }): readonly ScopeObject[] {
    const scope = netpol.workspace.index.scopes.find((each) => each.id === id);
    if (scope === undefined) return [];
    return [
      ...scope.policies.map((each) => scopeObject(netpol, 'policy', each)),
      ...scope.workloads.map((each) => scopeObject(netpol, 'workload', each)),
    ];
  },
});

function isFilled({ policies, workloads }: Scope): boolean {
  return policies.length > 0 || workloads.length > 0;
}

function scopeItem(netpol: Netpol, scope: Scope): ScopeItem {
  const { cni, cniSource } = netpol.profileOf(scope);
  return {
    id: scope.id,
    title: scope.title,
    kind: scope.kind,
    policies: scope.policies.length,
    workloads: scope.workloads.length,
    network: cni.title,
    networkFrom: typeof cniSource === 'string' ? cniSource : 'manifests',
  };
}

function scopeObject(
  { workspace }: Netpol,
  type: ScopeObject['type'],
  { value, namespace }: Placed<{ readonly name: string; readonly kind: string; readonly at: Place }>,
): ScopeObject {
  const location = locate(workspace, value.at);
  return {
    type,
    name: value.name,
    kind: value.kind,
    ...(namespace.name === undefined ? {} : { namespace: namespace.name }),
    ...(location === undefined ? {} : { location }),
  };
}
