/**
 * The one question asked before the server runs, so it has to cost next to nothing: two regular expressions over the
 * beginning of a document, and no parsing.
 */

/** How much of a document is looked at, in UTF-16 units. */
export const SCAN_LIMIT = 256 * 1024;

/**
 * Does this YAML or JSON text hold one of the kinds that netpol reads: a policy kind and the API group of a policy
 * family in the same YAML document? Only the first {@link SCAN_LIMIT} units count. Broken text is no obstacle. The
 * answer may be yes where a parser would say no (a block scalar that quotes a manifest), never the other way round for
 * a manifest that is written out.
 */
export function looksLikePolicy(text: string): boolean {
  const head = text.slice(0, SCAN_LIMIT);
  // Most YAML files name no policy kind at all: they are let go after one pass.
  if (!hasPolicyKind(head)) return false;
  return head.split(DOCUMENT_SEPARATOR).some((document) => hasPolicyKind(document) && hasPolicyGroup(document));
}

/** Could an edit of these lines turn a document into a policy? Spares a scan of the document on nearly every key. */
export function mayMakePolicy(lines: string): boolean {
  return /kind|apiVersion|---/.test(lines);
}

/** Could a policy begin here: is there nothing yet, or no more than its head, with a kind that is still missing or half typed? */
export function mayBeginPolicy(text: string): boolean {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .filter((line) => !/^\s*(?:#.*)?$|^---/.test(line));
  if (!lines.every((line) => /^(?:apiVersion|kind)\s*:/.test(line))) return false;
  const kind = /^kind\s*:\s*(\S*)/m.exec(lines.join('\n'))?.[1] ?? '';
  return POLICY_KINDS.some((each) => each.startsWith(kind));
}

const POLICY_KINDS = [
  ...[
    'NetworkPolicy',
    'ClusterNetworkPolicy',
    'AdminNetworkPolicy',
    'BaselineAdminNetworkPolicy',
    'NetworkSet',
    'HostEndpoint',
    'Tier',
  ],
  ...['GlobalNetworkPolicy', 'GlobalNetworkSet', 'StagedNetworkPolicy', 'StagedGlobalNetworkPolicy'],
  ...['StagedKubernetesNetworkPolicy', 'CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy', 'CiliumCIDRGroup'],
];

/** Is this the name of netpol's own configuration file? */
export function isNetpolConfig(path: string): boolean {
  return /(?:^|[/\\])\.netpol\.yaml$/.test(path);
}

/** Is this the name of a file of connectivity tests? */
export function isNetpolTest(path: string): boolean {
  return /\.netpol-test\.ya?ml$/.test(path);
}

/** Does this text begin like a manifest of any kind? Asked to offer help, where netpol has nothing to read yet. */
export function looksLikeManifest(text: string): boolean {
  return /^\s*["']?apiVersion["']?\s*:/m.test(text) && /^\s*["']?kind["']?\s*:/m.test(text);
}

const DOCUMENT_SEPARATOR = /^---(?=\s|$)/m;

const KIND =
  /\bkind["']?\s*:\s*["']?(?:(?:Baseline)?AdminNetworkPolicy|ClusterNetworkPolicy|NetworkPolicy|GlobalNetworkPolicy|Cilium(?:Clusterwide)?NetworkPolicy|CiliumCIDRGroup|(?:Global)?NetworkSet|HostEndpoint|Tier|Staged\w+)(?![\w.-])/g;

// Charts compute the version (`apiVersion: {{ include ... }}`): beside a policy kind that is as good as a group.
const GROUP =
  /\bapiVersion["']?\s*:\s*["']?(?:(?:policy\.)?networking\.k8s\.io\/|extensions\/|(?:crd\.)?projectcalico\.org\/|cilium\.io\/|\{\{)/g;

function hasPolicyKind(text: string): boolean {
  return hasOutsideComments(text, KIND);
}

function hasPolicyGroup(text: string): boolean {
  return hasOutsideComments(text, GROUP);
}

/** A match on a line that is a comment from its first character on does not count. */
function hasOutsideComments(text: string, pattern: RegExp): boolean {
  for (const match of text.matchAll(pattern)) {
    const lineStart = text.lastIndexOf('\n', match.index) + 1;
    if (!/^\s*#/.test(text.slice(lineStart, match.index))) return true;
  }
  return false;
}
