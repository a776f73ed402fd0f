import { GitProblem } from '../host/git.js';
import { nearestName } from '../kinds/nearest.js';
import { list } from '../model/print.js';
import { Help, type Io } from './command.js';
import { type CommandEntry, commands } from './commands.js';
import { completion } from './completion.js';
import { helmOptions, helmUsage, rendering } from './helm.js';
import { CannotRun } from './input.js';

const all = { ...commands, completion };

const usage = `netpol: see what Kubernetes network policies allow, what is wrong and what is missing

${Object.values(all)
  .map(({ synopsis, summary }) => `  ${`netpol ${synopsis}`.padEnd(27)}  ${summary}`)
  .join('\n')}

  netpol help COMMAND          more about a command, with examples; also netpol COMMAND --help
  netpol --version

Exit status: 0 nothing found, 1 something found, 2 it could not run.
Files: .netpol.yaml at the root of what is read configures all of it (docs/configuration.md).
Environment: NO_COLOR and FORCE_COLOR decide about colours where the terminal should not.`;

/** Runs one command line; answers the exit status (DESIGN section 9). Never throws. */
export async function run(args: readonly string[], io: Io, version: string): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === '--version' || name === '-V') {
      io.out(`${version}\n`);
      return 0;
    }
    if (name === '--help' || name === '-h') throw new Help(usage);
    if (name === 'help') return await help(rest, io);
    if (name === undefined)
      throw new CannotRun(
        `name a command: ${list(Object.keys(all), Object.keys(all).length)}; \`netpol --help\` says more`,
      );
    const { run: command } = commandNamed(name);
    if (!rendering.has(name)) return await command(rest, io);
    const { args: own, program } = helmOptions(rest, io.cwd);
    return await command(own, program === undefined ? io : { ...io, helm: program });
  } catch (error) {
    if (error instanceof Help) {
      io.out(`${error.message}${rendering.has(name ?? '') ? `\n${helmUsage}` : ''}\n`);
      return 0;
    }
    if (error instanceof CannotRun || error instanceof GitProblem) {
      io.err(`netpol: ${error.message}\n`);
      return 2;
    }
    io.err(
      `netpol: this should not have happened; please report it. ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    return 2;
  }
}

function commandNamed(name: string): CommandEntry {
  const command = Object.entries(all).find(([each]) => each === name)?.[1];
  if (command !== undefined) return command;
  const meant = nearestName(name, Object.keys(all));
  throw new CannotRun(
    `there is no command "${name}"; ${meant === undefined ? `there are ${Object.keys(all).join(', ')}` : `did you mean "${meant}"?`}`,
  );
}

/** `netpol help`: of all, or of one command. */
async function help([name]: readonly string[], io: Io): Promise<number> {
  if (name === undefined) throw new Help(usage);
  commandNamed(name);
  return run([name, '--help'], io, '');
}
