import { locate } from '../features/places.js';
import type { Scope } from '../workspace/scope.js';
import type { Input } from './input.js';

/** What the reader of an answer about scopes has to know: which network it is for, and what it leaves out. */
export function scopeNotes(input: Input, scopes: readonly Scope[]): readonly string[] {
  const incomplete = scopes.filter(({ incomplete }) => incomplete);
  const titles = [...new Set(incomplete.map(({ title }) => title))];
  return [
    ...cniNotes(input, scopes),
    ...titles.map(
      (title) =>
        `${title} is built with what netpol does not evaluate (what is missing or lies elsewhere, helmCharts, generators, transformers or replacements), so more or less may be allowed than is said; \`kustomize build\` gives all of it`,
    ),
  ];
}

/** Where a plugin was told from the manifests: which, and by what. Nothing for what is configured, or taken by default. */
export function cniNotes({ netpol, show }: Input, scopes: readonly Scope[]): readonly string[] {
  const notes = scopes.flatMap((scope) => {
    const { cni, cniSource } = netpol.profileOf(scope);
    if (typeof cniSource === 'string') return [];
    const place = locate(netpol.workspace, cniSource.at);
    const where = place === undefined ? '' : ` (${show(place.uri)}:${place.range.start.line + 1})`;
    return [
      `the network is taken to be ${cni.title}, which ${cniSource.name}${where} installs; \`cni\` in .netpol.yaml overrules that`,
    ];
  });
  return [...new Set(notes)];
}
