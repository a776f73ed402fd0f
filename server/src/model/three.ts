/** An answer where some facts may be missing: Kleene's three-valued logic. */
export type Answer = 'yes' | 'no' | 'unknown';

/** 'no' if either is 'no', 'yes' if both are 'yes', else 'unknown'. */
export function and(a: Answer, b: Answer): Answer {
  if (a === 'no' || b === 'no') return 'no';
  return a === 'yes' && b === 'yes' ? 'yes' : 'unknown';
}

/** 'yes' if either is 'yes', 'no' if both are 'no', else 'unknown'. */
export function or(a: Answer, b: Answer): Answer {
  if (a === 'yes' || b === 'yes') return 'yes';
  return a === 'no' && b === 'no' ? 'no' : 'unknown';
}

/** Swaps 'yes' and 'no'; 'unknown' stays. */
export function not(a: Answer): Answer {
  if (a === 'unknown') return a;
  return a === 'yes' ? 'no' : 'yes';
}

/** `and` over all of them; 'yes' for none. Stops reading at the first 'no'. */
export function all(answers: Iterable<Answer>): Answer {
  let result: Answer = 'yes';
  for (const answer of answers) {
    result = and(result, answer);
    if (result === 'no') break;
  }
  return result;
}

/** `or` over all of them; 'no' for none. Stops reading at the first 'yes'. */
export function any(answers: Iterable<Answer>): Answer {
  let result: Answer = 'no';
  for (const answer of answers) {
    result = or(result, answer);
    if (result === 'yes') break;
  }
  return result;
}
