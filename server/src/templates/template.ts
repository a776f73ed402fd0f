import type { ClusterProfile } from '../model/profile.js';
import type { Labels } from '../model/selector.js';
import type { YamlData } from '../text/edits.js';

/**
 * A standard policy. One definition serves the quick fix, the code action, the command, `netpol add` and the snippet.
 */
export interface Template {
  readonly id: string;
  readonly title: string;
  /** What it allows or denies, in one sentence that the engine's answer must bear out. */
  readonly description: string;
  /** Only for clusters with that plugin: it is of its own kinds. */
  readonly family?: 'calico' | 'cilium';
  /** Place in the layered baseline (1 to 6), or undefined for a policy beside it. */
  readonly layer: number | undefined;
  /** What a person or the surroundings may fill in, in the order of a snippet's tab stops. */
  readonly parameters: readonly TemplateParameter[];
  /** Where the network plugin never matches nodes by their addresses, which this is about: what becomes of it, and what to do. */
  readonly insteadOfNodeAddresses?: string;
  /** Comment lines above the policy, without "# ". */
  readonly comments: readonly string[];
  /** The object, ready to be rendered. A parameter that is not given has its default. */
  build(values: TemplateValues): { readonly [key: string]: YamlData };
}

export interface TemplateParameter {
  readonly name: string;
  readonly doc: string;
  readonly type: 'string' | 'port' | 'cidr' | 'number' | 'choice';
  /** What stands where nothing is given and the profile says nothing; empty: what the profile has, or no restriction. */
  readonly default: string;
  /** The values a choice takes. */
  readonly choices?: readonly string[];
  /** What the cluster profile knows of it, before the default; empty when it knows nothing. */
  fromProfile?(profile: ClusterProfile): readonly string[];
}

export interface TemplateValues {
  /** metadata.namespace; left out when undefined. */
  readonly namespace: string | undefined;
  /** The pods the policy is about; undefined: every pod of the namespace, or the template's own default. */
  readonly podLabels: Labels | undefined;
  readonly profile: ClusterProfile;
  /** By parameter name; ports as text, since a snippet puts a tab stop there. */
  readonly given: Readonly<Record<string, string>>;
}
