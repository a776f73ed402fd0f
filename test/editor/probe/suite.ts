// Proves that a suite runs in both extension hosts and that its waiting functions work.
import * as vscode from 'vscode';
import { type EditorCase, runCases } from '../suite/runner.ts';
import { actionsAt, apply, diagnosticsWhere, hoverAt, open } from '../suite/waiting.ts';

const misspelt = 'policies/misspelt.yaml';

const cases: readonly EditorCase[] = [
  {
    name: 'the probe extension activates on a YAML file',
    async run() {
      await open(misspelt);
      const probe = vscode.extensions.getExtension('netpol.netpol-probe');
      await probe?.activate();
      if (!probe?.isActive) throw new Error('it is not active');
    },
  },
  {
    name: 'a diagnostic stands at the misspelt kind, with a hover',
    async run() {
      const { document } = await open(misspelt);
      const [found] = await diagnosticsWhere(document.uri, (all) => all.length === 1);
      if (found?.range.start.line !== 2) throw new Error(`it stands on line ${found?.range.start.line}`);
      const hover = await hoverAt(document, 'NetworkPolice');
      if (!hover.includes('Did you mean')) throw new Error(`the hover says "${hover}"`);
    },
  },
  {
    name: 'the quick fix removes its diagnostic',
    async run() {
      const { document } = await open(misspelt);
      await diagnosticsWhere(document.uri, (all) => all.length === 1);
      const [action] = (await actionsAt(document, 'NetworkPolice')).filter((one) => one.title.startsWith('Write'));
      if (action === undefined) throw new Error('no quick fix is offered');
      await apply(action);
      await diagnosticsWhere(document.uri, (all) => all.length === 0);
    },
  },
];

export const run = (): Promise<void> => runCases(cases);
