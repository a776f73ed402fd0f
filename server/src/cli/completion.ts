import { rules } from '../rules/index.js';
import { templates } from '../templates/index.js';
import { type Io, parse } from './command.js';
import { type CommandEntry, commands } from './commands.js';
import { helmUsage, rendering } from './helm.js';
import { CannotRun } from './input.js';

const usage = `netpol completion bash|zsh|fish

  Prints what makes a shell complete netpol's commands, options, rules and templates.

  Exit status: 0, or 2 for another shell.

  Examples:
    netpol completion bash > ~/.local/share/bash-completion/completions/netpol
    netpol completion zsh > ~/.zfunc/_netpol
    netpol completion fish > ~/.config/fish/completions/netpol.fish`;

const shells: Readonly<Record<string, () => string>> = { bash, zsh, fish };

/** `netpol completion`: written from the commands' own help, so that neither says more than the other. */
export const completion: CommandEntry = {
  synopsis: 'completion SHELL',
  summary: 'what makes bash, zsh or fish complete all of this',
  usage,
  run: async (args: readonly string[], io: Io) => {
    const { positionals } = parse(args, usage, {});
    const [name = ''] = positionals;
    const write = positionals.length === 1 && Object.hasOwn(shells, name) ? shells[name] : undefined;
    if (write === undefined) throw new CannotRun('name a shell: netpol completion bash, zsh or fish');
    io.out(write());
    return 0;
  },
};

interface Option {
  readonly name: string;
  /** The values there are; undefined for an option that takes none, empty for one that takes anything. */
  readonly values: readonly string[] | undefined;
  readonly isPath: boolean;
}

/** An option, and what stands behind it after one space: `FILE`, `[NS/]NAME`, `KEY=VALUE`, `text|json`. */
const optionAndValue = /(--[a-z][a-z-]*)(?:[ =]((?:\[NS\/\])?[A-Z]+(?:[=/|][A-Z]+)*|[a-z]+(?:\|[a-z]+)+))?/g;
const oneOf = /^(?:[a-z]+\||TCP\|)/;

/** The options that a command's help names, with the values that it lists as `a|b|c`. */
export function optionsIn(text: string): readonly Option[] {
  const found = new Map<string, Option>();
  for (const [, name = '', value] of text.matchAll(optionAndValue)) {
    const values = value === undefined ? undefined : oneOf.test(value) ? value.split('|') : [];
    const known = found.get(name);
    if (known?.values !== undefined && (values?.length ?? 0) <= known.values.length) continue;
    found.set(name, { name, values, isPath: /^(?:FILE|DIR|PATH)/.test(value ?? '') });
  }
  return [...found.values()];
}

function entries(): readonly {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly Option[];
  readonly words: readonly string[];
}[] {
  return [...Object.entries<CommandEntry>(commands), ['completion', completion] as const].map(([name, entry]) => ({
    name,
    summary: entry.summary,
    options: optionsIn(optionsPart(entry.usage) + (rendering.has(name) ? helmUsage : '')),
    words: wordsOf(name),
  }));
}

/** Examples may name the options of other programs. */
function optionsPart(text: string): string {
  return text.split('\n  Examples:')[0] ?? text;
}

function wordsOf(command: string): readonly string[] {
  if (command === 'rules') return rules.map(({ id }) => id);
  if (command === 'add') return ['baseline', 'layered', ...templates.map(({ id }) => id)];
  return command === 'completion' ? Object.keys(shells) : [];
}

function bash(): string {
  const cases = entries().map(({ name, options, words }) => {
    const valued = options
      .filter(({ values }) => values !== undefined)
      .map(({ name: option, values, isPath }) => {
        const reply = isPath
          ? 'COMPREPLY=( $(compgen -f -- "$cur") )'
          : `COMPREPLY=( $(compgen -W "${(values ?? []).join(' ')}" -- "$cur") )`;
        return `        ${option}) ${reply}; return ;;`;
      });
    return [
      `    ${name})`,
      ...(valued.length === 0 ? [] : ['      case "$prev" in', ...valued, '      esac']),
      `      options="${[...options.map((each) => each.name), '--help'].join(' ')}"; words="${words.join(' ')}" ;;`,
    ].join('\n');
  });
  return `# bash completion for netpol, written by \`netpol completion bash\`
_netpol() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" options="" words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=( $(compgen -W "${[...entries().map(({ name }) => name), 'help', '--help', '--version'].join(' ')}" -- "$cur") )
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    help) words="${entries()
      .map(({ name }) => name)
      .join(' ')}" ;;
  esac
  if [[ "$cur" == -* ]]; then
    COMPREPLY=( $(compgen -W "$options" -- "$cur") )
  else
    COMPREPLY=( $(compgen -W "$words" -- "$cur") $(compgen -f -- "$cur") )
  fi
}
complete -o filenames -F _netpol netpol
`;
}

function zsh(): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''").replaceAll(':', '\\:')}'`;
  const cases = entries().map(({ name, options, words }) => {
    const list = options.map(({ name: option, values, isPath }) => {
      if (values === undefined) return `'${option}'`;
      const action = isPath ? '_files' : values.length > 0 ? `(${values.join(' ')})` : ' ';
      return `'*${option}=:value:${action}'`;
    });
    const rest = words.length > 0 ? `'*:word:(${words.join(' ')})'` : "'*:path:_files'";
    return `    ${name}) _arguments ${[...list, "'--help'", rest].join(' ')} ;;`;
  });
  return `#compdef netpol
# zsh completion for netpol, written by \`netpol completion zsh\`
_netpol() {
  local -a commands
  commands=(${entries()
    .map(({ name, summary }) => quoted(name).slice(0, -1) + quoted(summary).replace(/^'/, ':'))
    .join(' ')})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join('\n')}
    help) _describe command commands ;;
  esac
}
if [ "$funcstack[1]" = "_netpol" ]; then _netpol "$@"; else compdef _netpol netpol; fi
`;
}

function fish(): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = entries().flatMap(({ name, summary, options, words }) => [
    `complete -c netpol -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
    ...options.map(({ name: option, values, isPath }) => {
      const takes =
        values === undefined ? '' : isPath ? ' -r' : ` -x${values.length > 0 ? ` -a ${quoted(values.join(' '))}` : ''}`;
      return `complete -c netpol -n ${quoted(`__fish_seen_subcommand_from ${name}`)} -l ${option.slice(2)}${takes}`;
    }),
    ...(words.length > 0
      ? [`complete -c netpol -n ${quoted(`__fish_seen_subcommand_from ${name}`)} -a ${quoted(words.join(' '))}`]
      : []),
  ]);
  return `# fish completion for netpol, written by \`netpol completion fish\`\n${lines.join('\n')}\n`;
}
