import { nearestName } from '../kinds/nearest.js';
import { add } from './add.js';
import { check } from './check.js';
import { type Command, Help, type Io } from './command.js';
import { convertPolicies } from './convert.js';
import { diff } from './diff.js';
import { effective } from './effective.js';
import { explain } from './explain.js';
import { helmOptions, helmUsage, rendering } from './helm.js';
import { CannotRun } from './input.js';
import { list } from './list.js';
import { probe } from './probe.js';
import { rules } from './rules.js';
import { schema } from './schema.js';
import { snapshot } from './snapshot.js';
import { test } from './test.js';

const commands: Readonly<Record<string, Command>> = {
  check,
  effective,
  list,
  explain,
  diff,
  test,
  probe,
  snapshot,
  add,
  convert: convertPolicies,
  rules,
  schema,
};

const usage = `netpol: see what Kubernetes network policies allow, what is wrong and what is missing

  netpol check [PATH...]       findings, with their lines, causes and fixes
  netpol effective [PATH...]   what is allowed for the pods of a policy or workload
  netpol list [PATH...]        every allowed connection, as text, tables or pictures
  netpol explain [PATH...]     why one connection is allowed or blocked, with the lines that decide it
  netpol diff BEFORE AFTER     what becomes allowed and what becomes blocked, and which policies do it
  netpol test [PATH...]        whether the connections that *.netpol-test.yaml files expect are as expected
  netpol probe [PATH...]       the commands that try connections on a live cluster; it runs none of them
  netpol snapshot              a cluster's state as a file of manifests, read through your kubectl
  netpol add TEMPLATE          a standard policy, or the layered baseline of a namespace as files
  netpol convert --to FAMILY   policies as those of Kubernetes, Calico or Cilium that mean the same
  netpol rules [ID]            the catalogue of rules; one rule's page
  netpol schema KIND           a kind's JSON Schema

  netpol COMMAND --help        more about a command
  netpol --version

Exit status: 0 nothing found, 1 something found, 2 it could not run.`;

/** Runs one command line; answers the exit status (DESIGN section 9). Never throws. */
export async function run(args: readonly string[], io: Io, version: string): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === '--version' || name === '-V') {
      io.out(`${version}\n`);
      return 0;
    }
    if (name === '--help' || name === '-h' || name === 'help') throw new Help(usage);
    if (name === undefined)
      throw new CannotRun(
        'name a command: check, effective, list, explain, diff, test, probe, snapshot, add, convert, rules or schema; `netpol --help` says more',
      );
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) {
      const meant = nearestName(name, Object.keys(commands));
      throw new CannotRun(
        `there is no command "${name}"; ${meant === undefined ? `there are ${Object.keys(commands).join(', ')}` : `did you mean "${meant}"?`}`,
      );
    }
    if (!rendering.has(name)) return await command(rest, io);
    const { args: own, program } = helmOptions(rest, io.cwd);
    return await command(own, program === undefined ? io : { ...io, helm: program });
  } catch (error) {
    if (error instanceof Help) {
      io.out(`${error.message}${rendering.has(name ?? '') ? `\n${helmUsage}` : ''}\n`);
      return 0;
    }
    if (error instanceof CannotRun) {
      io.err(`netpol: ${error.message}\n`);
      return 2;
    }
    io.err(
      `netpol: this should not have happened; please report it. ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    return 2;
  }
}
