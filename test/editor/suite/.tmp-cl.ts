import { runCases } from './runner.ts';
export const run = () => runCases([{ name: 'nothing', async run() {} }]);
