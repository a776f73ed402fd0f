import type { SymbolInformation, SymbolKind } from 'vscode-languageserver-types';
import type { Place } from '../../model/workload.js';
import type { Netpol } from '../../service.js';
import type { Placed, Scope } from '../../workspace/scope.js';
import { defineFeature } from '../feature.js';
import { locate } from '../places.js';
import { symbols } from './outlined.js';

export const workspaceSymbolFeature = defineFeature({
  method: 'workspace/symbol',
  doc: 'Policies, workloads, namespaces and services of the whole workspace, by parts of their names.',
  capability: () => ({ workspaceSymbolProvider: true }),
  afterLoad: true,
  answer({ netpol }, { query }: { readonly query: string }): readonly SymbolInformation[] {
    return matching(symbolsOf(netpol), query).flatMap(({ name, kind, containerName, at }) => {
      const location = locate(netpol.workspace, at);
      return location === undefined ? [] : [{ name, kind, containerName, location }];
    });
  },
});

/** More than anybody reads; an editor asks again with each letter. */
const most = 500;

interface Named {
  readonly name: string;
  /** The same in small letters, and where the name begins behind its namespace. */
  readonly small: string;
  readonly own: number;
  readonly kind: SymbolKind;
  /** What it is, and what it is applied with. */
  readonly containerName: string;
  readonly at: Place;
}

/** Those whose names hold the letters of the query in their order, the best first: that is what editors expect. */
function matching(all: Iterable<Named>, query: string): readonly Named[] {
  const wanted = query.toLowerCase().replace(/\s+/g, '');
  const byRank = new Map<number, Named[]>();
  for (const each of all) {
    const match = rankOf(each, wanted);
    if (match === undefined) continue;
    const rank = 3 * match + (each.kind === symbols.policy ? 0 : each.kind === symbols.workload ? 1 : 2);
    const same = byRank.get(rank);
    if (same === undefined) byRank.set(rank, [each]);
    else same.push(each);
  }
  const ranked = [...byRank].sort(([a], [b]) => a - b).flatMap(([, each]) => each);
  // A base stands in each scope that builds upon it: once under each name that it gets there.
  const seen = new Set<string>();
  const chosen: Named[] = [];
  for (const each of ranked) {
    if (chosen.length === most) break;
    const key = `${each.name} ${each.at.document.uri} ${each.at.range.start}`;
    if (!seen.has(key)) chosen.push(each);
    seen.add(key);
  }
  return chosen;
}

/** 0 for the name itself; undefined where a letter is missing. */
function rankOf({ small, own }: Named, wanted: string): number | undefined {
  const at = small.indexOf(wanted, own);
  if (at === own) return small.length === own + wanted.length ? 0 : 1;
  if (at > own || small.includes(wanted)) return small === wanted ? 0 : 2;
  let from = 0;
  for (const letter of wanted) {
    from = small.indexOf(letter, from) + 1;
    if (from === 0) return undefined;
  }
  return 3;
}

function* symbolsOf({ workspace }: Netpol): Generator<Named> {
  for (const scope of workspace.index.scopes) yield* symbolsIn(scope);
}

function* symbolsIn(scope: Scope): Generator<Named> {
  for (const each of scope.policies) yield named(scope, each, symbols.policy);
  for (const each of scope.workloads) yield named(scope, each, symbols.workload);
  for (const each of scope.declaredNamespaces) yield named(scope, each, symbols.namespace);
  for (const { services } of scope.namespaces.values()) {
    for (const each of services) yield named(scope, each, symbols.service);
  }
}

/** An object that is placed belongs to one scope, and never changes. */
function named(scope: Scope, placed: Placed<{ readonly name: string; readonly at: Place }>, kind: SymbolKind): Named {
  const known = cache.get(placed);
  if (known !== undefined) return known;
  const { value, namespace, resource } = placed;
  const before = kind === symbols.namespace || namespace.name === undefined ? '' : `${namespace.name}/`;
  const name = before + (value.name === '' ? '(unnamed)' : value.name);
  const found: Named = {
    name,
    small: name.toLowerCase(),
    own: before.length,
    kind,
    containerName: `${resource.kind.kind}, ${scope.title}`,
    at: value.at,
  };
  cache.set(placed, found);
  return found;
}

const cache = new WeakMap<Placed<unknown>, Named>();
