// A renamed label or port means what it did: nobody may connect to anything else than before.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { clusterOf } from '#server/engine/cluster.js';
import { connectionList } from '#server/engine/connection-list.js';
import { reachOf } from '#server/engine/reach.js';
import { finished } from '#server/engine/steps.js';
import { Refusal } from '#server/features/feature.js';
import { changesFor } from '#server/features/navigation/rename.js';
import { labelRenaming } from '#server/features/navigation/rename-label.js';
import { portRenaming } from '#server/features/navigation/rename-port.js';
import type { Renaming } from '#server/features/navigation/renaming.js';
import { cniNamed } from '#server/model/cni.js';
import { printPorts } from '#server/model/ports.js';
import { defaultProfile } from '#server/model/profile.js';
import { Netpol } from '#server/service.js';
import { arbitraryCase, manifestsText } from '../reference/arbitrary.js';
import { arbitraryCalicoCase, arbitraryCiliumCase } from '../reference/arbitrary-families.js';

const runs = Number(process.env.NETPOL_RUNS ?? 40);
const seed = Number(process.env.NETPOL_SEED ?? 20261121);

type Files = ReadonlyMap<string, string>;

function opened(files: Files): Promise<Netpol> {
  const provider = {
    list: async () => [...files.keys()],
    read: async (uri: string) => ({ text: files.get(uri) ?? '' }),
  };
  return Netpol.open(provider, ['file:///w']);
}

/** Who may connect to whom, scope by scope, in words. */
function listed(netpol: Netpol, family: string): readonly string[] {
  const cni = cniNamed(family);
  const profile = cni === undefined ? defaultProfile : { ...defaultProfile, cni };
  return netpol.workspace.index.scopes.flatMap((scope) => {
    const cluster = clusterOf([scope], { profile, unset: 'default' });
    const list = connectionList(cluster, reachOf(cluster), []);
    return list.sources.flatMap((source) =>
      [...list.from(source)].map(
        ({ src, dst, ports, conditions }) =>
          `${scope.title}: ${src.name} -> ${dst.name} ${printPorts(ports)} ${conditions.map(({ words }) => words).join()}`,
      ),
    );
  });
}

interface Place {
  readonly uri: string;
  readonly offset: number;
}

function renamingAt(netpol: Netpol, { uri, offset }: Place): Renaming | undefined {
  return labelRenaming(netpol, uri, offset) ?? portRenaming(netpol, uri, offset);
}

/** Where words begin that can be renamed, looking from the `first` word of the files on. */
function* places(netpol: Netpol, first = 0): Generator<Place> {
  const words = [...netpol.workspace.files].flatMap(([uri, { text }]) =>
    [...text.matchAll(/(?<![\w./-])[\w./-]+/g)].map(({ index: offset }): Place => ({ uri, offset })),
  );
  const start = words.length === 0 ? 0 : first % words.length;
  for (const place of [...words.slice(start), ...words.slice(0, start)]) {
    try {
      const word = renamingAt(netpol, place)?.word;
      if (word !== undefined && netpol.workspace.file(place.uri)?.toFile(word.at)?.start === place.offset) yield place;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
}

/** The files after a renaming; undefined where it is refused. */
function renamed(netpol: Netpol, place: Place, name: string): Files | undefined {
  const renaming = renamingAt(netpol, place);
  assert.ok(renaming !== undefined);
  try {
    const { changes } = finished(changesFor(netpol, renaming, name));
    const texts = netpol.applyChanges(changes);
    assert.ok(texts !== undefined);
    return new Map([...netpol.workspace.files].map(([uri, { text }]) => [uri, texts.get(uri) ?? text]));
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Renames there and back; whether it was not refused. */
async function check(files: Files, place: Place, family: string): Promise<boolean> {
  const netpol = await opened(files);
  const old = renamingAt(netpol, place)?.word.text ?? '';
  const after = renamed(netpol, place, 'zz-new');
  if (after === undefined) return false;
  const changed = await opened(after);
  assert.deepEqual(listed(changed, family), listed(netpol, family), `${old} is called zz-new, and others may connect`);
  const offset = offsetAfter(files.get(place.uri) ?? '', after.get(place.uri) ?? '', place.offset, old);
  const back = renamed(changed, { ...place, offset }, old);
  assert.ok(back !== undefined, `${old} cannot be called so again`);
  for (const [uri, text] of files) assert.equal(back.get(uri), text);
  return true;
}

/** Where the word that was at an offset is now, in a text in which some words are called otherwise. */
function offsetAfter(before: string, after: string, offset: number, old: string): number {
  let at = 0;
  for (let i = 0; i < offset; ) {
    if (after.startsWith('zz-new', at) && before.startsWith(old, i)) {
      at += 'zz-new'.length;
      i += old.length;
    } else {
      at++;
      i++;
    }
  }
  return at;
}

for (const [family, cases] of [
  ['default', arbitraryCase],
  ['calico', arbitraryCalicoCase],
  ['cilium', arbitraryCiliumCase],
] as const) {
  for (const [style, write] of [
    ['JSON', manifestsText],
    ['YAML', (objects: readonly object[]) => objects.map((each) => stringify(each)).join('---\n')],
  ] as const) {
    test(`a renamed word means what it did: ${family}, as ${style} (seed ${seed})`, async (t) => {
      let made = 0;
      let asked = 0;
      await fc.assert(
        fc.asyncProperty(cases, fc.nat(9999), async ({ objects }, chosen) => {
          const files = new Map([['file:///w/all.yaml', write(objects)]]);
          const [place] = places(await opened(files), chosen);
          if (place === undefined) return;
          asked++;
          if (await check(files, place, family)) made++;
        }),
        { numRuns: runs, seed, endOnFailure: true },
      );
      t.diagnostic(`${made} of ${asked} were renamed, the others refused`);
      assert.ok(made > asked / 3, `only ${made} of ${asked} were renamed`);
    });
  }
}

for (const example of ['shop-fixed', 'runbooks/black-hole']) {
  test(`every word of examples/${example} that can be renamed`, async (t) => {
    const root = join(process.cwd(), 'examples', example);
    const names = (await readdir(root, { recursive: true })).filter((name) => /\.ya?ml$/.test(name));
    const files = new Map(
      await Promise.all(
        names.map(async (name) => [`file:///w/${name}`, await readFile(join(root, name), 'utf8')] as const),
      ),
    );
    let made = 0;
    const all = [...places(await opened(files))];
    for (const place of all) if (await check(files, place, 'default')) made++;
    t.diagnostic(`${made} of ${all.length} were renamed`);
    assert.ok(made > 0 && made > all.length / 2, `only ${made} of ${all.length}`);
  });
}
