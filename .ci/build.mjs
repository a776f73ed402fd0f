// Bundles the extension, the server and the command line into dist/ and server/dist/, and prints what they weigh.
//
//   node .ci/build.mjs [--dev] [--watch] [--partial] [--metafile] [--check-sizes]
//
//   --dev          source maps, nothing minified
//   --watch        builds again at each change
//   --partial      leaves out entries that do not exist yet, and says so
//   --metafile     also prints what weighs most in each bundle, and writes dist/meta.json
//   --check-sizes  fails when a bundle or the VSIX is over its budget
//   --quiet        prints no table

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import * as esbuild from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** By the file of licences, the folder of the bundles. */
const noticeFiles = new Map([
  ['dist/NOTICES.txt', 'dist'],
  ['server/dist/NOTICES.txt', 'server/dist'],
]);

// Four families of policies with their fields, rules and templates, and an editor’s every question about them, do not fit into the
// 600 kB that the design began with. What a start and an edit cost is measured by the bench.
const SERVER_BUDGET = 1_150_000;
const VSIX_BUDGET = 1_500_000;

const inEditor = { external: ['vscode'] };
const cjs = { format: 'cjs', platform: 'node', target: 'node20' };
const web = { platform: 'browser', target: 'es2022' };

const targets = [
  { entry: 'client/src/extension-node.ts', out: 'dist/extension-node.cjs', options: { ...cjs, ...inEditor } },
  {
    entry: 'client/src/extension-web.ts',
    out: 'dist/extension-web.js',
    options: { ...web, ...inEditor, format: 'cjs' },
  },
  // The page of the policy map. It has the drawing in common with the command line.
  {
    entry: 'client/src/map/page.ts',
    out: 'dist/map.js',
    options: { ...web, format: 'iife', alias: { 'netpol-language-server/out': join(root, 'server/src') } },
  },
  { entry: 'server/src/node.ts', out: 'dist/server-node.cjs', options: cjs, budget: SERVER_BUDGET },
  {
    entry: 'server/src/browser.ts',
    out: 'dist/server-web.js',
    options: { ...web, format: 'iife' },
    budget: SERVER_BUDGET,
  },
  { entry: 'server/src/node.ts', out: 'server/dist/server-node.js', bin: true, budget: SERVER_BUDGET },
  { entry: 'server/src/cli/main.ts', out: 'server/dist/netpol.js', bin: true },
];

/**
 * netpol reads YAML and never has the library write any, which is done by methods that esbuild cannot tell to be unused.
 * `test/cli/bundle.test.ts` holds that bundles answer the same without them.
 */
const withoutYamlOutput = {
  name: 'without YAML output',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]yaml[\\/]browser[\\/]dist[\\/]stringify[\\/][^\\/]+\.js$/ }, ({ path }) => {
      const names = [...readFileSync(path, 'utf8').matchAll(/^export \{([^}]*)\};?$/gm)].flatMap(([, list]) =>
        list.split(',').map((name) => name.trim()),
      );
      if (names.length === 0) throw new Error(`${path} exports nothing that could be left out`);
      const exported = names.map((name) => `unused as ${name}`).join(', ');
      return { contents: `function unused() { throw new Error('left out of this bundle'); }\nexport { ${exported} };` };
    });
  },
};

const { values: flags } = parseArgs({
  options: {
    dev: { type: 'boolean', default: false },
    watch: { type: 'boolean', default: false },
    partial: { type: 'boolean', default: false },
    metafile: { type: 'boolean', default: false },
    'check-sizes': { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
});

const missing = targets.filter(({ entry }) => !existsSync(join(root, entry)));
for (const { entry, out } of missing) {
  console.error(`${flags.partial ? 'left out' : 'missing'}: ${out}, there is no ${entry} yet`);
}
if (missing.length > 0 && !flags.partial) process.exit(1);
const present = targets.filter((target) => !missing.includes(target));

if (flags.watch) await watch();
else await build();

async function build() {
  let results;
  try {
    results = await Promise.all(present.map((target) => esbuild.build(buildOptions(target))));
  } catch (error) {
    // esbuild has printed each error with its place; what it throws before it begins, it has not.
    if (!Array.isArray(error.errors)) console.error(error);
    process.exit(1);
  }
  await Promise.all(present.filter(({ bin }) => bin).map(({ out }) => chmod(join(root, out), 0o755)));
  await writeSample();
  await writeNotices(results);
  await removeOthers();
  const rows = await Promise.all(
    present.map(async ({ out, budget }) => ({ name: out, size: (await stat(join(root, out))).size, budget })),
  );
  if (flags['check-sizes']) rows.push({ name: 'VSIX', size: await vsixSize(), budget: VSIX_BUDGET });
  if (!flags.quiet) printSizes(rows);
  if (flags.metafile) await reportInputs(results);
  if (flags['check-sizes'] && rows.some(isOver)) process.exit(1);
}

/** Nothing of an earlier build may be packaged by mistake. Removed last, so that an editor that runs finds its files. */
async function removeOthers() {
  const made = new Set([...present.map(({ out }) => out), 'dist/sample.json', 'dist/meta.json', ...noticeFiles.keys()]);
  for (const folder of ['dist', 'server/dist']) {
    for (const name of await readdir(join(root, folder))) {
      if (!made.has(`${folder}/${name}`)) await rm(join(root, folder, name), { recursive: true, force: true });
    }
  }
}

/** The licences of the packages whose code the bundles of a folder hold, as these licences ask. */
async function writeNotices(results) {
  for (const [out, folder] of noticeFiles) {
    const inputs = results.flatMap(({ metafile }) =>
      Object.entries(metafile.outputs).flatMap(([name, { inputs }]) =>
        name.startsWith(`${folder}/`)
          ? Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
          : [],
      ),
    );
    const packages = new Set(inputs.flatMap(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
    const texts = [...packages].sort().map((path) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
      const file = readdirSync(join(root, path)).find((each) => /^licen[cs]e/i.test(each));
      const text = file === undefined ? `Licence: ${license}` : readFileSync(join(root, path, file), 'utf8').trim();
      return `${name} ${version}\n\n${text}\n`;
    });
    const head = 'The bundles in this folder hold code of these packages.\n\n';
    await writeFile(join(root, out), head + texts.join(`\n${'-'.repeat(80)}\n\n`));
  }
}

/** The sample workspace as one file, which the extension can read wherever it runs: its files by their paths. */
async function writeSample() {
  const folder = join(root, 'examples/shop');
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const files = names.map((entry) => {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    return [relative(folder, path).replaceAll('\\', '/'), readFileSync(path, 'utf8')];
  });
  await mkdir(join(root, 'dist'), { recursive: true });
  await writeFile(join(root, 'dist/sample.json'), JSON.stringify(Object.fromEntries(files.sort())));
}

async function watch() {
  const contexts = await Promise.all(
    present.map((target) => esbuild.context({ ...buildOptions(target), logLevel: 'info' })),
  );
  await Promise.all(contexts.map((context) => context.watch()));
}

function buildOptions({ entry, out, options, bin, external }) {
  return {
    ...(bin ? binOptions(entry) : options),
    ...(external === undefined ? {} : { external }),
    entryPoints: [join(root, entry)],
    outfile: join(root, out),
    absWorkingDir: root,
    bundle: true,
    // The Node build of yaml asks process.env for each token, which costs a third of the time it takes to parse.
    // Its inner index has no default export, which would keep all of it.
    alias: {
      yaml: join(root, 'node_modules/yaml/browser/dist/index.js'),
      ...options?.alias,
      // One copy for everyone, and the one whose unused parts can be left out.
      'vscode-languageserver-types': join(root, 'node_modules/vscode-languageserver-types/lib/esm/main.js'),
    },
    plugins: [withoutYamlOutput],
    minify: !flags.dev,
    keepNames: false,
    // Packages with an ES module build leave out what is not used.
    mainFields: options?.platform === 'browser' ? ['browser', 'module', 'main'] : ['module', 'main'],
    sourcemap: flags.dev ? 'external' : false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  };
}

/** The bins are ES modules, as their package says; bundled CommonJS modules still call `require` for Node's own. */
function binOptions(entry) {
  const hasShebang = readFileSync(join(root, entry), 'utf8').startsWith('#!');
  const require =
    "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";
  return {
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: { js: hasShebang ? require : `#!/usr/bin/env node\n${require}` },
  };
}

/** What `vsce package` will come to: its own list of files, each deflated, with a ZIP entry's overhead. */
async function vsixSize() {
  const { listFiles, PackageManager } = await import('@vscode/vsce');
  const files = await listFiles({ cwd: root, packageManager: PackageManager.None });
  const entryOverhead = 150;
  return files.reduce((sum, file) => sum + deflateRawSync(readFileSync(join(root, file))).length + entryOverhead, 0);
}

function isOver({ size, budget }) {
  return budget !== undefined && size > budget;
}

function printSizes(rows) {
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const row of rows) {
    const of = row.budget === undefined ? '' : `  of ${kB(row.budget)}${isOver(row) ? '  OVER' : ''}`;
    console.log(`${row.name.padEnd(width)}  ${kB(row.size)}${of}`);
  }
}

function kB(bytes) {
  return `${(bytes / 1000).toFixed(0).padStart(5)} kB`;
}

async function reportInputs(results) {
  const outputs = Object.assign({}, ...results.map(({ metafile }) => metafile.outputs));
  for (const [name, { inputs }] of Object.entries(outputs)) {
    if (Object.keys(inputs).length === 0) continue;
    console.log(`\n${name}`);
    for (const [part, size] of heaviest(inputs)) console.log(`  ${kB(size)}  ${part}`);
  }
  await mkdir(join(root, 'dist'), { recursive: true });
  await writeFile(join(root, 'dist/meta.json'), JSON.stringify(outputs, null, 1));
}

/** The ten packages and source folders that take the most room in a bundle. */
function heaviest(inputs) {
  const sums = new Map();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const part = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? dirname(path);
    sums.set(part, (sums.get(part) ?? 0) + bytesInOutput);
  }
  return [...sums].sort((a, b) => b[1] - a[1]).slice(0, 10);
}
