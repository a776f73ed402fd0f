import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** What is used of DuckDB, whose package stands beside this test. */
interface DuckDb {
  DuckDBInstance: {
    create(): Promise<{
      connect(): Promise<{
        runAndReadAll(sql: string): Promise<{ getRowObjectsJson(): Record<string, unknown>[] }>;
        closeSync(): void;
      }>;
    }>;
  };
}

interface Run {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  readonly results: readonly { readonly ruleId: string; readonly ruleIndex: number }[];
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const { DuckDBInstance } = createRequire(new URL('../../scale/package.json', import.meta.url))(
  '@duckdb/node-api',
) as DuckDb;
const page = readFileSync(join(root, 'docs/scale.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text = '']) => text);

/** An estate of three clusters, two of which differ in nothing but a policy. */
const folder = mkdtempSync(join(tmpdir(), 'netpol-scale-'));
after(() => rmSync(folder, { recursive: true, force: true }));
cpSync(join(root, 'examples/shop'), join(folder, 'clusters/north'), { recursive: true });
cpSync(join(root, 'examples/shop-fixed'), join(folder, 'clusters/south'), { recursive: true });
cpSync(join(root, 'examples/shop-fixed'), join(folder, 'clusters/west'), { recursive: true });
rmSync(join(folder, 'clusters/west/policies/postgres.yaml'));
mkdirSync(join(folder, 'results'));
cpSync(join(root, 'docs/scale/merge-sarif.mjs'), join(folder, 'merge-sarif.mjs'));
mkdirSync(join(folder, 'bin'));
writeFileSync(
  join(folder, 'bin/netpol'),
  `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'server/out/cli/main.js')}" "$@"\n`,
  { mode: 0o755 },
);

const shell = (script: string): string => {
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, NO_COLOR: '1' };
  // An exit status of 1 says that something was found, as it is meant to.
  return execFileSync('bash', ['-c', script], {
    cwd: folder,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
};

const linesOf = (pattern: RegExp) =>
  readdirSync(join(folder, 'results'))
    .filter((name) => pattern.test(name))
    .flatMap((name) =>
      readFileSync(join(folder, 'results', name), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => ({ cluster: name.replace('.ndjson', ''), ...JSON.parse(line) })),
    );

test('the reports of the shards become the one report that one job makes, valid and with the same fingerprints', () => {
  shell(blocks('sh')[0] ?? '');
  const merged: { runs: readonly Run[] } = JSON.parse(readFileSync(join(folder, 'netpol.sarif'), 'utf8'));
  const whole: { runs: readonly Run[] } = JSON.parse(shell('netpol check clusters --format sarif || [ $? -eq 1 ]'));
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const schema = JSON.parse(readFileSync(join(root, 'test/cli/schemas/sarif-2.1.0.json'), 'utf8'));
  assert.ok(ajv.validate(schema, merged), ajv.errorsText());
  const resultsOf = ({ runs: [run] }: { runs: readonly Run[] }) => {
    const results = run?.results ?? [];
    return results
      .map(({ ruleIndex, ...result }) => {
        assert.equal(run?.tool.driver.rules[ruleIndex]?.id, result.ruleId);
        return JSON.stringify(result);
      })
      .sort();
  };
  assert.equal(merged.runs.length, 1);
  assert.deepEqual(resultsOf(merged), resultsOf(whole));
  const shares = readdirSync(folder).filter((name) => /^shard-\d\.sarif$/.test(name));
  const sizes = shares.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).runs[0].results.length);
  assert.equal(sizes.length, 4);
  assert.ok(sizes.filter((size) => size > 0).length > 1, `the work is shared: ${sizes}`);
});

test('the queries answer what the files say', async () => {
  shell(`${blocks('sh')[1] ?? ''}\ntrue`);
  const connection = await (await DuckDBInstance.create()).connect();
  after(() => connection.closeSync());
  const ask = async (sql: string) =>
    (await connection.runAndReadAll(sql.replaceAll("'results/", `'${folder}/results/`))).getRowObjectsJson();
  const [byRule = '', toInternet = '', differing = ''] = blocks('sql');

  const findings = linesOf(/^findings-/).filter(({ severity }) => severity === 'error' || severity === 'warning');
  const rows = await ask(byRule);
  assert.deepEqual(
    Object.fromEntries(rows.map((row) => [row.rule, [Number(row.findings), Number(row.clusters)]])),
    Object.fromEntries(
      [...new Set(findings.map(({ rule }) => rule))].map((rule) => {
        const own = findings.filter((each) => each.rule === rule);
        return [rule, [own.length, new Set(own.map(({ cluster }) => cluster)).size]];
      }),
    ),
  );
  assert.ok(rows.length > 5);

  const connections = linesOf(/^connections-/);
  const wide = connections.filter(({ dst }) => dst === '0.0.0.0-255.255.255.255[External]');
  assert.ok(wide.length > 0);
  assert.deepEqual(
    (await ask(toInternet)).map((row) => `${row.cluster} ${row.src} ${row.conn}`).sort(),
    wide.map(({ cluster, src, conn }) => `${cluster} ${src} ${conn}`).sort(),
  );

  const groups = new Map<string, Set<string>>();
  for (const { src, dst, conn, cluster } of connections) {
    const key = `${src} ${dst} ${conn}`;
    groups.set(key, (groups.get(key) ?? new Set()).add(cluster));
  }
  const some = [...groups].filter(([, clusters]) => clusters.size < 3).map(([key]) => key);
  assert.ok(some.length > 0);
  assert.deepEqual((await ask(differing)).map((row) => `${row.src} ${row.dst} ${row.conn}`).sort(), some.sort());
});
