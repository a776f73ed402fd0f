import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { run } from '#server/cli/run.js';
import { styleFor } from '#server/cli/style.js';
import { nodeFiles } from '#server/host/node-files.js';
import { Netpol } from '#server/service.js';
import { readSettings } from '#server/workspace/settings.js';
import { linksIn, read, root } from './pages.js';

const update = process.env.UPDATE_FIXTURES === '1';

async function open(folder: string): Promise<Netpol> {
  return Netpol.open(nodeFiles(), [pathToFileURL(join(root, folder)).toString()]);
}

/** Every finding as "FILE:LINE RULE SEVERITY", the file as a path from the folder. */
function found(netpol: Netpol, folder: string): string[] {
  return [...netpol.workspace.files.keys()].sort().flatMap((uri) =>
    netpol.findings(uri).map((finding) => {
      const line = netpol.workspace.file(uri)?.lines.positionAt(finding.range.start).line ?? -1;
      const file = relative(join(root, folder), fileURLToPath(uri)).replaceAll('\\', '/');
      return `${file}:${line + 1} ${finding.rule.id} ${finding.severity}`;
    }),
  );
}

/** What the authors of examples/shop got wrong: the mistakes of the documents the product grew from, each where it stands. */
const mistakes: Readonly<Record<string, string>> = {
  'OR where AND was meant': 'policies/api.yaml:18 and-or-ambiguity warning',
  'default-deny egress without DNS': 'policies/shop-default-deny-egress.yaml:10 dns-egress-missing warning',
  'a named port that no container declares': 'policies/postgres-ingress.yaml:20 named-port-unresolved warning',
  'endPort below port': 'policies/postgres-metrics.yaml:24 invalid-end-port error',
  'endPort on a named port': 'policies/postgres-metrics.yaml:27 invalid-end-port error',
  'egress rules without Egress in policyTypes': 'policies/api-egress.yaml:13 rules-without-policy-type warning',
  'a selector with a typo': 'policies/cache-ingress.yaml:10 selector-matches-nothing warning',
  'the service port where the pod port is enforced':
    'policies/frontend-egress.yaml:35 service-port-not-target-port warning',
  'default-deny ingress without the ingress controller':
    'policies/storefront-default-deny.yaml:10 ingress-controller-blocked warning',
  'default-deny ingress with probes': 'policies/storefront-default-deny.yaml:10 probe-blocked info',
  'the metadata service within reach': 'policies/worker-egress.yaml:16 metadata-service-exposed info',
  'an empty rule, which allows everything': 'policies/worker-debug.yaml:14 allow-all-rule info',
};

/** What follows from them elsewhere. */
const consequences: readonly string[] = [
  'policies/api-egress.yaml:12 probe-blocked info',
  'policies/api-egress.yaml:12 metrics-scrape-blocked warning',
  // The cache, which the typo leaves open.
  'policies/api.yaml:12 missing-default-deny info',
  // What the closed egress and the service's port cut off.
  'shop/api.yaml:24 needed-connection-blocked warning',
  'shop/api.yaml:26 needed-connection-blocked warning',
  'storefront/frontend.yaml:21 needed-connection-blocked warning',
  // What the tests say of all that; one is not certain while a policy cannot be read.
  ...[7, 13, 19, 32, 38].map((line) => `shop.netpol-test.yaml:${line} expectation-failed error`),
  'shop.netpol-test.yaml:26 expectation-failed info',
];

test('examples/shop shows its mistakes, each at its line, and nothing else', async () => {
  const netpol = await open('examples/shop');
  assert.deepEqual(found(netpol, 'examples/shop').sort(), [...Object.values(mistakes), ...consequences].sort());
  assert.deepEqual(netpol.crashes, []);
});

test('examples/shop-fixed has no error and no warning', async () => {
  const netpol = await open('examples/shop-fixed');
  assert.deepEqual(
    found(netpol, 'examples/shop-fixed').filter((each) => / (?:error|warning)$/.test(each)),
    [],
  );
  assert.equal(netpol.workspace.index.scopes[0]?.policies.length, 13);
});

test('both shops are the same application, and their kustomizations name every file', () => {
  for (const part of ['cluster', 'storefront', 'shop']) {
    const names = readdirSync(join(root, 'examples/shop', part));
    assert.deepEqual(readdirSync(join(root, 'examples/shop-fixed', part)), names);
    for (const name of names)
      assert.equal(read(`examples/shop-fixed/${part}/${name}`), read(`examples/shop/${part}/${name}`));
  }
  for (const shop of ['examples/shop', 'examples/shop-fixed']) {
    const { resources } = parse(read(`${shop}/kustomization.yaml`)) as { resources: string[] };
    const files = readdirSync(join(root, shop), { recursive: true, encoding: 'utf8' })
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => name.includes('/') && name.endsWith('.yaml'));
    assert.deepEqual([...resources].sort(), files.sort());
  }
});

test('the preferred fix of examples/seed/issue.yaml gives the DNS rule that the seed recommends', async () => {
  const netpol = await open('examples/seed');
  assert.deepEqual(found(netpol, 'examples/seed'), [
    'issue.yaml:17 needed-connection-blocked info',
    'issue.yaml:29 dns-egress-missing warning',
  ]);
  const uri = [...netpol.workspace.files.keys()][0] ?? '';
  const preferred = netpol.findings(uri).flatMap(({ fixes }) => fixes.filter((fix) => fix.preferred === true));
  assert.equal(preferred.length, 1, 'one preferred fix');
  const text = netpol.applyChanges(preferred[0]?.changes() ?? [])?.get(uri) ?? '';
  const [, policy] = parseAllDocuments(text).map((document) => document.toJS() as { spec: unknown });
  assert.deepEqual(policy?.spec, {
    podSelector: { matchLabels: { app: 'network-test' } },
    policyTypes: ['Egress'],
    egress: [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
            podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
          },
        ],
        ports: [
          { protocol: 'UDP', port: 53 },
          { protocol: 'TCP', port: 53 },
        ],
      },
    ],
  });
  netpol.workspace.setBuffer(uri, text, undefined);
  // Names resolve again; what the pod asks for stands outside of the cluster, which is still closed to it.
  assert.deepEqual(found(netpol, 'examples/seed'), ['issue.yaml:17 needed-connection-blocked info']);
});

test('the JSON of `check` fits its schema, and so does the sample in docs/json.md', async () => {
  const validate = new Ajv().compile(JSON.parse(read('docs/json-schema/check.schema.json')));
  const { out } = await netpol(['check', 'examples', '--format', 'json']);
  assert.ok(validate(JSON.parse(out)), JSON.stringify(validate.errors));
  const sample = blocks('docs/json.md').find(({ language }) => language === 'json');
  assert.ok(validate(JSON.parse(sample?.text ?? '{}')), JSON.stringify(validate.errors));
  assert.ok(!validate({ findings: [{}], summary: {} }), 'the schema refuses what it does not describe');
});

const pages = [
  'README.md',
  'server/README.md',
  'CONTRIBUTING.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  ...pagesIn('docs'),
  ...pagesIn('docs/runbooks'),
];

for (const page of pages) {
  describe(page, () => {
    test('links lead somewhere', () => {
      for (const target of linksIn(read(page)))
        assert.ok(existsSync(resolve(root, dirname(page), target)), `${page} links to ${target}`);
    });

    test('its YAML is right', async () => {
      for (const { language, text } of blocks(page)) {
        if (language === 'yaml') await checkYaml(text);
      }
    });

    test('its commands exist', async () => {
      for (const { language, text } of blocks(page)) {
        if (language === 'sh') for (const line of text.split('\n')) await checkCommand(line);
      }
    });

    test('its samples of output are what netpol prints', async () => {
      let text = read(page);
      for (const block of blocks(page).filter(({ language }) => language === 'console')) {
        const [command = ''] = block.text.split('\n');
        const { out } = await netpol(command.replace(/^\$ netpol /, '').split(' '));
        const wanted = `${command}\n${out.trimEnd()}\n`;
        if (update) text = text.replace(block.text, () => wanted);
        else assert.equal(block.text, wanted, `${page}: run with UPDATE_FIXTURES=1`);
      }
      if (update) writeFileSync(join(root, page), text);
    });
  });
}

function pagesIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md') && statSync(join(root, folder, name)).isFile())
    .map((name) => `${folder}/${name}`);
}

function blocks(page: string): readonly { readonly language: string; readonly text: string }[] {
  return [...read(page).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}

/** A configuration is accepted, a manifest is valid, a fragment can be read. */
async function checkYaml(text: string): Promise<void> {
  if (text.startsWith('# .netpol.yaml')) {
    assert.deepEqual(readSettings(parse(text)).problems, []);
    return;
  }
  for (const document of parseAllDocuments(text)) assert.deepEqual(document.errors, [], text);
  if (!/^apiVersion:/m.test(text)) return;
  const files = { list: async () => ['mem:/page.yaml'], read: async () => ({ text }) };
  const netpol = await Netpol.open(files, ['mem:']);
  assert.deepEqual(
    netpol.findings('mem:/page.yaml').filter(({ severity }) => severity === 'error'),
    [],
    text,
  );
}

const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);

/** A netpol command can run, an npm script is there, a program that is started is in the project. Others are the reader's own. */
async function checkCommand(line: string): Promise<void> {
  const words = line
    .replace(/\s#.*$/, '')
    .replace(/\s*>.*$/, '')
    .trim()
    .split(/\s+/);
  const at = words.indexOf('netpol');
  if (at >= 0) await checkNetpol(words.slice(at + 1), line);
  const npm = /^npm (?:run )?(\S+)/.exec(line)?.[1];
  if (npm !== undefined && !['install', 'pack'].includes(npm)) assert.ok(scripts.includes(npm), line);
}

async function checkNetpol(args: readonly string[], line: string): Promise<void> {
  // The reader's own files: what can be checked is that the command and its options are there.
  const theirs = ['k8s/', 'deploy', 'clusters', '"$cluster"', '-'];
  const isTheirs = args.some((word) => theirs.includes(word));
  const { status, err, out } = await netpol(isTheirs ? [args[0] ?? '', '--help'] : args);
  assert.notEqual(status, 2, `${line}\n${err}`);
  if (isTheirs)
    for (const option of args.filter((word) => word.startsWith('--'))) assert.ok(out.includes(option), line);
}

async function netpol(args: readonly string[]): Promise<{ status: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const status = await run(
    args,
    {
      cwd: root,
      style: styleFor({}, {}),
      width: 100,
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      stdin: async () => '',
      write: async () => assert.fail('nothing is written'),
    },
    '0.0.0',
  );
  return { status, out, err };
}
