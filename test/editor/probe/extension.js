// Marks every "kind: NetworkPolice" as an error, explains it on hover and offers to correct it.
const vscode = require('vscode');

const wrong = 'NetworkPolice';
const right = 'NetworkPolicy';

function activate(context) {
  const diagnostics = vscode.languages.createDiagnosticCollection('probe');
  const check = (document) => {
    if (document.languageId !== 'yaml') return;
    diagnostics.set(
      document.uri,
      places(document).map((range) => {
        const found = new vscode.Diagnostic(range, `${wrong} is no kind; write ${right}.`);
        found.source = 'probe';
        return found;
      }),
    );
  };
  const provideHover = (document, position) => {
    const range = places(document).find((place) => place.contains(position));
    return range && new vscode.Hover(`**${wrong}** is not a kind. Did you mean *${right}*?`, range);
  };
  const provideCodeActions = (document, _range, { diagnostics: here }) =>
    here
      .filter((one) => one.source === 'probe')
      .map((one) => {
        const action = new vscode.CodeAction(`Write ${right}`, vscode.CodeActionKind.QuickFix);
        action.edit = new vscode.WorkspaceEdit();
        action.edit.replace(document.uri, one.range, right);
        action.diagnostics = [one];
        return action;
      });
  context.subscriptions.push(
    diagnostics,
    vscode.workspace.onDidOpenTextDocument(check),
    vscode.workspace.onDidChangeTextDocument((event) => check(event.document)),
    vscode.languages.registerHoverProvider('yaml', { provideHover }),
    vscode.languages.registerCodeActionsProvider('yaml', { provideCodeActions }),
  );
  for (const document of vscode.workspace.textDocuments) check(document);
}

function places(document) {
  return [...document.getText().matchAll(new RegExp(wrong, 'g'))].map(
    ({ index }) => new vscode.Range(document.positionAt(index), document.positionAt(index + wrong.length)),
  );
}

module.exports = { activate };
