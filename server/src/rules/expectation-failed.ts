import { cuts } from '../engine/cuts.js';
import { decisionsOf } from '../engine/decisions.js';
import type { Outcome } from '../engine/expectations.js';
import { failureWords, outcomeSentence } from '../engine/outcome-words.js';
import { beyond, repairs } from '../engine/repair.js';
import { runTests, scopesTested, type TestRun } from '../engine/test-runs.js';
import { placeInTests, placeOfOutcome } from '../engine/test-suites.js';
import type { Expectation } from '../model/expectation.js';
import type { Fix } from '../text/fix.js';
import { profileIn } from '../workspace/detect-cni.js';
import { isTestFile, type PlacedExpectation, readTests, type TestDocument } from '../workspace/test-file.js';
import { defineFileRule, type FileContext, type Finding, type RulePage } from './rule.js';

export const expectationFailed = defineFileRule({
  id: 'expectation-failed',
  group: 'netpol itself',
  severity: 'error',
  summary: 'A connectivity test (*.netpol-test.yaml) whose expectation the policies do not meet.',
  looksAt: isTestFile,
  *check(context) {
    for (const { document } of context.file.documents) {
      // Where the syntax is broken, the structure is guessed.
      if (document.problems.length > 0) continue;
      const tests = readTests(document);
      if (tests.tests.length > 0) yield* checkTests(context, tests);
    }
  },
});

function* checkTests({ workspace, settings, inScope }: FileContext, tests: TestDocument): Iterable<Finding> {
  const tested = scopesTested(workspace, tests);
  if ('problem' in tested) {
    const at = placeInTests(tests.document, [tested.field === undefined ? 'tests' : 'scope']);
    // Manifests that are not here are no fault of the test.
    const severity = tested.field === undefined ? ('info' as const) : undefined;
    if (at !== undefined) yield { at, message: tested.problem, ...(severity && { severity }) };
    return;
  }
  for (const scope of tested.scopes) {
    const profile = profileIn(settings, scope);
    const run = inScope(tests.document, scope, profile, () => runTests(scope, profile, tests));
    for (const { test, outcome } of run.outcomes) {
      const finding = findingOf(tests, test, outcome, run);
      if (finding === undefined) continue;
      const message = tested.scopes.length > 1 ? `In ${scope.title}: ${finding.message}` : finding.message;
      yield { ...finding, message, ...(scope.incomplete ? { severity: 'info' as const } : {}) };
    }
  }
}

function findingOf(tests: TestDocument, test: PlacedExpectation, outcome: Outcome, run: TestRun): Finding | undefined {
  const { expectation } = test;
  const { verdict, problem, failures } = outcome;
  const at = verdict === 'passed' ? undefined : placeOfOutcome(tests.document, test, outcome);
  if (at === undefined) return undefined;
  if (problem !== undefined) {
    return { at, message: `${problem.field}: ${problem.message}` };
  }
  const todo =
    verdict === 'failed' ? 'Change the policies, or what is expected.' : 'Nothing that is not known counts as passed.';
  const lines = failures.flatMap(({ parts }) => parts.flatMap(decisionsOf));
  const related = [...new Map(lines.flatMap(({ words, at }) => (at === undefined ? [] : [[words, at] as const])))];
  return {
    at,
    message: `${outcomeSentence(expectation, outcome)} ${todo}`,
    ...(verdict === 'failed' ? {} : { severity: 'info' as const }),
    related: related.map(([message, at]) => ({ at, message })),
    fixes: fixesOf(expectation, outcome, run),
  };
}

/** The smallest edit that makes one connection as expected, and changes no other. It has to be tried to be known. */
function fixesOf(
  expectation: Expectation,
  { verdict, failing, failures }: Outcome,
  { expectations }: TestRun,
): readonly Fix[] {
  const [failure] = failures;
  if (verdict !== 'failed' || failure === undefined || failing > 1 || expectation.ports.length === 0) return [];
  const { from, to, ports } = failure;
  const allow = expectation.expect === 'allowed';
  return [
    {
      title: `${allow ? 'Allow' : 'Deny'} ${failureWords(failure)}`,
      preferred: true,
      costly: true,
      changes() {
        const found = (allow ? repairs : cuts)(expectations.judge, from, to, ports).repairs;
        return found.find(({ opens, blocks }) => beyond(allow ? opens : blocks, { from, to, ports }).length === 0)
          ?.changes;
      },
    },
  ];
}

export const expectationFailedPage: RulePage = {
  what: `Reports, in a \`*.netpol-test.yaml\` file, a test that does not hold:

- at \`expect\`: connections that are denied and expected to be allowed, or the other way round, with the lines of the policies that decide them (as information where what decides is not fully known, for example in a template);
- at \`from\`, \`to\`, \`port\` or \`except\`: a name, wildcard or selector that matches nothing, so that nothing would be tested.

Where one connection fails, a fix edits the policies so that it is as expected and nothing else changes. The answer follows each edit of a policy. \`netpol test\` runs the same tests on the command line.`,
  why: 'A test says what the network is meant to do, and the policies say what it does. Where they differ, one of the two is wrong, and it is better to know before the policies are applied.',
  bad: /* @__PURE__ */ example('web'),
  good: /* @__PURE__ */ example('frontend'),
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
};

function example(from: string): string {
  return `# file: shop.netpol-test.yaml
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
  labels:
    app: frontend
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
  labels:
    app: api
spec:
  containers:
    - name: api
      image: api
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes:
    - Ingress
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: ${from}
      ports:
        - protocol: TCP
          port: 8080
`;
}
