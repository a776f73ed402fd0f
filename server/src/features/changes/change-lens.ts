import type { CodeLens, Range } from 'vscode-languageserver-types';
import { count } from '../../model/print.js';
import type { ScopeMember } from '../cursor.js';
import type { Asked } from '../feature.js';
import { commandFor } from '../glance/lens-command.js';
import { identity, joined, keyOf, type PolicyDifference } from './changes.js';

/** What a policy that differs from HEAD does to connections; nothing over one that does not differ. */
export function changeLenses(
  asked: Asked,
  uri: string,
  members: readonly ScopeMember[],
  range: Range,
): readonly CodeLens[] {
  const wanted = new Set(members.flatMap(({ policy }) => (policy === undefined ? [] : [keyOf(identity(policy))])));
  const [first, ...others] = policiesOf(asked).filter((each) => each.change !== 'removed' && wanted.has(keyOf(each)));
  if (first === undefined) return [];
  // In each overlay it is another policy.
  const all = others.reduce(joined, first);
  const argument = { revision, textDocument: { uri }, position: range.start };
  return [{ range, command: commandFor(asked, `${doesWords(all)}${sinceWords(all)}`, command, argument) }];
}

/** At the beginning of a document: the policies that it had at HEAD. */
export function removedLenses(asked: Asked, uri: string): readonly CodeLens[] {
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  return policiesOf(asked)
    .filter((each) => each.change === 'removed' && each.uri === uri)
    .map((each) => ({
      range,
      command: commandFor(asked, `${each.kind} ${each.name} is gone since HEAD, which ${doesWords(each)}`, command, {
        revision,
      }),
    }));
}

const command = 'netpol.showChanges';
const revision = 'HEAD';

function policiesOf({ changes }: Asked): readonly PolicyDifference[] {
  return 'problem' in changes ? [] : (changes.head?.policies ?? []);
}

/** "opens 3 and cuts 1 connection"; what else it changes is told where the lens leads. */
function doesWords({ opens, cuts, alters, undecided, change }: PolicyDifference): string {
  if (change === 'same') return 'means the same as';
  if (opens + cuts === 0 && alters > 0) return `changes the conditions of ${count(alters, 'connection')}`;
  if (opens + cuts === 0 && undecided) return 'changes what the manifests do not tell';
  if (opens > 0 && cuts > 0) return `opens ${opens} and cuts ${count(cuts, 'connection')}`;
  if (opens > 0) return `opens ${count(opens, 'connection')}`;
  return cuts > 0 ? `cuts ${count(cuts, 'connection')}` : 'opens and cuts no connection';
}

function sinceWords({ change }: PolicyDifference): string {
  if (change === 'same') return ' at HEAD';
  return change === 'added' ? ', new since HEAD' : ' against HEAD';
}
