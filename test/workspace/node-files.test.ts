import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, realpath, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nodeFiles } from '#server/host/node-files.js';
import { folderWith } from '../cli/terminal.js';

async function listed(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  exclude: readonly string[] = [],
): Promise<string[]> {
  return listedIn(await folderWith(t, files), exclude);
}

async function listedIn(folder: string, exclude: readonly string[] = []): Promise<string[]> {
  const uris = await nodeFiles().list(pathToFileURL(folder).href, exclude);
  return uris.map((uri) => fileURLToPath(uri).slice(folder.length + 1)).sort();
}

const empty = (...paths: string[]) => Object.fromEntries(paths.map((path) => [path, '']));

test('manifests and kustomizations, and nothing else', async (t) => {
  const files = empty(
    'a.yaml',
    'b.yml',
    'c.json',
    'D.YAML',
    'x/Kustomization',
    '.netpol.yaml',
    'readme.md',
    'a.yaml.bak',
  );
  assert.deepEqual(await listed(t, files), ['.netpol.yaml', 'D.YAML', 'a.yaml', 'b.yml', 'c.json', 'x/Kustomization']);
});

test('folders of tools are never entered', async (t) => {
  const files = empty('a.yaml', 'node_modules/x/a.yaml', '.git/a.yaml', 'sub/node_modules/a.yaml', '.github/b.yaml');
  assert.deepEqual(await listed(t, files), ['.github/b.yaml', 'a.yaml']);
});

test('what git ignores is left out, level by level', async (t) => {
  const files = {
    ...empty(
      'a.yaml',
      'build/a.yaml',
      'sub/build/a.yaml',
      'sub/out/a.yaml',
      'sub/out/keep.yaml',
      'out/a.yaml',
      'secret.json',
    ),
    '.gitignore': 'build/\n*.json\n# sub/\n',
    'sub/.gitignore': 'out/*\n!out/keep.yaml\n',
  };
  assert.deepEqual(await listed(t, files), ['a.yaml', 'out/a.yaml', 'sub/out/keep.yaml']);
});

test('a deeper .gitignore can take back what a higher one ignores', async (t) => {
  const files = {
    ...empty('a.yaml', 'sub/a.yaml', 'sub/b.yaml'),
    '.gitignore': 'a.yaml\n',
    'sub/.gitignore': '!a.yaml\n',
  };
  assert.deepEqual(await listed(t, files), ['sub/a.yaml', 'sub/b.yaml']);
  assert.deepEqual(await listed(t, files, ['a.yaml']), ['sub/b.yaml']);
});

test('what is excluded is left out', async (t) => {
  const files = empty('a.yaml', 'testdata/a.yaml', 'x/testdata/a.yaml', 'x/b.yaml');
  assert.deepEqual(await listed(t, files, ['**/testdata/**']), ['a.yaml', 'x/b.yaml']);
  assert.deepEqual(await listed(t, files, ['/testdata', 'x/b.yaml']), ['a.yaml', 'x/testdata/a.yaml']);
});

test('links to folders are not followed, pipes are not waited for', async (t) => {
  const folder = await folderWith(t, empty('a.yaml'));
  await symlink('.', join(folder, 'round'));
  await symlink('a.yaml', join(folder, 'link.yaml'));
  await mkdir(join(folder, 'folder.yaml'));
  await symlink('folder.yaml', join(folder, 'to-folder.yaml'));
  execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
  assert.deepEqual(await listedIn(folder), ['a.yaml', 'link.yaml']);
});

test('a link to a file is followed within what is read, and not out of it, unless somebody names it', async (t) => {
  const outside = await folderWith(t, { 'secret.yaml': 'password: x\n' });
  const folder = await folderWith(t, { 'base/a.yaml': 'a: 1\n', 'x.yaml': '' });
  await symlink(join(outside, 'secret.yaml'), join(folder, 'out.yaml'));
  await symlink('../x.yaml', join(folder, 'base/in.yaml'));
  await symlink('out.yaml', join(folder, 'twice.yaml'));
  await symlink(`../${basename(outside)}/secret.yaml`, join(folder, 'relative.yaml'));
  const files = nodeFiles();
  const uri = (name: string) => pathToFileURL(join(folder, name)).href;
  await files.list(pathToFileURL(folder).href, []);
  assert.deepEqual(await files.read(uri('base/in.yaml')), { text: '' });
  const target = await realpath(join(outside, 'secret.yaml'));
  const error = `it is a link that leads out of the folder, to ${target}; name the file itself to have it read`;
  for (const name of ['out.yaml', 'twice.yaml', 'relative.yaml'])
    assert.deepEqual(await files.read(uri(name)), { error });
  // Another folder of the workspace is read anyway.
  await files.list(pathToFileURL(outside).href, []);
  assert.deepEqual(await files.read(uri('out.yaml')), { text: 'password: x\n' });
  // Nor before anything is listed, as the configuration is.
  assert.deepEqual(await nodeFiles().read(uri('out.yaml')), { error });
  const asNamed = nodeFiles('at once', (each) => each === uri('out.yaml'));
  await asNamed.list(pathToFileURL(folder).href, []);
  assert.deepEqual(await asNamed.read(uri('out.yaml')), { text: 'password: x\n' });
});

test('names with blanks, quotes and letters of any script', async (t) => {
  const names = ["it's (1) #2 50%.yaml", 'é 漢 🐘.yaml', 'a@b+c&d=e;f,g!h.yaml'];
  const folder = await folderWith(t, Object.fromEntries(names.map((name) => [name, name])));
  assert.deepEqual(await listedIn(folder), [...names].sort());
  const files = nodeFiles();
  for (const uri of await files.list(pathToFileURL(folder).href, [])) {
    assert.deepEqual(await files.read(uri), { text: fileURLToPath(uri).slice(folder.length + 1) });
  }
});

test('a folder that is not there rejects with words', async () => {
  await assert.rejects(nodeFiles().list('file:///nowhere/at/all', []), /^Error: there is no such file or folder$/);
});

test('only file URIs are read from the disk', async () => {
  for (const uri of ['untitled:Untitled-1', 'git:/etc/hostname', 'stdin:/x.yaml', 'vscode-vfs://github/etc/hostname']) {
    assert.deepEqual(await nodeFiles().read(uri), { error: 'it is not on the disk' });
  }
});
