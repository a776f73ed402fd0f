/**
 * Whether a rule takes a connection in: 'maybe' where that hangs on something that a connection here does not tell, such as
 * its HTTP request, its source port or its ICMP code.
 */
export type Match = 'yes' | 'no' | 'maybe';

export function allOf(parts: readonly (Match | boolean)[]): Match {
  if (parts.some((part) => part === 'no' || part === false)) return 'no';
  return parts.includes('maybe') ? 'maybe' : 'yes';
}

export function anyOf(parts: readonly Match[]): Match {
  if (parts.includes('yes')) return 'yes';
  return parts.includes('maybe') ? 'maybe' : 'no';
}

export function not(match: Match): Match {
  if (match === 'maybe') return match;
  return match === 'yes' ? 'no' : 'yes';
}
