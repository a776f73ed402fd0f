import { locate } from '../features/places.js';
import type { Scope } from '../workspace/scope.js';
import type { Input } from './input.js';

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
