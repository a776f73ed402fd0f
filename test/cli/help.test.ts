import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commands } from '#server/cli/commands.js';
import { optionsIn } from '#server/cli/completion.js';
import { folderWith, netpol, netpolProcess } from './terminal.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const examplesOf = (usage: string) => (usage.split('\n  Examples:\n')[1] ?? '').split('\n').map((line) => line.trim());

test('every command says what it is given, its exit status, and examples', async () => {
  for (const [name, { usage }] of Object.entries(commands)) {
    assert.match(usage, new RegExp(`^netpol ${name}`), name);
    assert.match(usage, /\n {2}Exit status: 0/, name);
    assert.ok(examplesOf(usage).length > 0, name);
    assert.ok(
      usage.split('\n').every((line) => line.length <= 125),
      `${name} has lines longer than a terminal`,
    );
    const [byHelp, byOption] = [await netpol(['help', name]), await netpol([name, '--help'])];
    assert.deepEqual(byHelp, byOption);
    assert.equal(byHelp.code, 0);
  }
  const { out } = await netpol(['help']);
  for (const name of Object.keys(commands)) assert.match(out, new RegExp(`^ {2}netpol ${name} `, 'm'));
  assert.equal((await netpol(['help', 'nothing'])).code, 2);
});

test('the examples of the help run in this repository', async (t) => {
  const scratch = await mkdtemp(join(tmpdir(), 'netpol-help-'));
  t.after(() => rm(scratch, { recursive: true, force: true }));
  // What needs a cluster, a pipe or a history is shown elsewhere.
  const elsewhere = /^netpol snapshot|\||HEAD/;
  let run = 0;
  for (const { usage } of Object.values(commands)) {
    for (const line of examplesOf(usage).filter((each) => !elsewhere.test(each))) {
      const args = line.replace('shop.svg', join(scratch, 'shop.svg')).split(' ').slice(1);
      const { code, err } = await netpol(args, { cwd: root });
      assert.ok(code === 0 || code === 1, `${line}: ${code} ${err}`);
      run++;
    }
  }
  assert.ok(run >= 25, `${run} examples`);
});

test('the options that completion offers are those that the commands take', async (t) => {
  const cwd = await folderWith(t, {});
  for (const [name, { usage }] of Object.entries(commands)) {
    const options = optionsIn(usage.split('\n  Examples:')[0] ?? '');
    for (const { name: option, values } of options) {
      if (option === '--parameter') continue;
      // An option that is unknown is said before anything is read.
      const args = [name, option, ...(values === undefined ? [] : [values[0] ?? '1']), '--help'];
      const { code, err } = await netpol(args, { cwd });
      assert.equal(code, 0, `${args.join(' ')}: ${err}`);
    }
    if (name === 'check') {
      const format = options.find((each) => each.name === '--format');
      assert.deepEqual(format?.values, ['text', 'json', 'ndjson', 'sarif', 'github', 'junit']);
      assert.ok(options.some((each) => each.name === '--baseline' && each.isPath));
    }
    if (name === 'effective') assert.deepEqual(options.find((each) => each.name === '--policy')?.values, []);
  }
});

test('bash completes commands, options, values, rules and templates', async (t) => {
  const cwd = await folderWith(t, { 'policy.yaml': '' });
  const { code, out } = await netpol(['completion', 'bash']);
  assert.equal(code, 0);
  await writeFile(join(cwd, 'netpol.bash'), out);
  const completed = (...words: readonly string[]) => {
    const script = `source ./netpol.bash; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _netpol; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['--norc', '-c', script], { cwd, encoding: 'utf8' }).trim().split('\n');
  };
  assert.deepEqual(completed('netpol', 'ex'), ['explain']);
  assert.deepEqual(completed('netpol', 'check', '--form'), ['--format']);
  assert.deepEqual(completed('netpol', 'check', '--format', 's'), ['sarif']);
  assert.deepEqual(completed('netpol', 'check', 'pol'), ['policy.yaml']);
  assert.deepEqual(completed('netpol', 'rules', 'dns-e'), ['dns-egress-missing']);
  assert.deepEqual(completed('netpol', 'add', 'allow-dns-e'), ['allow-dns-egress']);
  assert.deepEqual(completed('netpol', 'list', '--direction', ''), ['ingress', 'egress']);
});

test('zsh and fish are told the same commands and options', async () => {
  const [zsh, fish] = [(await netpol(['completion', 'zsh'])).out, (await netpol(['completion', 'fish'])).out];
  for (const name of [...Object.keys(commands), 'completion']) {
    assert.match(zsh, new RegExp(`^ {4}${name}\\) _arguments .*--help`, 'm'));
    assert.match(fish, new RegExp(`__fish_use_subcommand -f -a ${name} -d '`));
  }
  assert.match(zsh, /check\) _arguments .*'\*--format=:value:\(text json ndjson sarif github junit\)'/);
  assert.match(fish, /__fish_seen_subcommand_from check' -l format -x -a 'text json ndjson sarif github junit'/);
  const wrong = await netpol(['completion', 'tcsh']);
  assert.deepEqual([wrong.code, wrong.err], [2, 'netpol: name a shell: netpol completion bash, zsh or fish\n']);
});

test('list streams a connection in each line, and its jobs together list all', async () => {
  const lines = async (...args: readonly string[]) =>
    (await netpolProcess(['list', 'examples', '--format', 'ndjson', ...args], { cwd: root })).out.trimEnd().split('\n');
  const whole = await lines();
  const { out } = await netpolProcess(['list', 'examples', '--format', 'json'], { cwd: root });
  assert.deepEqual(
    whole.map((line) => JSON.parse(line)),
    JSON.parse(out),
  );
  const shares = await Promise.all(['1/3', '2/3', '3/3'].map((shard) => lines('--shard', shard)));
  assert.deepEqual(
    shares
      .flat()
      .filter((line) => line !== '')
      .sort(),
    [...whole].sort(),
  );
  assert.ok(shares.every((share) => share.length < whole.length));
});
