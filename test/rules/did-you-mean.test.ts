import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequirementSource } from '#server/model/peer.js';
import { isTransposed, placeOfFault, requirementAtFault, suggestLabel } from '#server/rules/did-you-mean.js';

const document = { uri: 'file:///policy.yaml', text: '' };
const place = (start: number) => ({ document, range: { start, end: start + 1 } });

/** `key in (values)`, or another operator; the key stands at 0, the values from 10 on. */
function asked(key: string, values: readonly string[], op: 'In' | 'NotIn' = 'In'): RequirementSource {
  const places = values.map((value, index) => ({ value, at: place(10 + index) }));
  return { selector: { op, key, values }, key, keyAt: place(0), values: places };
}

/** A pod with labels, such as `app=web`. */
function pod(name: string, ...labels: readonly string[]) {
  const pairs = labels.map((label): [string, string] => {
    const [key = '', value = ''] = label.split('=');
    return [key, value];
  });
  return { name, labels: new Map(pairs), placeOf: () => place(99) };
}

/** What is suggested, as `key=value (pods)`. */
function suggested(requirements: readonly RequirementSource[], ...pods: readonly ReturnType<typeof pod>[]) {
  const found = suggestLabel(requirements, pods);
  return found && `${found.key}=${found.value} (${found.matched.map(({ name }) => name).join(', ')})`;
}

test('a value that is spelt nearly alike is meant, of those that are there', () => {
  const pods = [pod('a', 'app=web'), pod('b', 'app=worker'), pod('c', 'app=worker')];
  assert.equal(suggested([asked('app', ['wroker'])], ...pods), 'app=worker (b, c)');
  assert.equal(suggested([asked('app', ['WEB'])], ...pods), 'app=web (a)');
  assert.equal(suggested([asked('app', ['cache'])], ...pods), undefined);
  assert.equal(suggested([asked('app', ['cache', 'wroker'])], ...pods), 'app=worker (b, c)');
  assert.equal(suggested([asked('app', ['wroker'], 'NotIn')], ...pods), undefined);
});

test('names that differ in a number, in a last letter, or are short words are different things', () => {
  assert.equal(suggested([asked('app', ['shard-2'])], pod('a', 'app=shard-1')), undefined);
  assert.equal(suggested([asked('app', ['shard-b'])], pod('a', 'app=shard-a')), undefined);
  assert.equal(suggested([asked('app', ['shrad-a'])], pod('a', 'app=shard-a')), 'app=shard-a (a)');
  assert.equal(suggested([asked('app', ['api'])], pod('a', 'app=app')), undefined);
  assert.equal(suggested([asked('app', ['apii'])], pod('a', 'app=api')), 'app=api (a)');
  assert.equal(suggested([asked('app', ['db'])], pod('a', 'app=d')), undefined);
});

test('the other labels that are asked for have to be there', () => {
  const both = [asked('app', ['wbe-server']), asked('tier', ['front'])];
  assert.equal(suggested(both, pod('a', 'app=web-server', 'tier=back')), undefined);
  assert.equal(suggested(both, pod('a', 'app=web-server', 'tier=front')), 'app=web-server (a)');
});

test('the same value under another key is meant where it says what something is, or the keys mean the same', () => {
  assert.equal(suggested([asked('name', ['billing'])], pod('a', 'app=billing')), 'app=billing (a)');
  assert.equal(suggested([asked('name', ['billing', 'web'])], pod('a', 'app=billing')), undefined);
  assert.equal(suggested([asked('public', ['true'])], pod('a', 'debug=true')), undefined);
  assert.equal(suggested([asked('pubilc', ['true'])], pod('a', 'public=true')), 'public=true (a)');
  assert.equal(suggested([asked('stage', ['prod'])], pod('a', 'tier=prod')), undefined);
  assert.equal(
    suggested([asked('component', ['prod'])], pod('a', 'app.kubernetes.io/component=prod')),
    'app.kubernetes.io/component=prod (a)',
  );
  assert.equal(
    suggested([asked('namespace', ['prod'])], pod('prod', 'kubernetes.io/metadata.name=prod')),
    'kubernetes.io/metadata.name=prod (prod)',
  );
  assert.equal(suggested([asked('stage', ['prod'])], pod('prod', 'kubernetes.io/metadata.name=prod')), undefined);
});

test('of several keys with the value the one that names pods is taken, and never one that is asked for already', () => {
  const pods = pod('a', 'owner=billing', 'app=billing');
  assert.equal(suggested([asked('name', ['billing'])], pods), 'app=billing (a)');
  assert.equal(suggested([asked('name', ['billing']), asked('app', ['billing'])], pods), 'owner=billing (a)');
});

test('a key of another project’s domain is set by its operator', () => {
  assert.equal(suggested([asked('example.com/name', ['billing'])], pod('a', 'app=billing')), undefined);
  assert.equal(suggested([asked('app.kubernetes.io/name', ['billing'])], pod('a', 'app=billing')), 'app=billing (a)');
});

test('two letters side by side may have changed places, also at the beginning and the end', () => {
  for (const text of ['rpod', 'pord', 'prdo']) assert.ok(isTransposed(text, 'prod'), text);
  for (const text of ['prod', 'porx', 'dorp', 'pro', 'prods']) assert.ok(!isTransposed(text, 'prod'), text);
});

test('at fault is the one requirement without which something matches, at its value where the key is known', () => {
  const [app, tier] = [asked('app', ['x']), asked('tier', ['front'])];
  const pods = [pod('a', 'app=web', 'tier=front')];
  assert.equal(requirementAtFault([app], pods), app);
  assert.equal(requirementAtFault([app, tier], pods), app);
  assert.equal(requirementAtFault([app, asked('tier', ['back'])], pods), undefined);
  assert.equal(requirementAtFault([asked('app', ['web']), tier], pods), undefined);
  assert.equal(placeOfFault(app, pods).range.start, 10);
  assert.equal(placeOfFault(asked('role', ['x']), pods).range.start, 0);
  assert.equal(placeOfFault(asked('app', ['x', 'y']), pods).range.start, 0);
});
