import * as vscode from 'vscode';
import { beginning } from './activation.js';
import { looksLikePolicy } from './looks-like-policy.js';
import { reason } from './session.js';

/** Red Hat's extension, which checks YAML by JSON Schemas. */
const YAML = 'redhat.vscode-yaml';
const SCHEMA = 'netpol';
const SCHEMA_URI = `${SCHEMA}://schema/policy`;

/** What that extension exports, as far as it is used here: its `schema-extension-api.ts`. */
interface YamlApi {
  registerContributor(
    scheme: string,
    requestSchema: (resource: string) => string | undefined,
    requestSchemaContent: (uri: string) => string,
    label?: string,
  ): boolean;
}

/**
 * In manifests that netpol checks, the YAML extension can show faults that are none: its catalogue takes what lies in a
 * folder `policies` for the policies of another program (SchemaStore's "Aerleon Policy"). Of those it is told that netpol
 * knows them: netpol's schema allows everything. All other documents, and what a person has associated by `yaml.schemas`
 * or by a comment in the file, are left as they are.
 */
export function coexistWithYaml(output: vscode.LogOutputChannel): vscode.Disposable {
  let asked = false;
  const misjudged = new Set<string>();
  const register = async () => {
    const extension = vscode.extensions.getExtension<YamlApi | undefined>(YAML);
    if (extension === undefined || asked) return;
    asked = true;
    try {
      const api = await extension.activate();
      api?.registerContributor(SCHEMA, (resource) => schemaFor(resource, misjudged), permissive, 'netpol');
    } catch (error) {
      output.warn(`${YAML}: ${reason(error)}`);
    }
  };
  void register();
  return vscode.extensions.onDidChange(register);
}

function permissive(): string {
  const title = vscode.l10n.t('Network policy, checked by netpol');
  return JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', title });
}

/** Where catalogues are known to find something else. */
const CAUGHT = /\/policies\/.*\.yaml$/;

/**
 * The schema for a document: netpol's for a policy that another schema takes for something else; none, so that others
 * count, for all else. `misjudged` are those in which a schema has found faults before, which go when netpol's counts.
 */
function schemaFor(resource: string, misjudged: Set<string>): string | undefined {
  // It spells addresses as its own client does.
  const uri = vscode.Uri.parse(resource);
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
  if (document === undefined || !looksLikePolicy(beginning(document)) || isAssociated(document)) return undefined;
  const faults = vscode.languages.getDiagnostics(document.uri);
  if (faults.some(({ source }) => source?.startsWith('yaml-schema'))) misjudged.add(uri.toString());
  return CAUGHT.test(uri.path) || misjudged.has(uri.toString()) ? SCHEMA_URI : undefined;
}

/** Has a person chosen a schema for it themselves? */
function isAssociated(document: vscode.TextDocument): boolean {
  const chosen = vscode.workspace.getConfiguration('yaml', document).get<Record<string, unknown>>('schemas') ?? {};
  const patterns = Object.values(chosen).flat();
  return patterns.some(
    (pattern) => typeof pattern === 'string' && vscode.languages.match({ pattern: anywhere(pattern) }, document) > 0,
  );
}

/** A pattern of that extension's settings also counts below any folder. */
function anywhere(pattern: string): string {
  return /^(\*\*|\/|[a-z]+:)/i.test(pattern) ? pattern : `**/${pattern}`;
}

/** Whether faults of the syntax are shown by the YAML extension already, so that netpol need not say them again. */
export function yamlSaysSyntax(document: vscode.TextDocument): boolean {
  if (document.languageId !== 'yaml' || vscode.extensions.getExtension(YAML)?.isActive !== true) return false;
  return vscode.workspace.getConfiguration('yaml', document).get<boolean>('validate') !== false;
}
