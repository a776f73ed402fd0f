import type { Policy, PortClause, Rule } from '../model/policy.js';
import type { YamlNode } from '../text/tree.js';
import type { Placed } from '../workspace/scope.js';
import { scalarAt } from './node-at.js';
import { ruleNode } from './policy-nodes.js';

/** Where a port is written, in whatever form its family has: an item of a list, or the `port` of one. */
export function portNode(policy: Placed<Policy>, rule: Rule, { portAt }: PortClause): YamlNode | undefined {
  return portAt === undefined ? undefined : scalarAt(ruleNode(policy, rule), portAt);
}

/** A port's number as the policy's family writes it: Cilium takes texts only. */
export function asPort({ value: { family } }: Placed<Policy>, port: number): number | string {
  return family === 'cilium' ? String(port) : port;
}

/** Whether a protocol is the one that a clause names; Cilium's ANY is every one. */
export function isOf(protocol: string, asked: string): boolean {
  return asked === 'any' || protocol === asked;
}
