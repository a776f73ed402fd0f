#!/usr/bin/env node
// Makes a machine ready for the tests in other editors than VS Code: `node test/other-editors/setup.mjs`. Installs Debian's packages
// where it may, and else says in one line what is missing. A second run only looks.
import { existsSync, readdirSync } from 'node:fs';
import { installFromDebian, onPath, settle } from '../../.ci/machine.mjs';

/** What Debian 12 must provide, and how to see that it does. */
const needs = [
  { package: 'neovim', present: () => onPath('nvim') },
  { package: 'emacs-nox', present: () => onPath('emacs') },
  { package: 'elpa-eglot', present: () => hasPackage('eglot') },
  { package: 'elpa-lsp-mode', present: () => hasPackage('lsp-mode') },
  { package: 'elpa-yaml-mode', present: () => hasPackage('yaml-mode') },
];

await settle(installFromDebian(needs));

/** A package of Emacs, where Debian puts it. */
function hasPackage(name) {
  const folder = '/usr/share/emacs/site-lisp/elpa';
  return existsSync(folder) && readdirSync(folder).some((each) => new RegExp(`^${name}-\\d`).test(each));
}
