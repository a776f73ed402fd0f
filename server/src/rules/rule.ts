import type { Resource } from '../kinds/kind.js';
import type { ValidityRule } from '../kinds/problem.js';
import type { Family, Policy } from '../model/policy.js';
import type { ClusterProfile } from '../model/profile.js';
import type { Workload } from '../model/workload.js';
import type { SourceFile } from '../text/file.js';
import type { Fix } from '../text/fix.js';
import type { Span } from '../text/tree.js';
import type { Placed, Scope } from '../workspace/scope.js';
import type { Settings } from '../workspace/settings.js';
import type { Workspace } from '../workspace/workspace.js';

export type Severity = 'error' | 'warning' | 'info' | 'hint';

/** Gravest first. */
export const severities: readonly Severity[] = ['error', 'warning', 'info', 'hint'];

/** What a rule found at one place. */
export interface Finding {
  /** The smallest part of the text that shows it: a key or a value, never a block. */
  readonly at: Span;
  /** What, why, and what to do. */
  readonly message: string;
  /** Where the evidence makes it more or less than the rule's own severity. */
  readonly severity?: Severity;
  /** The lines that cause it. */
  readonly related?: readonly { readonly at: Span; readonly message: string }[];
  readonly fixes?: readonly Fix[];
}

export interface RuleBase {
  /** Kebab-case; reads well after "allow". */
  readonly id: string;
  readonly group: RuleGroup;
  readonly severity: Severity;
  /** One line for tables. */
  readonly summary: string;
  /** The fault is the cluster's, and the same in every policy: a report for reading tells it once, with the other places. */
  readonly everywhere?: boolean;
}

/**
 * What a rule's page says beyond its summary. It stands in the rule's file, apart from the rule, so that the server, which
 * shows no pages, does not carry them.
 */
export interface RulePage {
  /** Markdown paragraphs, in our own words. */
  readonly what: string;
  readonly why: string;
  /** YAML that shows the finding, and YAML that does not; both run as tests. May hold several documents. */
  readonly bad: string;
  readonly good: string;
  readonly references: readonly string[];
}

export type RuleGroup =
  | 'API validity'
  | 'AND or OR'
  | 'Needed traffic'
  | 'Ports'
  | 'Selectors'
  | 'Too wide'
  | 'No effect'
  | 'The cluster'
  | 'netpol itself';

/** A rule about one policy in its scope. Runs once for each scope the policy is part of. */
export interface PolicyRule extends RuleBase {
  readonly on: 'policy';
  /** By default it is about policies of all. */
  readonly families?: readonly Family[];
  /** It asks nothing of other policies, so that an edit of one need not ask it again of all beside that. */
  readonly alone?: boolean;
  /** By default a rule stays silent on a policy that is partly unknown (a template, a broken value). */
  readonly evenUncertain?: boolean;
  check(context: PolicyContext): Iterable<Finding>;
}

/** A rule about one workload in its scope. */
export interface WorkloadRule extends RuleBase {
  readonly on: 'workload';
  /** A scan that costs little: false means that the rule has nothing to say of it in any scope. */
  concerns(workload: Workload): boolean;
  check(context: WorkloadContext): Iterable<Finding>;
}

/** A rule that reports what the API server refuses; what it finds comes from the kind's own checks. */
export interface ValidityRuleDefinition extends RuleBase {
  readonly on: 'resource';
  readonly id: ValidityRule;
}

/** A rule about a file that is no manifest, such as the configuration. */
export interface FileRule extends RuleBase {
  readonly on: 'file';
  /** Whether the rule has to do with a file of this URI. */
  looksAt(uri: string): boolean;
  check(context: FileContext): Iterable<Finding>;
}

/** A rule whose findings the runner makes itself: about the text of a manifest. */
export interface TextRule extends RuleBase {
  readonly on: 'text';
}

export type RuleDefinition = PolicyRule | WorkloadRule | ValidityRuleDefinition | FileRule | TextRule;

export interface FileContext {
  readonly file: SourceFile;
  readonly workspace: Workspace;
  readonly settings: Settings;
  /** All of the catalogue, for what names rules. */
  readonly rules: readonly RuleBase[];
  /** The answer to the one question about a subject in a scope, kept until what it was read from changes. */
  inScope<T>(subject: object, scope: Scope, profile: ClusterProfile, question: () => T): T;
}

export interface ScopeContext {
  readonly scope: Scope;
  readonly profile: ClusterProfile;
}

export interface PolicyContext extends ScopeContext {
  readonly policy: Placed<Policy>;
}

export interface WorkloadContext extends ScopeContext {
  readonly workload: Placed<Workload>;
}

export function definePolicyRule(rule: Omit<PolicyRule, 'on'>): PolicyRule {
  return { ...rule, on: 'policy' };
}

export function defineWorkloadRule(rule: Omit<WorkloadRule, 'on'>): WorkloadRule {
  return { ...rule, on: 'workload' };
}

export function defineFileRule(rule: Omit<FileRule, 'on'>): FileRule {
  return { ...rule, on: 'file' };
}

export function defineValidityRule(rule: Omit<ValidityRuleDefinition, 'on' | 'group'>): ValidityRuleDefinition {
  return { ...rule, on: 'resource', group: 'API validity' };
}

export type { Resource };
