import { type ConvertedFamily, convert, kindNames, replaceBy, type Surroundings } from '../../convert/index.js';
import type { Netpol } from '../../service.js';
import type { Change } from '../../text/fix.js';
import type { Scope } from '../../workspace/scope.js';
import { cursorAt } from '../cursor.js';

/** A policy that may be put into the words of another family. */
export interface ConversionOffer {
  readonly title: string;
  readonly changes: () => readonly Change[] | undefined;
  /** Why it cannot be done, with what would be lost; undefined where nothing would. */
  readonly refused: string | undefined;
}

/**
 * The conversions of the policy at a place: to the own kind of the network plugin, where that is known, and from it to the
 * NetworkPolicy of Kubernetes. One in which something would be lost is refused, and says what.
 */
export function conversionsAt(netpol: Netpol, uri: string, offset: number): readonly ConversionOffer[] {
  const cursor = cursorAt(netpol.workspace, uri, offset);
  const object = cursor?.resource.object;
  if (cursor === undefined || object?.type !== 'policy' || uri.endsWith('.json')) return [];
  const { family } = object.value;
  const own = cursor.scopes.map((scope) => netpol.profileOf(scope).cni.ownFamily);
  const targets: readonly ConvertedFamily[] =
    family === 'kubernetes'
      ? (['calico', 'cilium'] as const).filter((each) => own.includes(each))
      : family === 'cluster'
        ? []
        : ['kubernetes'];
  return targets.flatMap((to): readonly ConversionOffer[] => {
    const changes = () => {
      const made = convert(cursor.resource, to, surroundingsOf(cursor.scopes))?.object;
      return made === undefined ? undefined : replaceBy(cursor.resource, made);
    };
    const title = `Convert to ${kindNames[to]}`;
    if (changes() !== undefined) return [{ title, changes, refused: undefined }];
    const losses = convert(cursor.resource, to, surroundingsOf(cursor.scopes))?.losses ?? [];
    const lost = losses.map(({ what }) => what);
    return lost.length === 0 ? [] : [{ title, changes, refused: refusal(lost) }];
  });
}

/** As the command says it, one after the other. */
function refusal(losses: readonly string[]): string {
  const more = losses.length > 3 ? `; and ${losses.length - 3} more` : '';
  return `The other kind cannot say this: ${losses.slice(0, 3).join('; ')}${more}.`;
}

export function surroundingsOf(scopes: readonly Scope[]): Surroundings {
  return {
    policies: scopes.flatMap((scope) => scope.policies.map(({ value }) => value)),
    addressSets: scopes.flatMap((scope) => scope.addressSets.map(({ value }) => value)),
  };
}
