import { problemText } from '../workspace/settings.js';
import { placeOfProblem } from '../workspace/settings-file.js';
import { isTestFile, readTests } from '../workspace/test-file.js';
import { fixesOf } from './invalid-configuration.js';
import { defineFileRule, type RulePage } from './rule.js';

export const invalidTest = defineFileRule({
  id: 'invalid-test',
  group: 'netpol itself',
  severity: 'error',
  summary: 'A connectivity test (*.netpol-test.yaml) that cannot be read, or that tests nothing.',
  looksAt: isTestFile,
  *check({ file }) {
    const all = file.documents.filter(({ document }) => document.root !== undefined || document.problems.length > 0);
    // Of a file without anything in it the one document says that it is empty.
    for (const { document } of all.length > 0 ? all : file.documents) {
      for (const { range, message } of document.problems) {
        const isWildcard = document.text.startsWith('*', range.start);
        yield {
          at: { document, range },
          message: isWildcard ? 'YAML takes what begins with * for an alias. Put a wildcard in quotes: "*".' : message,
        };
      }
      // Where the syntax is broken, the structure is guessed.
      if (document.problems.length > 0) continue;
      for (const problem of readTests(document).problems) {
        const at = placeOfProblem(document, problem) ?? { document, range: { start: 0, end: 0 } };
        yield {
          at,
          message: problemText(problem),
          ...(problem.kind === 'unknown' ? { severity: 'warning' as const } : {}),
          fixes: fixesOf(document, problem),
        };
      }
    }
  },
});

export const invalidTestPage: RulePage = {
  what: `Reports, at the very place in a \`*.netpol-test.yaml\` file: a value that cannot be used, a test without \`from\`, \`to\` or \`expect\`, a file without tests (errors), and fields that do not exist (warnings). Fixes put in what was most likely meant.`,
  why: 'A test that is not understood is not run, and a green report would say nothing about it. `netpol test` does not pass with such a file.',
  bad: `# file: shop.netpol-test.yaml
tests:
  - from: shop/web
    to: shop/api
    port: 70000
    expect: alowed
`,
  good: `# file: shop.netpol-test.yaml
namespace: shop
tests:
  - from: web
    to: api
    port: 8080
    expect: allowed
# file: shop.yaml
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  containers:
    - name: web
      image: web
---
apiVersion: v1
kind: Pod
metadata:
  name: api
  namespace: shop
spec:
  containers:
    - name: api
      image: api
`,
  references: [],
};
