// One SARIF report of several of netpol's: node merge-sarif.mjs shard-*.sarif > netpol.sarif
// Code scanning takes one run of a tool for a commit, so the runs become one: all results, each rule once.
import { readFileSync } from 'node:fs';

const logs = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const runs = logs.flatMap((log) => log.runs);
const [first] = runs;
if (first === undefined) throw new Error('name the files to merge');
const rules = [...new Map(runs.flatMap((run) => run.tool.driver.rules).map((rule) => [rule.id, rule])).values()];
const notifications = runs.flatMap((run) => run.invocations.flatMap((each) => each.toolExecutionNotifications));
const merged = {
  ...first,
  tool: { driver: { ...first.tool.driver, rules } },
  invocations: [
    {
      executionSuccessful: runs.every((run) => run.invocations.every((each) => each.executionSuccessful)),
      // Each job says the same of a file that none of them could read.
      toolExecutionNotifications: [...new Map(notifications.map((each) => [each.message.text, each])).values()],
    },
  ],
  results: runs.flatMap((run) =>
    run.results.map((result) => ({ ...result, ruleIndex: rules.findIndex(({ id }) => id === result.ruleId) })),
  ),
};
process.stdout.write(`${JSON.stringify({ ...logs[0], runs: [merged] }, undefined, 2)}\n`);
