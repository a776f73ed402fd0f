import { type LabelSite, type LabelUse, labelSites } from '../../engine/label-sites.js';
import type { Resource } from '../../kinds/kind.js';
import { contains } from '../../text/range.js';
import type { ScalarPart } from '../../text/scalar-part.js';

/** A selector or a map of labels under the cursor, and the label in it. */
export interface SiteAt {
  readonly site: LabelSite;
  /** Undefined on what introduces the selector. */
  readonly use: LabelUse | undefined;
  /** The key or the value under the cursor; undefined between them. */
  readonly word: { readonly part: 'key' | 'value'; readonly text: ScalarPart } | undefined;
}

/** What stands at an offset of the object's document; undefined outside of selectors and labels. */
export function siteAt(resource: Resource, offset: number): SiteAt | undefined {
  const { document } = resource.node;
  const site = labelSites(resource).findLast((each) => each.at.document === document && contains(each.range, offset));
  if (site === undefined) return undefined;
  for (const use of site.labels) {
    const word = wordAt(use, document, offset);
    if (word !== undefined) return { site, use, word };
  }
  return { site, use: undefined, word: undefined };
}

/** The word of a label at an offset. */
export function wordAt(use: LabelUse, document: unknown, offset: number): SiteAt['word'] {
  const isHere = ({ at }: ScalarPart) => at.document === document && contains(at.range, offset);
  if (isHere(use.key)) return { part: 'key', text: use.key };
  const value = use.values.find(isHere);
  return value === undefined ? undefined : { part: 'value', text: value };
}

/** A label of an object, or of the pods it makes, where it is written. */
export function givenLabel(resource: Resource, key: string): LabelUse | undefined {
  for (const { role, labels } of labelSites(resource)) {
    const found = role === 'given' ? labels.find((use) => use.key.text === key) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
