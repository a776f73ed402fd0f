/**
 * Imported into a process of netpol's before anything else (`node --import`): one fault, by the name in `NETPOL_FAULT`, so
 * that tests see that it is found, and what else it costs.
 */

import { hoverFeature } from '#server/features/hover/hover.js';
import { documentSymbolFeature } from '#server/features/outline/document-symbols.js';
import { foldingFeature } from '#server/features/outline/folding.js';
import { rules } from '#server/rules/index.js';
import { Workspace } from '#server/workspace/workspace.js';

const thrown = () => {
  throw new Error('a fault that a test put in');
};

const faults: Readonly<Record<string, () => void>> = {
  'a rule throws': () => {
    const rule = rules.find(({ id }) => id === 'missing-default-deny');
    if (rule === undefined) throw new Error('There is no such rule to break.');
    Object.assign(rule, { check: thrown });
  },
  'a request throws': () => Object.assign(hoverFeature, { answer: thrown }),
  'a request is not answered': () => Object.assign(documentSymbolFeature, { answer: () => new Promise(() => {}) }),
  'the server ends': () => Object.assign(foldingFeature, { answer: () => process.exit(3) }),
  'an answer is slow': () => {
    const { answer } = foldingFeature;
    const slow: typeof answer = (...asked) => {
      for (const from = Date.now(); Date.now() - from < 3000; );
      return answer(...asked);
    };
    Object.assign(foldingFeature, { answer: slow });
  },
  'an edit is forgotten': () => {
    const { setBuffer } = Workspace.prototype;
    let edits = 0;
    Workspace.prototype.setBuffer = function (uri, text, version) {
      if (++edits <= 50) setBuffer.call(this, uri, text, version);
    };
  },
};

const name = process.env.NETPOL_FAULT;
const put = name === undefined ? undefined : faults[name];
if (put === undefined) throw new Error(`NETPOL_FAULT names no fault: ${name}`);
put();
