// Measures what netpol promises to hold, beside yaml-language-server: installs, builds, then runs test/bench/run.mjs.
//
//   npm run bench [-- --quick] [-- --markdown]

import { join } from 'node:path';
import { install, root, step } from './install.mjs';

const shell = process.platform === 'win32';
install();
step('type check', 'npx', ['tsc', '-b', 'server'], { shell });
// Fails here when a bundle or the VSIX is over its budget.
step('bundle', process.execPath, ['.ci/build.mjs', '--check-sizes']);
step('installing what it is compared with', 'npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--silent'], {
  cwd: join(root, 'test/bench'),
  shell,
});
step('measuring', process.execPath, ['test/bench/run.mjs', ...process.argv.slice(2)]);
