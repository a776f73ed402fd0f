import assert from 'node:assert/strict';

/** What an editor's script has kept of what was to be seen, step by step. */
export interface Report {
  /** Why it could not go on. */
  readonly problem?: string;
  readonly steps: Steps;
}

interface Steps {
  /** The rules of the findings in policies/api.yaml, with the settings of the set-up. */
  readonly settings?: readonly string[];
  readonly hover?: string;
  /** What the menu of code actions offered. */
  readonly actions?: readonly string[];
  /** The file after the fix that was picked. */
  readonly fixed?: string;
  readonly completed?: string;
}

/** The settings of the page turn `missing-default-deny` off, which this file has without them. */
export function settingsArrived({ steps }: Report): void {
  assert.deepEqual(steps.settings, ['and-or-ambiguity']);
}

export function hoverSaysWhatIsAllowed({ steps }: Report): void {
  assert.match(steps.hover ?? '', /selects 1 workload: api/);
  assert.match(steps.hover ?? '', /everything else is denied/);
}

export function dnsIsAdded({ steps }: Report): void {
  const { actions = [], fixed = '' } = steps;
  assert.match(actions[0] ?? '', /^Add DNS egress to this policy/);
  assert.ok(actions.some((title) => title.startsWith('Silence dns-egress-missing')));
  assert.match(fixed, /^# Security review, item 4/);
  assert.match(fixed, /\n {2}egress:\n[\s\S]*k8s-app: kube-dns\n[\s\S]*port: 53/);
}

export function pluginIsCompleted({ steps }: Report): void {
  assert.equal(steps.completed?.trim(), 'cni: cilium');
}
