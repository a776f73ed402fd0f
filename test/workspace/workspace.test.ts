import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Workspace } from '#server/workspace/workspace.js';
import { Memory, pod, policy, root, uriOf } from './memory.js';

async function opened(files: Readonly<Record<string, string>>): Promise<{ memory: Memory; workspace: Workspace }> {
  const memory = new Memory(files);
  const workspace = new Workspace(memory, [root]);
  await workspace.load();
  return { memory, workspace };
}

const text = (workspace: Workspace, path: string) => workspace.file(uriOf(path))?.text;

test('an open buffer stands before the disk, until it is closed', async () => {
  const { memory, workspace } = await opened({ 'a.yaml': 'disk' });
  workspace.setBuffer(uriOf('a.yaml'), 'buffer', 3);
  memory.write('a.yaml', 'newer');
  await workspace.refresh(uriOf('a.yaml'));
  await workspace.load();
  await workspace.discover();
  assert.equal(text(workspace, 'a.yaml'), 'buffer');
  assert.equal(workspace.file(uriOf('a.yaml'))?.version, 3);
  await workspace.closeBuffer(uriOf('a.yaml'));
  assert.equal(text(workspace, 'a.yaml'), 'newer');
  assert.equal(workspace.file(uriOf('a.yaml'))?.version, undefined);
});

test('a file that is opened while it is read keeps its buffer', async () => {
  const { memory, workspace } = await opened({ 'a.yaml': 'disk' });
  memory.hold('a.yaml');
  const reading = workspace.refresh(uriOf('a.yaml'));
  workspace.setBuffer(uriOf('a.yaml'), 'buffer', 1);
  memory.release('a.yaml');
  await reading;
  assert.equal(text(workspace, 'a.yaml'), 'buffer');
});

test('a reading that is overtaken by a later one does not count', async () => {
  const { memory, workspace } = await opened({ 'a.yaml': 'first' });
  memory.hold('a.yaml');
  memory.write('a.yaml', 'second');
  const early = workspace.refresh(uriOf('a.yaml'));
  memory.write('a.yaml', 'third');
  const late = workspace.refresh(uriOf('a.yaml'));
  memory.release('a.yaml', 1);
  await late;
  memory.release('a.yaml');
  await early;
  assert.equal(text(workspace, 'a.yaml'), 'third');
});

test('all is read when the loading ends, what was asked for again meanwhile too', async () => {
  const memory = new Memory({ 'a.yaml': policy('a'), 'b.yaml': policy('b') });
  const workspace = new Workspace(memory, [root]);
  memory.hold('b.yaml');
  let ended = false;
  const loading = workspace.load().then(() => {
    ended = true;
  });
  await setImmediate();
  const discovering = workspace.discover();
  await setImmediate();
  memory.release('b.yaml');
  await setImmediate();
  assert.equal(ended, false);
  memory.release('b.yaml');
  await loading;
  assert.deepEqual([...workspace.files.keys()], [uriOf('a.yaml'), uriOf('b.yaml')]);
  await discovering;
});

test('a reading that was begun before a buffer was opened and closed does not count', async () => {
  const { memory, workspace } = await opened({ 'a.yaml': 'old' });
  memory.hold('a.yaml');
  const early = workspace.refresh(uriOf('a.yaml'));
  workspace.setBuffer(uriOf('a.yaml'), 'buffer', 1);
  memory.write('a.yaml', 'saved');
  const closing = workspace.closeBuffer(uriOf('a.yaml'));
  memory.release('a.yaml', 1);
  await closing;
  memory.release('a.yaml');
  await early;
  assert.equal(text(workspace, 'a.yaml'), 'saved');
});

test('a file that is removed while it is read stays away', async () => {
  const { memory, workspace } = await opened({ 'a.yaml': 'disk' });
  memory.hold('a.yaml');
  const reading = workspace.refresh(uriOf('a.yaml'));
  workspace.remove(uriOf('a.yaml'));
  memory.release('a.yaml');
  await reading;
  assert.equal(text(workspace, 'a.yaml'), undefined);
});

test('a file that is opened again while its closing reads it keeps the new buffer', async () => {
  const { memory, workspace } = await opened({ 'a.yaml': 'disk' });
  workspace.setBuffer(uriOf('a.yaml'), 'one', 1);
  memory.hold('a.yaml');
  const closing = workspace.closeBuffer(uriOf('a.yaml'));
  workspace.setBuffer(uriOf('a.yaml'), 'two', 1);
  memory.release('a.yaml');
  await closing;
  assert.equal(text(workspace, 'a.yaml'), 'two');
});

test('a buffer that belongs to no folder is gone when it is closed', async () => {
  const { workspace } = await opened({ 'a.yaml': 'disk' });
  for (const uri of ['untitled:Untitled-1', 'file:///elsewhere/b.yaml', uriOf('never-saved.yaml')]) {
    workspace.setBuffer(uri, policy('x'), 1);
    assert.notEqual(workspace.file(uri), undefined);
    await workspace.closeBuffer(uri);
    assert.equal(workspace.file(uri), undefined);
  }
  assert.deepEqual(workspace.unread, []);
});

test('a new file that was saved while it was open stays when it is closed', async () => {
  const { memory, workspace } = await opened({});
  workspace.setBuffer(uriOf('new.yaml'), 'typed', 1);
  memory.write('new.yaml', 'saved');
  await workspace.closeBuffer(uriOf('new.yaml'));
  assert.equal(text(workspace, 'new.yaml'), 'saved');
});

test('a file that cannot be read costs itself, and is named', async () => {
  const memory = new Memory({ 'a.yaml': 'a' });
  const listing = async () => [uriOf('a.yaml'), uriOf('gone.yaml')];
  const workspace = new Workspace({ list: listing, read: (uri) => memory.read(uri) }, [root]);
  await workspace.load();
  assert.equal(text(workspace, 'a.yaml'), 'a');
  assert.deepEqual(workspace.unread, [{ uri: uriOf('gone.yaml'), reason: 'there is no such file' }]);
  memory.write('gone.yaml', 'back');
  await workspace.refresh(uriOf('gone.yaml'));
  assert.deepEqual(workspace.unread, []);
});

test('a folder that cannot be listed costs itself, and keeps what was found before', async () => {
  const memory = new Memory({ 'a/x.yaml': 'x', 'b/y.yaml': 'y' });
  let broken = false;
  const workspace = new Workspace(
    {
      list: async (folder) => {
        if (broken && folder.endsWith('/a')) throw new Error('permission denied');
        return memory.list(folder);
      },
      read: (uri) => memory.read(uri),
    },
    [uriOf('a'), uriOf('b')],
  );
  await workspace.load();
  broken = true;
  memory.write('b/z.yaml', 'z');
  await workspace.load();
  assert.deepEqual([...workspace.files.keys()].sort(), ['a/x.yaml', 'b/y.yaml', 'b/z.yaml'].map(uriOf));
  assert.deepEqual(workspace.unread, [{ uri: uriOf('a'), reason: 'permission denied' }]);
  workspace.setFolders([uriOf('b')]);
  await workspace.load();
  assert.deepEqual([...workspace.files.keys()].sort(), ['b/y.yaml', 'b/z.yaml'].map(uriOf));
  assert.deepEqual(workspace.unread, []);
});

test('discovering reads what is new, and lets go of what is gone', async () => {
  const { memory, workspace } = await opened({ 'a.yaml': 'a', 'b.yaml': 'b' });
  memory.write('c.yaml', 'c');
  memory.texts.delete(uriOf('a.yaml'));
  await workspace.discover();
  assert.deepEqual([...workspace.files.keys()].sort(), [uriOf('b.yaml'), uriOf('c.yaml')]);
  assert.equal(memory.reads.get(uriOf('b.yaml')), 1);
});

test('of two listings the later one counts, in whatever order they end', async () => {
  const { memory, workspace } = await opened({ 'a.yaml': policy('a') });
  memory.hold('');
  const early = workspace.load();
  memory.write('b.yaml', policy('b'));
  const late = workspace.discover();
  memory.release('', 1);
  await late;
  assert.equal(workspace.files.size, 2);
  memory.release('');
  await early;
  assert.equal(workspace.files.size, 2);
});

test('removing a folder removes what is below it, and nothing beside it', async () => {
  const { workspace } = await opened({ 'a/x.yaml': 'x', 'a/b/y.yaml': 'y', 'ab/z.yaml': 'z' });
  workspace.setBuffer(uriOf('a/open.yaml'), 'open', 1);
  workspace.remove(uriOf('a'));
  assert.deepEqual([...workspace.files.keys()].sort(), [uriOf('a/open.yaml'), uriOf('ab/z.yaml')]);
});

test('loading can be given up, and says how far it is', async () => {
  const files = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i}.yaml`, pod(`p${i}`)]));
  const memory = new Memory(files);
  const workspace = new Workspace(memory, [root]);
  const progress: string[] = [];
  await workspace.load(
    () => workspace.files.size > 100,
    (done, all) => progress.push(`${done}/${all}`),
  );
  assert.deepEqual(progress, ['64/200', '128/200']);
});

test('the revision grows with every change and with nothing else', async () => {
  const { memory, workspace } = await opened({ 'a.yaml': 'a' });
  const { revision, index } = workspace;
  await workspace.refresh(uriOf('a.yaml'));
  await workspace.load();
  workspace.remove(uriOf('unknown.yaml'));
  assert.equal(workspace.revision, revision);
  assert.equal(workspace.index, index);
  memory.write('a.yaml', policy('x'));
  await workspace.refresh(uriOf('a.yaml'));
  assert.notEqual(workspace.revision, revision);
  assert.deepEqual(
    workspace.index.scopes.map((scope) => scope.policies.length),
    [1],
  );
});

test('an edit keeps the documents that it leaves alone', async () => {
  const { workspace } = await opened({ 'a.yaml': `${policy('one')}---\n${policy('two')}` });
  const before = workspace.file(uriOf('a.yaml'))?.documents[0]?.document;
  workspace.setBuffer(uriOf('a.yaml'), `${policy('one')}---\n${policy('three')}`, 1);
  assert.equal(workspace.file(uriOf('a.yaml'))?.documents[0]?.document, before);
});
