/** tierscape completion SHELL: a script for bash, zsh or fish, made from the commands themselves. */
import {Argument, type Command} from 'commander';

interface Words {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly {readonly flag: string; readonly summary: string}[];
}

export function register(program: Command): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(['bash', 'zsh', 'fish']))
    .description('print a completion script: source <(tierscape completion bash)')
    .action((shell: 'bash' | 'zsh' | 'fish') => {
      const words = program.commands.map(wordsOf);
      process.stdout.write({bash, zsh, fish}[shell](words));
    });
}

function wordsOf(command: Command): Words {
  return {
    name: command.name(),
    summary: command.description(),
    options: command.options.flatMap(({long, description}) => (long ? [{flag: long, summary: description}] : [])),
  };
}

/** Options of the command, its files otherwise. */
function bash(commands: readonly Words[]): string {
  const cases = commands.map(({name, options}) => `    ${name}) words="${options.map(({flag}) => flag).join(' ')}" ;;`).join('\n');
  return `# tierscape completion for bash: source <(tierscape completion bash)
_tierscape() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({name}) => name).join(' ')} help --help --version" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases}
    completion) words="bash zsh fish" ;;
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words --help" -- "$current")) ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -o filenames -F _tierscape tierscape
`;
}

function zsh(commands: readonly Words[]): string {
  const names = commands.map(({name, summary}) => `    ${quoted(`${name}:${summary}`)}`).join('\n');
  const cases = commands
    .map(
      ({name, options}) =>
        `    ${name}) _arguments ${options.map(({flag, summary}) => quoted(`${flag}[${summary.replace(/[[\]:]/g, ' ')}]`)).join(' ')} '*:file:_files' ;;`,
    )
    .join('\n');
  return `#compdef tierscape
# tierscape completion for zsh: source <(tierscape completion zsh)
_tierscape() {
  local -a commands=(
${names}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$words[2]" in
${cases}
  esac
}
compdef _tierscape tierscape
`;
}

function fish(commands: readonly Words[]): string {
  const lines = commands.flatMap(({name, summary, options}) => [
    `complete -c tierscape -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...options.map(
      ({flag, summary: what}) => `complete -c tierscape -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)} -d ${quoted(what)}`,
    ),
  ]);
  return `# tierscape completion for fish: tierscape completion fish | source\n${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
