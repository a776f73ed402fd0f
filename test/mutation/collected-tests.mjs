// Stands in for `node:test`: tests are collected when their file is read, and run one by one, as often as one likes.

/** The tests of the file that is being read, with the hooks around them. */
let reading = { tests: [], before: [], beforeEach: [], names: [], waiting: [] };

/** Reads a file of tests; `load` imports it. */
export async function collected(load) {
  reading = { tests: [], before: [], beforeEach: [], names: [], waiting: [] };
  const mine = reading;
  await load();
  while (mine.waiting.length > 0) await mine.waiting.shift();
  for (const hook of mine.before) await hook();
  return mine.tests;
}

export function test(name, ...more) {
  const { run, options } = argumentsOf(more);
  if (run === undefined || options.skip || options.todo) return Promise.resolve();
  const { names, beforeEach, tests } = reading;
  tests.push({
    name: [...names, name].join(' > '),
    async run() {
      for (const hook of beforeEach) await hook();
      await within(String(name), run);
    },
  });
  return Promise.resolve();
}

export const it = test;
export default test;

export function describe(name, ...more) {
  const { run } = argumentsOf(more);
  reading.names.push(String(name));
  reading.waiting.push(run?.());
  reading.names.pop();
}

export const suite = describe;
export const before = (hook) => void reading.before.push(hook);
export const beforeEach = (hook) => void reading.beforeEach.push(hook);
// A worker ends when it has done its work, and what is kept until then with it.
export const after = () => {};
export const afterEach = () => {};

async function within(name, run) {
  const after = [];
  const context = {
    name,
    after: (hook) => void after.push(hook),
    diagnostic() {},
    skip() {},
    signal: new AbortController().signal,
    async test(inner, ...more) {
      await within(String(inner), argumentsOf(more).run);
    },
  };
  try {
    await run(context);
  } finally {
    for (const hook of after) await hook();
  }
}

function argumentsOf(more) {
  const run = more.find((each) => typeof each === 'function');
  return { run, options: more.find((each) => typeof each === 'object') ?? {} };
}
