export interface DirectionVerdict {
  /** Certainly: also where no condition of a rule holds that would allow more, and each that would deny. */
  readonly allowed: boolean;
  /** Perhaps: where conditions of rules (HTTP, source ports, ICMP codes) turn out well. Never less than `allowed`. */
  readonly possible: boolean;
  /** Empty: no policy says anything, so that it is allowed. */
  readonly decidedBy: readonly Decision[];
}

export interface Decision {
  /** 'admin', 'namespaced', 'baseline'; with Calico the tier's name. */
  readonly tier: string;
  /** Such as `NetworkPolicy shop/api` and `AdminNetworkPolicy guard`. */
  readonly policy: string;
  /** The rule's place in its list, from 0. Undefined: the policy isolates the pod, and no rule matches. */
  readonly rule: number | undefined;
}

export const undecided: DirectionVerdict = { allowed: true, possible: true, decidedBy: [] };

export function certainly(allowed: boolean, decidedBy: readonly Decision[]): DirectionVerdict {
  return { allowed, possible: allowed, decidedBy };
}

/** Such as `NetworkPolicy shop/api` and `Tier guard`. */
export function nameOf({
  kind,
  namespace,
  name,
}: {
  kind: string;
  namespace: string | undefined;
  name: string;
}): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
