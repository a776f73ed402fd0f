// The suite that every editor runs: VS Code's server, VS Code for the Web, and Electron on a desktop.
import * as vscode from 'vscode';
import { type EditorCase, runCases } from './runner.ts';

const cases: readonly EditorCase[] = [
  {
    name: 'the extension is installed and activates',
    async run() {
      const extension = vscode.extensions.getExtension('netpol.netpol');
      if (extension === undefined) throw new Error('netpol.netpol is not there');
      await extension.activate();
    },
  },
];

export const run = (): Promise<void> => runCases(cases);
