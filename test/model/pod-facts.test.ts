import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  asksForFacts,
  isOutsideNamespaces,
  keyWords,
  namespaceKey,
  namespaceLabelOf,
  namespaceNameKey,
  orchestratorKey,
  type PodFacts,
  selectedByFacts,
  serviceAccountKey,
  serviceAccountName,
} from '#server/model/pod-facts.js';
import { everything, nothing, type Selector } from '#server/model/selector.js';

const pod: PodFacts = {
  labels: new Map([['app', 'web']]),
  openLabels: false,
  namespaceLabels: new Map([['env', 'prod']]),
  openNamespace: false,
  serviceAccount: 'builder',
  accountLabels: undefined,
};
const is = (key: string, value: string): Selector => ({ op: 'In', key, values: [value] });

test('one selector asks for the pod, its namespace, its service account and Kubernetes at once', () => {
  const facts: readonly [key: string, value: string][] = [
    ['app', 'web'],
    [namespaceKey('env'), 'prod'],
    [serviceAccountName, 'builder'],
    [orchestratorKey, 'k8s'],
  ];
  for (const [key, value] of facts) {
    assert.equal(selectedByFacts(is(key, value), pod), 'yes', key);
    assert.equal(selectedByFacts(is(key, 'else'), pod), 'no', key);
  }
  const all: Selector = { op: 'And', terms: facts.map(([key, value]) => is(key, value)) };
  assert.equal(selectedByFacts(all, pod), 'yes');
});

test('a label of the pod is none of its namespace', () => {
  assert.equal(selectedByFacts(is('env', 'prod'), pod), 'no');
  assert.equal(selectedByFacts(is(namespaceKey('app'), 'web'), pod), 'no');
});

test('what is not among the facts is absent, where they are all there are', () => {
  const absent: Selector = { op: 'DoesNotExist', key: 'tier' };
  assert.equal(selectedByFacts(absent, pod), 'yes');
  assert.equal(selectedByFacts(absent, { ...pod, openLabels: true }), 'unknown');
  assert.equal(selectedByFacts(absent, { ...pod, openNamespace: true }), 'unknown');
  assert.equal(selectedByFacts(is('app', 'web'), { ...pod, openLabels: true }), 'yes');
});

test('what hangs on labels of a service account is unknown where the account is', () => {
  const asked = is(serviceAccountKey('team'), 'a');
  assert.equal(selectedByFacts(asked, pod), 'unknown');
  assert.equal(selectedByFacts({ op: 'And', terms: [asked, is('app', 'db')] }, pod), 'no');
  const account = (open: boolean, ...labels: [string, string][]) => ({
    ...pod,
    accountLabels: { labels: new Map(labels), open },
  });
  assert.equal(selectedByFacts(asked, account(false, ['team', 'a'])), 'yes');
  assert.equal(selectedByFacts(asked, account(false)), 'no');
  assert.equal(selectedByFacts(asked, account(true)), 'unknown');
});

test('a service account that is not known has no name', () => {
  const nameless = { ...pod, serviceAccount: undefined };
  assert.equal(selectedByFacts(is(serviceAccountName, 'builder'), nameless), 'no');
  assert.equal(selectedByFacts({ op: 'DoesNotExist', key: serviceAccountName }, nameless), 'yes');
});

test('a selector of the pod’s own labels asks for no facts', () => {
  assert.equal(asksForFacts(is('app.kubernetes.io/name', 'web')), false);
  for (const key of [namespaceKey('env'), serviceAccountName, orchestratorKey]) {
    const selector: Selector = { op: 'And', terms: [is('app', 'web'), is(key, 'x')] };
    assert.equal(asksForFacts(selector), true, key);
    assert.equal(asksForFacts(selector), true, 'asked again');
  }
});

test('keys for people', () => {
  assert.equal(keyWords('app'), 'app');
  assert.equal(keyWords(namespaceKey('env')), 'namespace label env');
  assert.equal(keyWords(namespaceKey('kubernetes.io/metadata.name')), 'namespace');
  assert.equal(keyWords(serviceAccountName), 'service account');
  assert.equal(keyWords(serviceAccountKey('team')), 'service account label team');
  assert.equal(keyWords(orchestratorKey), 'orchestrator');
  assert.equal(namespaceLabelOf(namespaceKey('env')), 'env');
  assert.equal(namespaceLabelOf('env'), undefined);
});

test('what holds for no namespace is about what is in none', () => {
  const global: Selector = { op: 'DoesNotExist', key: namespaceNameKey };
  const noEnv: Selector = { op: 'DoesNotExist', key: 'env' };
  for (const selector of [global, { op: 'And', terms: [global, noEnv] } as const])
    assert.ok(isOutsideNamespaces(selector), JSON.stringify(selector));
  const others: readonly Selector[] = [
    everything,
    nothing,
    noEnv,
    { op: 'Or', terms: [global, noEnv] },
    is('env', 'prod'),
  ];
  for (const selector of others) assert.ok(!isOutsideNamespaces(selector), JSON.stringify(selector));
});
