/** What the client and the server say to each other beyond LSP: method names and their payloads. */

import type { Location, Position, Range, TextDocumentIdentifier, WorkspaceEdit } from 'vscode-languageclient';

/** Server to client: how far the server is, after each step that changes it. */
export const STATUS = '$/netpol/status';
export interface StatusParams {
  state: 'indexing' | 'ready' | 'failed';
  files: number;
  policies: number;
  workloads: number;
  /** The network plugins that the manifests install. */
  network?: string;
  message?: string;
}

/** Client to server: the standard policies that can be written at a position. */
export const TEMPLATES = 'netpol/templates';
export interface TemplateItem {
  id: string;
  title: string;
  description: string;
  detail?: string;
  /** The scope of the document has this policy already. */
  present: boolean;
}

/** Client to server: the edit that writes one of them; null when it cannot be written there. */
export const APPLY_TEMPLATE = 'netpol/applyTemplate';
export type ApplyTemplateResult = WorkspaceEdit | null;

/** Client to server: the namespaces that the layered baseline may be for; `here` is that of the document. */
export const BASELINE_CHOICES = 'netpol/baselineChoices';
export interface BaselineQuestion {
  textDocument?: TextDocumentIdentifier;
}
export interface BaselineChoices {
  namespaces: string[];
  here?: string;
}

/** Client to server: the edit that writes the baseline of a namespace into a folder, or the files that are in the way. */
export const BASELINE = 'netpol/baseline';
export interface BaselineParams extends BaselineQuestion {
  namespace: string;
  folder: string;
}
export type BaselineResult = WorkspaceEdit | { taken: string[] } | null;

/** Client to server: what is allowed for the policy or workload at a position; null when there is none. */
export const EFFECTIVE = 'netpol/effective';
export type EffectiveResult = { title: string; markdown: string } | null;

export interface AtPosition {
  textDocument: TextDocumentIdentifier;
  position: Position;
}

/** Client to server: what a question about a connection can be about, in the scopes of a document. */
export const ENDPOINTS = 'netpol/endpoints';
export interface EndpointItem {
  /** What the question names it by. */
  name: string;
  kind: 'workload' | 'service' | 'outside';
  ports: { port: number; name?: string; protocol: Protocol }[];
  labels?: string;
  /** It is at the cursor, and most likely this end. */
  here?: 'from' | 'to';
}

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** The ports of a question: every port when neither is given. */
export interface PortQuestion {
  protocol?: Protocol;
  port?: number | string;
}

/** May `from` connect to `to`? Asked in the scopes of a document. */
export interface ConnectionQuestion extends PortQuestion {
  textDocument: TextDocumentIdentifier;
  from: string;
  to: string;
}

/** Client to server: the answer with every line that decides it, or why the question has none. */
export const EXPLAIN = 'netpol/explain';
export type ExplainResult =
  | { title: string; verdict: string; answer: string; markdown: string; repairable: boolean }
  | { problem: string };

/** Client to server: the edits that would allow it, best first, or why there are none. */
export const REPAIRS = 'netpol/repairs';
export interface RepairsResult {
  aim: 'allow' | 'cut';
  repairs: { title: string; where: string }[];
  why?: string;
}

/** Client to server, with a question and a title: that edit; null when the manifests have changed since. */
export const REPAIR = 'netpol/repair';
export type RepairResult = WorkspaceEdit | null;

/** Client to server: the connectivity tests of the workspace. */
export const TESTS = 'netpol/tests';
export interface TestFileItem {
  uri: string;
  tests: { id: string; label: string; range: Range }[];
  /** Why a part of the file is no test. */
  problem?: string;
}

/** Client to server: runs some tests of some files, or all of all files. */
export const RUN_TESTS = 'netpol/runTests';
export interface RunTestsParams {
  files?: { uri: string; tests?: string[] }[];
}
export interface TestFileResult {
  uri: string;
  results: TestResultItem[];
  problems: { message: string; range: Range }[];
}
export interface TestResultItem {
  id: string;
  verdict: 'passed' | 'failed' | 'not certain' | 'not asked';
  messages: TestMessageItem[];
}
export interface TestMessageItem {
  /** Markdown, with links to the lines that decide it. */
  message: string;
  range: Range;
  related: { message: string; location: Location }[];
}

/** Client to server: the parts of the workspace that are applied together. */
export const OVERVIEW = 'netpol/overview';
export interface ScopeItem {
  id: string;
  title: string;
  kind: 'kustomization' | 'chart' | 'folder' | 'snapshot' | 'named';
  policies: number;
  workloads: number;
  /** The network plugin that is judged by. */
  network: string;
  networkFrom: 'default' | 'configured' | 'manifests';
}

/** Client to server: the policies and workloads of one of them. */
export const SCOPE_OBJECTS = 'netpol/scopeObjects';
export interface ScopeObject {
  type: 'policy' | 'workload';
  name: string;
  /** As the manifest names it. */
  kind: string;
  namespace?: string;
  location?: Location;
}

/** Client to server: what the changes against a revision allow and block; of the policy at a position, or of all. */
export const CHANGES = 'netpol/changes';
export interface ChangesQuestion extends Partial<AtPosition> {
  revision: string;
}
export type ChangesResult = { title: string; markdown: string } | { problem: string };

/** Client to server: the branches and tags to compare with. */
export const REVISIONS = 'netpol/revisions';
export type RevisionsResult = { names: string[] } | { problem: string };

/** Server to client, where only the client can read files: the manifests below a folder, as URIs. */
export const LIST_FILES = 'netpol/listFiles';
export interface ListFilesParams {
  folder: string;
}

/** Server to client, where only the client can read files: one file's text. */
export const READ_FILE = 'netpol/readFile';
export interface ReadFileParams {
  uri: string;
}
export type ReadFileResult = { text: string } | { error: string };

/** Who reads the workspace: the server from the disk, or the client on the server's behalf. */
export interface InitializationOptions {
  files: 'disk' | 'client';
  /** The user trusts the workspace: its charts may be rendered with helm. */
  trusted: boolean;
  /** What lenses and completions may run. */
  commands: readonly string[];
}

/** Client to server: the user trusts the workspace from now on. */
export const TRUSTED = 'netpol/trusted';
