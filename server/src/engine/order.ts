import type { Policy } from '../model/policy.js';

/**
 * Which of two policies of one tier is asked first: the one of lower priority. The order of equal ones is not defined;
 * plugins go by name, and so does this (FACTS B2).
 */
export function byOrder(a: Policy, b: Policy): number {
  return a.order.priority - b.order.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
