import type { Netpol } from '../../service.js';
import type { SourceFile } from '../../text/file.js';
import type { TypingPlace } from '../../text/typing-place.js';
import { addressValues } from './address-values.js';
import type { KnownText } from './field-completion.js';
import { knownSiteAt, mostKnown } from './known-site.js';
import { labelValues } from './label-values.js';
import { nameValues } from './name-values.js';
import { portValues } from './port-values.js';

/**
 * What the workspace knows of that may stand at a place of a manifest: labels, names, ports, blocks of addresses; the best
 * first, and only what holds the letters that are typed already. The texts are as they have to be written there: quoted
 * where YAML would read something else and no quote stands there yet. Nothing where the place is none of which a
 * workspace knows anything.
 */
export function knownValues(
  netpol: Netpol,
  file: SourceFile,
  offset: number,
  place: TypingPlace,
): readonly KnownText[] {
  const site = knownSiteAt(netpol, file, offset, place);
  if (site === undefined) return [];
  const found = labelValues(site) ?? portValues(site) ?? addressValues(site) ?? nameValues(site) ?? [];
  const fitting = new Map<string, KnownText>();
  for (const each of found) {
    if (fitting.size === mostKnown) break;
    if (!fitting.has(each.text) && site.fits(each.text)) fitting.set(each.text, each);
  }
  return [...fitting.values()];
}
