import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { LIST_FILES, type ListFilesParams, READ_FILE, type ReadFileParams, type ReadFileResult } from './protocol.js';

/** Lets the server list and read the workspace's manifests where it has no disk of its own. */
export function answerFileRequests(client: BaseLanguageClient): void {
  client.onRequest(LIST_FILES, ({ folder }: ListFilesParams, token: vscode.CancellationToken) =>
    listFiles(folderUri(folder), token),
  );
  client.onRequest<ReadFileResult, unknown>(READ_FILE, ({ uri }: ReadFileParams) =>
    readFile(vscode.Uri.parse(uri, true)),
  );
}

/** The server knows folders without a slash at the end, but the root of a file system is nothing else than that. */
function folderUri(folder: string): vscode.Uri {
  const uri = vscode.Uri.parse(folder, true);
  return uri.path === '' ? uri.with({ path: '/' }) : uri;
}

const MOST_FILES = 50_000;
const LEFT_OUT = new Set(['node_modules', '.git']);

/** At most {@link MOST_FILES} YAML and JSON files (and kustomizations) below a folder, as URIs, in no particular order. */
async function listFiles(folder: vscode.Uri, token: vscode.CancellationToken): Promise<string[]> {
  const found = await vscode.workspace.findFiles(
    new vscode.RelativePattern(folder, '**/{*.yaml,*.yml,*.json,Kustomization}'),
    '**/{node_modules,.git}/**',
    MOST_FILES,
    token,
  );
  // A file system without a search provider finds nothing, whatever it holds.
  const files = found.length > 0 ? found : await walk(folder, token);
  return files.map((file) => file.toString());
}

async function walk(root: vscode.Uri, token: vscode.CancellationToken): Promise<vscode.Uri[]> {
  const files: vscode.Uri[] = [];
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (token.isCancellationRequested) break;
    for (const [name, type] of await entries(folder)) {
      const uri = vscode.Uri.joinPath(folder, name);
      // Links to folders are not followed (their type has a further bit): they can go round in circles.
      if (type === vscode.FileType.Directory && !LEFT_OUT.has(name)) folders.push(uri);
      if ((type & vscode.FileType.File) !== 0 && /(?:\.(?:ya?ml|json)|^Kustomization)$/.test(name)) files.push(uri);
      if (files.length === MOST_FILES) return files;
    }
  }
  return files;
}

/** A folder that cannot be read is an empty one. */
async function entries(folder: vscode.Uri): Promise<[string, vscode.FileType][]> {
  try {
    return await vscode.workspace.fs.readDirectory(folder);
  } catch {
    return [];
  }
}

async function readFile(uri: vscode.Uri): Promise<ReadFileResult> {
  try {
    return { text: new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
