import { familyOf, type Label, type LabelFamily, metBy, partialUses } from '../../engine/label-family.js';
import { type LabelSite, type LabelUse, labelSites, testSites } from '../../engine/label-sites.js';
import type { Steps } from '../../engine/steps.js';
import { scopesTested } from '../../engine/test-runs.js';
import { resourcesOf } from '../../kinds/index.js';
import { labelKeyProblem, labelValueProblem } from '../../kinds/kubernetes/names.js';
import { namespaceNameKey } from '../../model/pod-facts.js';
import type { Netpol } from '../../service.js';
import { documentBehind } from '../../text/document.js';
import { covers } from '../../text/range.js';
import type { ScalarPart } from '../../text/scalar-part.js';
import { valueAt, type YamlMap, type YamlNode } from '../../text/tree.js';
import type { Scope } from '../../workspace/scope.js';
import { isTestFile, readTests } from '../../workspace/test-file.js';
import { cursorAt } from '../cursor.js';
import { Refusal } from '../feature.js';
import { locate } from '../places.js';
import { siteAt, wordAt } from './label-cursor.js';
import { type Renaming, shown } from './renaming.js';

/** A label under the cursor, and the scopes that it is in. */
export interface LabelAt {
  readonly use: LabelUse;
  readonly word: { readonly part: 'key' | 'value'; readonly text: ScalarPart };
  readonly scopes: readonly Scope[];
}

/** The label whose key or value is at an offset: in an object, a patch, a kustomization's labels or a test. */
export function labelAt({ workspace }: Netpol, uri: string, offset: number): LabelAt | undefined {
  const placed = workspace.file(uri)?.documentAt(offset);
  if (placed === undefined) return undefined;
  const within = offset - placed.offset;
  const { document } = placed;
  const inSites = (sites: Iterable<LabelSite>, scopes: readonly Scope[]): LabelAt | undefined => {
    for (const use of [...sites].flatMap(({ labels }) => labels)) {
      const word = wordAt(use, document, within);
      if (word !== undefined) return { use, word, scopes };
    }
    return undefined;
  };
  if (isTestFile(uri)) {
    const tested = scopesTested(workspace, readTests(document));
    return 'scopes' in tested ? inSites(testSites(document.root), tested.scopes) : undefined;
  }
  const { index } = workspace;
  const scopes = [...new Set([...index.scopesOf(uri), ...index.scopesWith(uri)])];
  const cursor = cursorAt(workspace, uri, offset);
  const found = cursor === undefined ? undefined : siteAt(cursor.resource, within);
  if (found?.use !== undefined && found.word !== undefined) return { use: found.use, word: found.word, scopes };
  const made = index.scopesWith(uri).flatMap((scope) => scope.membersFrom(uri));
  return inSites(
    made.flatMap(({ placed: { resource } }) => labelSites(resource)),
    scopes,
  );
}

/** The label with all that means the same. */
export function familyAt({ workspace }: Netpol, { use, word, scopes }: LabelAt): Steps<LabelFamily> {
  return familyOf(workspace, labelOf(use, word), use.key.at, scopes);
}

function labelOf({ of, key }: LabelUse, { part, text }: LabelAt['word']): Label {
  return { of, key: key.text, value: part === 'value' ? text.text : undefined };
}

/** The places of the family's word: the keys, or the values of that text. */
export function wordsOf({ uses }: LabelFamily, { part, text }: LabelAt['word']): readonly ScalarPart[] {
  return uses.flatMap(({ key, values }) => (part === 'key' ? [key] : values.filter((each) => each.text === text.text)));
}

/** A label's key or value at an offset, to be renamed. Undefined where there is none. */
export function labelRenaming(netpol: Netpol, uri: string, offset: number): Renaming | undefined {
  const found = labelAt(netpol, uri, offset);
  if (found === undefined) return undefined;
  const { use, word } = found;
  const label = labelOf(use, word);
  if (label.of === 'namespaces' && label.key === namespaceNameKey) {
    throw new Refusal(
      `${namespaceNameKey} is the label that the API server gives each namespace: its name. Neither is renamed here, since what is in the cluster would keep the old name.`,
    );
  }
  if (use.partial !== undefined && word.part === 'value')
    throw new Refusal(`The selector asks for a part of the value ("${use.partial}"), which is no label of its own.`);
  return {
    word: word.text,
    *partsFor(name) {
      const problem = word.part === 'key' ? labelKeyProblem(name) : labelValueProblem(name);
      if (problem !== undefined) throw new Refusal(`"${name}" cannot be a label’s ${word.part}: ${problem}.`);
      const family = yield* familyAt(netpol, found);
      yield* refuseConflict(netpol, family, label, name);
      for (const [index, each] of family.uses.entries()) {
        if (index % usesAtOnce === usesAtOnce - 1) yield;
        refuseShared(netpol, each);
      }
      return { parts: wordsOf(family, word), notes: notesOn(family, label) };
    },
  };
}

/** How many places are looked at in one step. */
const usesAtOnce = 200;

/** Two labels that were told apart must not become one. */
function* refuseConflict(netpol: Netpol, family: LabelFamily, label: Label, name: string): Steps<void> {
  const { workspace } = netpol;
  const after = label.value === undefined ? { ...label, key: name } : { ...label, value: name };
  const all = yield* metBy(workspace, family, after);
  const met = all.find(({ role }) => role === 'given') ?? all[0];
  if (met !== undefined) {
    const what = label.value === undefined ? `The label ${name}` : `${label.key}: ${name}`;
    throw new Refusal(
      `${what} is in use already (${placeWords(netpol, met.key)}). Renamed, the two could no longer be told apart, and policies would choose other pods. Take another name.`,
    );
  }
  if (label.value === undefined) return;
  for (const { partial, values, key } of yield* partialUses(workspace, family, label)) {
    const [asked] = values;
    const holds = (value: string) =>
      asked !== undefined &&
      (partial === 'contains'
        ? value.includes(asked.text)
        : partial === 'starts with'
          ? value.startsWith(asked.text)
          : value.endsWith(asked.text));
    if (holds(label.value) === holds(name)) continue;
    throw new Refusal(
      `A selector asks whether ${key.text} ${partial} "${asked?.text ?? ''}" (${placeWords(netpol, key)}), and that would have another answer for "${name}". Change that selector first.`,
    );
  }
}

function placeWords({ workspace }: Netpol, { at }: ScalarPart): string {
  const found = locate(workspace, at);
  return found === undefined ? shown(at.document.uri) : `${shown(found.uri)}, line ${found.range.start.line + 1}`;
}

/** What an anchor stands for changes wherever an alias repeats it: only labels may be among that. */
function refuseShared(netpol: Netpol, { key, values }: LabelUse): void {
  const document = documentBehind(key.at.document);
  if (
    document === undefined ||
    !document.shared.some((range) => [key, ...values].some(({ at }) => covers(range, at.range)))
  )
    return;
  const known = new Set<YamlMap>();
  for (const resource of resourcesOf(document)) {
    for (const { maps } of labelSites(resource)) for (const map of maps) known.add(map);
    // The object's own labels may well follow those of its pods.
    const own = valueAt(valueAt(resource.node, 'metadata'), 'labels');
    if (own?.kind === 'map') known.add(own);
  }
  const isElsewhere = [...mapsWith(document.root, key)].some((map) => !known.has(map));
  // With its quotes, and no more: an anchor of a word.
  const isScalar = document.shared.some(({ start, end }) =>
    [key, ...values].some(
      ({ at: { range } }) =>
        start <= range.start && start >= range.start - 1 && end - range.end <= 1 && end >= range.end,
    ),
  );
  if (isElsewhere || isScalar) {
    throw new Refusal(
      `"${key.text}" stands behind a YAML anchor (${placeWords(netpol, key)}) that is also used for something else than labels. Write it out there first.`,
    );
  }
}

/** Every map that has the entry of a key at this place: its own, and those that alias or merge it. */
function* mapsWith(node: YamlNode | undefined, key: ScalarPart): Generator<YamlMap> {
  if (node?.kind === 'sequence') for (const { value } of node.items) yield* mapsWith(value, key);
  if (node?.kind !== 'map') return;
  const { start } = key.at.range;
  if (node.entries.some((entry) => entry.key.range.start <= start && start < entry.key.range.end)) yield node;
  for (const { value } of node.entries) yield* mapsWith(value, key);
}

function notesOn({ reaches }: LabelFamily, { of }: Label): readonly string[] {
  const open = [...reaches.keys()].some((scope) =>
    of === 'pods'
      ? scope.workloads.some(({ value }) => value.openLabels)
      : of === 'namespaces' && scope.declaredNamespaces.some(({ value }) => value.openLabels),
  );
  return open ? ['Labels that a template writes are not known, and stay as they are.'] : [];
}
