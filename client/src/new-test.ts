import * as vscode from 'vscode';

/** Writes a first connectivity test, as a snippet to fill in, into a new file beside the manifests. */
export async function newTest(): Promise<void> {
  const [root] = vscode.workspace.workspaceFolders ?? [];
  const named = root === undefined ? undefined : await freeName(root.uri);
  const document = await (named === undefined
    ? vscode.workspace.openTextDocument({ language: 'yaml' })
    : vscode.workspace.openTextDocument(named.with({ scheme: 'untitled' })));
  const editor = await vscode.window.showTextDocument(document);
  await editor.insertSnippet(new vscode.SnippetString(FIRST_TEST));
}

/** A file that is not there yet, named after the folder. */
async function freeName(folder: vscode.Uri): Promise<vscode.Uri> {
  const name = folder.path.replace(/\/$/, '').replace(/^.*\//, '') || 'network';
  for (let n = 1; ; n += 1) {
    const uri = vscode.Uri.joinPath(folder, `${name}${n === 1 ? '' : `-${n}`}.netpol-test.yaml`);
    try {
      await vscode.workspace.fs.stat(uri);
    } catch {
      return uri;
    }
  }
}

const FIRST_TEST = `# What the network is meant to do. netpol judges it as you type; \`netpol test\` in CI.
tests:
  - name: \${1:the frontend calls the API}
    from: \${2:shop/frontend}
    to: \${3:shop/api}
    port: \${4:8080}
    expect: \${5|allowed,denied|}
  - name: \${6:nobody else calls the API}
    from: "*"
    except: \${2:shop/frontend}
    to: \${3:shop/api}
    expect: denied
$0`;
