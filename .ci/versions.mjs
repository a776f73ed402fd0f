// Where a version of netpol is written: read and set in one go, so that no place is forgotten.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const version = String.raw`(?<version>\d+\.\d+\.\d+)`;

/** Each match of `find` in `file` is a version of ours; a file without any is a fault of this list. */
const places = [
  ...['package.json', 'server/package.json', 'client/package.json'].map((file) => ({
    file,
    find: `^ {2}"version": "${version}"`,
  })),
  { file: 'client/package.json', find: `"netpol-language-server": "${version}"` },
  {
    file: 'package-lock.json',
    find: String.raw`"name": "netpol(?:-client|-language-server)?",\s+"version": "${version}"`,
  },
  { file: 'package-lock.json', find: `"netpol-language-server": "${version}"` },
  { file: 'server/src/version.ts', find: `version = '${version}'` },
  // What a reader copies from the documentation must be what they get.
  { file: 'README.md', find: String.raw`netpol-${version}\.vsix` },
  { file: 'docs/editors.md', find: String.raw`netpol-language-server-${version}\.tgz` },
  { file: 'docs/ci.md', find: `actions/check@v${version}` },
  { file: 'docs/ci.md', find: `netpol-language-server@${version}` },
  { file: '.github/actions/check/action.yml', find: `^ +default: "${version}"$` },
];

/** Every version that the project in a folder states of itself, with the line of its file. */
export function statedVersions(folder) {
  return places.flatMap(({ file, find }) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const found = [...text.matchAll(new RegExp(find, 'gm'))];
    if (found.length === 0) throw new Error(`${file} states no version where .ci/versions.mjs looks for one: ${find}`);
    return found.map(({ index, groups, 0: match }) => {
      const line = text.slice(0, index + match.lastIndexOf(groups.version)).split('\n').length;
      return { place: `${file}:${line}`, version: groups.version };
    });
  });
}

/** Writes a version wherever one is stated. */
export function setVersions(folder, to) {
  for (const { file, find } of places) {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    const changed = text.replace(new RegExp(find, 'gm'), (match, stated) => {
      const at = match.lastIndexOf(stated);
      return match.slice(0, at) + to + match.slice(at + stated.length);
    });
    writeFileSync(path, changed);
  }
}

/** The sections of a changelog, newest first. One that is not released yet has no date, and may have no version. */
export function changelogSections(text) {
  const heads = [...text.matchAll(/^## (.*)$/gm)];
  return heads.map(({ index, 0: line, 1: title }, at) => {
    const known = new RegExp(
      String.raw`^(?:\[?[Uu]nreleased\]?|${version} \((?:unreleased|(?<date>\d{4}-\d{2}-\d{2}))\))$`,
    ).exec(title);
    if (known === null) {
      throw new Error(
        `CHANGELOG.md: "${line}" is none of "## Unreleased", "## 1.2.3 (unreleased)" and "## 1.2.3 (2026-01-31)"`,
      );
    }
    const { version: of, date } = known.groups;
    const end = heads[at + 1]?.index ?? text.length;
    return { line, version: of, date, body: text.slice(index + line.length, end).trim() };
  });
}

/** What does not agree: the versions of the packages, of the documentation, and the newest of CHANGELOG.md. */
export function versionFaults(folder) {
  const stated = statedVersions(folder);
  const [{ version: ours }] = stated;
  const faults = stated
    .filter(({ version }) => version !== ours)
    .map(({ place, version }) => `${place} says ${version}, package.json says ${ours}`);
  const sections = changelogSections(readFileSync(join(folder, 'CHANGELOG.md'), 'utf8'));
  const [top, ...older] = sections;
  if (top === undefined) return [...faults, 'CHANGELOG.md has no section'];
  // Between releases the newest section may lack a number; the packages then still have that of the last release.
  const expected = top.version ?? older[0]?.version;
  if (expected !== undefined && expected !== ours) {
    faults.push(
      `CHANGELOG.md says "${top.version === undefined ? older[0].line : top.line}", package.json says ${ours}`,
    );
  }
  for (const { line, date } of older) {
    if (date === undefined) faults.push(`CHANGELOG.md: "${line}" is not the newest section, and has no date`);
  }
  sections.slice(1).forEach(({ version: of }, index) => {
    const newer = sections[index];
    if (of !== undefined && newer.version !== undefined && !isNewer(newer.version, of)) {
      faults.push(`CHANGELOG.md: "${newer.line}" stands above version ${of}`);
    }
  });
  return faults;
}

/** Whether one version comes after another. */
export function isNewer(one, other) {
  const [a, b] = [one, other].map((each) => each.split('.').map(Number));
  const at = a.findIndex((part, index) => part !== b[index]);
  return at >= 0 && a[at] > b[at];
}
