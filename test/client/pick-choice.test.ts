import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosenRow, type Row, settles } from '#client/pick-choice.js';
import { editor, withFakeVscode } from './fake-vscode.js';

withFakeVscode();
const { pickOrType } = await import('#client/pick-or-type.js');

const frontend: Row = { label: 'shop/frontend', description: 'app=frontend · TCP 8080' };
const api: Row = { label: 'shop/api', description: 'app=api' };
const port: Row = { label: 'TCP 8080', description: 'http' };
const maybe = { complete: false };
const complete = { complete: true };

const cases: readonly [what: string, entered: Parameters<typeof chosenRow>[0], expected: unknown][] = [
  [
    'nothing typed: what is active',
    { text: '', listed: [frontend, api], typed: undefined, active: api, settled: true },
    api,
  ],
  [
    'nothing active yet: the first',
    { text: '', listed: [frontend, api], typed: undefined, active: undefined, settled: false },
    frontend,
  ],
  [
    'a part of a name: the row that holds it, though the typed one is still shown',
    { text: 'front', listed: [frontend, api], typed: maybe, active: 'typed', settled: false },
    frontend,
  ],
  [
    'a part of a name, and the person went to what is typed',
    { text: 'front', listed: [frontend, api], typed: maybe, active: 'typed', settled: true },
    maybe,
  ],
  [
    'an address while a row for an earlier text is shown',
    { text: '10.0.0.1', listed: [frontend, api], typed: complete, active: 'typed', settled: false },
    complete,
  ],
  [
    'a port that a listed one only holds',
    { text: '80', listed: [port], typed: complete, active: port, settled: false },
    complete,
  ],
  [
    'the same, and the person went to the listed one',
    { text: '80', listed: [port], typed: complete, active: port, settled: true },
    port,
  ],
  [
    'the label of a row',
    { text: 'shop/api', listed: [frontend, api], typed: maybe, active: frontend, settled: false },
    api,
  ],
  [
    'another row that holds the text',
    { text: 'shop', listed: [frontend, api], typed: maybe, active: api, settled: false },
    api,
  ],
  ['by its description', { text: 'http', listed: [port], typed: maybe, active: 'typed', settled: false }, port],
  ['what nothing holds', { text: 'nowhere', listed: [frontend], typed: maybe, active: 'typed', settled: false }, maybe],
  [
    'what means nothing',
    { text: '??', listed: [frontend], typed: undefined, active: undefined, settled: false },
    undefined,
  ],
];

for (const [what, entered, expected] of cases) {
  test(`Enter takes: ${what}`, () => assert.equal(chosenRow(entered), expected));
}

test('a list has settled when it shows an answer to the text', () => {
  const entered = { text: 'front', listed: [frontend, api], typed: maybe };
  assert.equal(settles(entered, frontend), true);
  assert.equal(settles(entered, api), false);
  assert.equal(settles(entered, 'typed'), false);
  assert.equal(settles({ ...entered, text: '80', listed: [port], typed: complete }, port), false);
});

const asked = (choices: Promise<{ label: string; value: string }[]>) =>
  pickOrType<string>({
    title: '',
    step: 1,
    totalSteps: 1,
    placeholder: '',
    choices,
    typed: (text) => ({ value: `typed ${text}`, description: '', complete: /^\d/.test(text) }),
  });
const listed = ['shop/frontend', 'shop/api'].map((label) => ({ label, value: label }));
const list = () => {
  const found = editor.lists.at(-1);
  assert.ok(found);
  return found;
};

test('Enter that comes before the choices counts when they are there', async () => {
  let come: (choices: typeof listed) => void = () => {};
  const answer = asked(new Promise((resolve) => (come = resolve)));
  list().type('api');
  list().accepting.fire();
  come(listed);
  assert.equal(await answer, 'shop/api');
});

test('an address that is typed fast is taken whole, whatever row is shown', async () => {
  const answer = asked(Promise.resolve(listed));
  await Promise.resolve();
  list().type('10.0.0');
  list().activate('10.0.0');
  list().type('10.0.0.1');
  list().accepting.fire();
  assert.equal(await answer, 'typed 10.0.0.1');
});

test('the row that the arrow keys lead to is taken', async () => {
  const answer = asked(Promise.resolve(listed));
  await Promise.resolve();
  list().type('shop');
  list().activate('shop/frontend');
  list().activate('$(edit)');
  list().accepting.fire();
  assert.equal(await answer, 'typed shop');
});

test('no choices, or Escape, is no answer', async () => {
  const closed = asked(Promise.resolve(listed));
  list().hiding.fire();
  assert.equal(await closed, undefined);
  await assert.rejects(asked(Promise.reject(new Error('no server'))), /no server/);
});
