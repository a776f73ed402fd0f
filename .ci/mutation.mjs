// Whether the tests are able to fail: installs, compiles, then runs test/mutation/run.mjs, which says what it takes.
//
//   npm run mutation -- engine/verdict model/ --sample 20

import { join } from 'node:path';
import { install, installIn, root, step } from './install.mjs';

install();
step('type check and compile', 'npx', ['tsc', '-b', 'server', 'test'], { shell: process.platform === 'win32' });
installIn(join(root, 'test/mutation'), 'installing the parser of test/mutation');
step('making faults', process.execPath, ['test/mutation/run.mjs', ...process.argv.slice(2)]);
