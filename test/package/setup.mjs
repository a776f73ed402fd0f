#!/usr/bin/env node
// Makes a machine ready for the tests of what is packaged: pre-commit, which runs the hook of docs/ci.md.
import { installFromDebian, onPath, settle } from '../../.ci/machine.mjs';

await settle(installFromDebian([{ package: 'pre-commit', present: () => onPath('pre-commit') }]));
