import type { Netpol } from '../../service.js';
import type { NoRevision } from '../../workspace/revisions.js';
import { cursorAt, membersAt } from '../cursor.js';
import { type Asked, defineFeature, type PlaceParams, placeIn } from '../feature.js';
import { linksInto } from '../places.js';
import { type Comparison, identity, keyOf } from './changes.js';
import { changesMarkdown } from './changes-markdown.js';

/** `netpol/changes`: against a revision, HEAD where none is named; of the policy at a place, or of all. */
export interface ChangesParams extends Partial<PlaceParams> {
  readonly revision?: string;
}

/** The difference for a person to read, or in a sentence why there is none. */
export type ChangesResult = { readonly title: string; readonly markdown: string } | NoRevision;

export const changesFeature = defineFeature({
  method: 'netpol/changes',
  doc: 'Which connections the changes against a revision allow and block, and the lines that do it, as a document.',
  afterLoad: true,
  answer: (asked, params: ChangesParams) => changesRequest(asked, params),
});

export const revisionsFeature = defineFeature({
  method: 'netpol/revisions',
  doc: 'The branches and tags to compare with, or why there are none.',
  afterLoad: true,
  async answer({ changes }: Asked) {
    return 'problem' in changes ? changes : { names: await changes.names() };
  },
});

async function changesRequest(asked: Asked, params: ChangesParams): Promise<ChangesResult> {
  const { netpol, changes } = asked;
  if ('problem' in changes) return changes;
  const { revision = 'HEAD' } = params;
  const comparison = await compared(asked, revision);
  if ('problem' in comparison) return { problem: `Nothing can be compared with ${revision}: ${comparison.problem}.` };
  const policies = policiesIn(netpol, comparison, params);
  const link = linksInto(netpol.workspace);
  const title = `${policies[0]?.name ?? 'Changes'} against ${revision}`;
  return { title, markdown: changesMarkdown(comparison, revision, policies, link) };
}

async function compared({ changes }: Asked, revision: string): Promise<Comparison | NoRevision> {
  if ('problem' in changes) return changes;
  if (revision !== 'HEAD') return changes.against(revision);
  changes.headMayHaveMoved();
  await changes.update();
  return changes.head ?? changes.against(revision);
}

/** What is known of the policy at a place, in each overlay that has it. */
function policiesIn(netpol: Netpol, { policies }: Comparison, { textDocument, position }: ChangesParams) {
  const at = textDocument && position && placeIn(netpol, { textDocument, position });
  const cursor = at && cursorAt(netpol.workspace, at.uri, at.offset);
  const keys = cursor === undefined ? [] : membersAt(netpol.workspace, cursor).flatMap(({ policy }) => policy ?? []);
  const wanted = new Set(keys.map((placed) => keyOf(identity(placed))));
  return policies.filter((each) => wanted.has(keyOf(each)));
}
