/**
 * Completion scripts for bash, zsh, fish and PowerShell: static text from the command tree, so that completing starts no process, except for
 * rule ids, which are asked for by `leakwarden rules list`. All words come from command-tree.ts, so nothing needs quoting but help texts.
 */
import { STAGES } from '../hooks/stages.ts';
import { FORMATS } from '../reports/index.ts';
import { type CommandSpec, GROUPS, type OptionSpec, optionsOf, SHELLS } from './command-tree.ts';
import { ALL_COMMANDS as COMMANDS } from './store-settings.ts';

type Shell = (typeof SHELLS)[number];

const SCRIPTS: Readonly<Record<Shell, () => string>> = { bash: bashScript, zsh: zshScript, fish: fishScript, pwsh: pwshScript };

export function completionScript(name: Shell): string {
  return SCRIPTS[name]();
}

const RULE_IDS = "leakwarden rules list --no-config --quiet 2>/dev/null | cut -d ' ' -f 1";

const TOP_WORDS = [...new Set(COMMANDS.map(({ path }) => path[0] ?? ''))];

function subcommandsOf(group: string): CommandSpec[] {
  return COMMANDS.filter(({ path }) => path[0] === group && path.length > 1);
}

/** Whether a command has commands below it, too. */
function isGroup({ path }: CommandSpec): boolean {
  return path.length === 1 && subcommandsOf(path[0] ?? '').length > 0;
}

function flagsOf(command: CommandSpec): string[] {
  return [...optionsOf(command).flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]), '--help'];
}

/** Returns the words that an option's value, or an operand, may be; null for files, 'rules' for ids of rules. */
function wordsOf({ choices, completes }: { choices?: readonly string[]; completes?: string }): readonly string[] | 'rules' | null {
  if (choices !== undefined) return choices;
  if (completes === 'formats') return [...FORMATS];
  if (completes === 'shells') return SHELLS;
  if (completes === 'stages') return STAGES;
  return completes === 'rules' ? 'rules' : null;
}

function bashScript(): string {
  const values = [...new Map(COMMANDS.flatMap(optionsOf).map((option) => [option.name, option])).values()].filter(
    ({ value }) => value !== undefined,
  );
  const valueCases = values.map((option) => {
    const flags = [`--${option.name}`, ...(option.short === undefined ? [] : [`-${option.short}`])].join('|');
    const words = wordsOf(option);
    const action = words === 'rules' ? `$(${RULE_IDS})` : words?.join(' ');
    const files = option.completes === 'files' ? 'COMPREPLY=($(compgen -f -- "$cur"))' : 'COMPREPLY=()';
    return `    ${flags}) ${action === undefined ? files : `COMPREPLY=($(compgen -W "${action}" -- "$cur"))`}; return ;;`;
  });
  const commandCases = COMMANDS.map((command) => {
    const words = command.operands.map(wordsOf).find((one) => one !== null);
    const operands = words === undefined || words === null ? '' : words === 'rules' ? `$(${RULE_IDS})` : words.join(' ');
    const path = command.path.join(' ');
    // What is a command and a group comes after the group's own commands.
    return `    "${path}"${isGroup(command) ? `|"${path} "*` : ''}) flags="${flagsOf(command).join(' ')}"; operands="${operands}" ;;`;
  });
  const groupCases = Object.keys(GROUPS).map(
    (group) =>
      `    ${group}) command="${group} \${COMP_WORDS[2]}"; words="${subcommandsOf(group)
        .map(({ path }) => path[1])
        .join(' ')}" ;;`,
  );
  return `# bash completion for leakwarden: source <(leakwarden completion bash)
_leakwarden() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" words="" flags="" operands=""
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${TOP_WORDS.join(' ')} --help --version" -- "$cur")); return; fi
  case "$prev" in
${valueCases.join('\n')}
  esac
  case "$command" in
${groupCases.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 2 ] && [ -n "$words" ] && [ "\${cur#-}" = "$cur" ]; then COMPREPLY=($(compgen -W "$words" -- "$cur")); return; fi
  case "$command" in
${commandCases.join('\n')}
  esac
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$cur")) ;;
    *) if [ -n "$operands" ]; then COMPREPLY=($(compgen -W "$operands" -- "$cur")); else COMPREPLY=($(compgen -f -- "$cur")); fi ;;
  esac
}
complete -o filenames -F _leakwarden leakwarden
`;
}

/** Help texts in single quotes; \`:\` and brackets mean something to _arguments. */
function zshText(text: string): string {
  return text.replaceAll("'", "'\\''").replace(/[[\]:]/g, '\\$&');
}

function zshAction(words: readonly string[] | 'rules' | null): string {
  if (words === 'rules') return `($(${RULE_IDS.replaceAll("'", "'\\''")}))`;
  return words === null ? '_files' : `(${words.join(' ')})`;
}

function zshOption(option: OptionSpec): string {
  const { name, short, value, repeatable, help } = option;
  const star = repeatable === true ? '*' : '';
  const action =
    value === undefined
      ? ''
      : `:${value}:${option.completes === undefined && option.choices === undefined ? ' ' : zshAction(wordsOf(option))}`;
  return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]
    .map((flag) => `'${star}${flag}[${zshText(help)}]${action}'`)
    .join(' ');
}

function zshScript(): string {
  const describe = (specs: readonly (readonly [string, string])[]): string =>
    specs.map(([word, help]) => `'${word}:${zshText(help)}'`).join(' ');
  const argumentsOf = (command: CommandSpec): string => {
    const operands = command.operands.map(
      (operand) => `'${operand.many === true ? '*' : ''}:${operand.name}:${zshAction(wordsOf(operand))}'`,
    );
    return ['_arguments', ...optionsOf(command).map(zshOption), "'--help[show the help]'", ...operands].join(' ');
  };
  const top = TOP_WORDS.map((word) => [word, GROUPS[word] ?? COMMANDS.find(({ path }) => path[0] === word)?.help ?? ''] as const);
  const cases = COMMANDS.filter((command) => command.path.length === 1 && !isGroup(command)).map(
    (command) => `    ${command.path[0]}) ${argumentsOf(command)} ;;`,
  );
  const groups = Object.keys(GROUPS).map((group) => {
    const inner = subcommandsOf(group);
    const innerCases = inner.map((command) => `        ${command.path[1]}) ${argumentsOf(command)} ;;`).join('\n');
    const own = COMMANDS.find(({ path }) => path.length === 1 && path[0] === group);
    const ownCase = own === undefined ? '' : `\n        *) ${argumentsOf(own)} ;;`;
    const list = describe(inner.map(({ path, help }) => [path[1] ?? '', help] as const));
    return `    ${group})
      if (( CURRENT == 2 )) && [[ "$words[2]" != -* ]]; then local -a subs=(${list}); _describe 'command' subs; return; fi
      local sub="$words[2]"; ${own === undefined ? '' : `if [[ " ${inner.map(({ path }) => path[1]).join(' ')} " == *" $sub "* ]]; then `}shift words; (( CURRENT-- ))${own === undefined ? '' : '; fi'}
      case "$sub" in
${innerCases}${ownCase}
      esac ;;`;
  });
  return `#compdef leakwarden
# zsh completion for leakwarden: source <(leakwarden completion zsh)
_leakwarden() {
  if (( CURRENT == 2 )); then local -a tops=(${describe(top)}); _describe 'command' tops; return; fi
  local command="$words[2]"; shift words; (( CURRENT-- ))
  case "$command" in
${[...cases, ...groups].join('\n')}
  esac
}
compdef _leakwarden leakwarden
`;
}

function fishScript(): string {
  const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const lines = ['# fish completion for leakwarden: leakwarden completion fish | source', 'complete -c leakwarden -f'];
  for (const word of TOP_WORDS) {
    const help = GROUPS[word] ?? COMMANDS.find(({ path }) => path[0] === word)?.help ?? '';
    lines.push(`complete -c leakwarden -n __fish_use_subcommand -a ${word} -d ${quote(help)}`);
  }
  for (const command of COMMANDS) {
    const [first = '', second] = command.path;
    if (second !== undefined) {
      const others = subcommandsOf(first).map(({ path }) => path[1]);
      const isOpen = `__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${others.join(' ')}`;
      lines.push(`complete -c leakwarden -n ${quote(isOpen)} -a ${second} -d ${quote(command.help)}`);
    }
    const inside = command.path.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
    for (const option of optionsOf(command)) {
      const words = wordsOf(option);
      const values = words === 'rules' ? `(${RULE_IDS})` : words?.join(' ');
      const value = option.value === undefined ? '' : values === undefined ? ' -r -F' : ` -x -a ${quote(values)}`;
      const short = option.short === undefined ? '' : ` -s ${option.short}`;
      lines.push(`complete -c leakwarden -n ${quote(inside)} -l ${option.name}${short}${value} -d ${quote(option.help)}`);
    }
    for (const operand of command.operands) {
      const words = wordsOf(operand);
      const values = words === 'rules' ? ` -a ${quote(`(${RULE_IDS})`)}` : words === null ? ' -F' : ` -a ${quote(words.join(' '))}`;
      lines.push(`complete -c leakwarden -n ${quote(inside)}${values}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function pwshScript(): string {
  const list = (words: readonly string[]): string => `@(${words.map((word) => `'${word}'`).join(', ')})`;
  const rows = COMMANDS.map((command) => {
    const words = command.operands.map(wordsOf).find((one) => one !== null);
    return `    '${command.path.join(' ')}' = ${list([...flagsOf(command), ...(Array.isArray(words) ? words : [])])}`;
  });
  const groups = Object.keys(GROUPS).map((group) => `    '${group}' = ${list(subcommandsOf(group).map(({ path }) => path[1] ?? ''))}`);
  const values = [...new Map(COMMANDS.flatMap(optionsOf).map((option) => [option.name, option])).values()].flatMap((option) => {
    const words = wordsOf(option);
    return Array.isArray(words) ? [`    '--${option.name}' = ${list(words)}`] : [];
  });
  return `# PowerShell completion for leakwarden: leakwarden completion pwsh | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName leakwarden -ScriptBlock {
  param($word, $ast, $position)
  $commands = @{
${rows.join('\n')}
  }
  $groups = @{
${groups.join('\n')}
  }
  $values = @{
${values.join('\n')}
  }
  $given = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -ne '') { $given = @($given | Select-Object -SkipLast 1) }
  $path = @($given | Select-Object -First 2) -join ' '
  $choices = if ($given.Count -eq 0) { ${list([...TOP_WORDS, '--help', '--version'])} }
    elseif ($values.ContainsKey($given[-1])) { $values[$given[-1]] }
    elseif ($given.Count -eq 1 -and $groups.ContainsKey($given[0]) -and -not $word.StartsWith('-')) { $groups[$given[0]] }
    elseif ($commands.ContainsKey($path)) { $commands[$path] }
    else { $commands[$given[0]] }
  $choices | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`;
}
