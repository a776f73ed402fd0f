import { type ConvertedFamily, convert, kindNames, replaceBy, type Surroundings } from '../convert/index.js';
import type { Netpol } from '../service.js';
import type { Change } from '../text/fix.js';
import type { Scope } from '../workspace/scope.js';
import { cursorAt } from './cursor.js';

/** A policy that may be put into the words of another family. */
export interface ConversionOffer {
  readonly title: string;
  readonly changes: () => readonly Change[] | undefined;
}

/**
 * The conversions of the policy at a place in which nothing is lost: to the own kind of the network plugin, where that is
 * known, and from it to the NetworkPolicy of Kubernetes.
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
    return changes() === undefined ? [] : [{ title: `Convert to ${kindNames[to]}`, changes }];
  });
}

export function surroundingsOf(scopes: readonly Scope[]): Surroundings {
  return {
    policies: scopes.flatMap((scope) => scope.policies.map(({ value }) => value)),
    addressSets: scopes.flatMap((scope) => scope.addressSets.map(({ value }) => value)),
  };
}
