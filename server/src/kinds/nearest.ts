import { distance } from 'fastest-levenshtein';

/**
 * The candidate that a person most likely meant, or undefined when none is near: at most a third of the letters
 * (and never more than three) may differ. Case alone always counts as near.
 */
export function nearest(text: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  const wanted = text.toLowerCase();
  const allowed = Math.min(3, Math.max(1, Math.floor(text.length / 3)));
  for (const candidate of candidates) {
    if (candidate === text) continue;
    const d = distance(wanted, candidate.toLowerCase());
    if (d <= allowed && d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}

/** As `nearest`, for names that a person types at a prompt: one broken off half-way counts as well. */
export function nearestName(text: string, candidates: readonly string[]): string | undefined {
  const near = nearest(text, candidates);
  if (near !== undefined || text.length < 4) return near;
  return candidates.find((candidate) => candidate.startsWith(text.toLowerCase()));
}
