import { sectionsCall } from './sections-call.ts';
import { type CommandShape, type OptionShape, ownOptions, type Values } from './shape.ts';

/** A script that completes the commands in zsh 5 and newer. */
export function zshScript(shapes: readonly CommandShape[]): string {
  const withValue = new Set(
    shapes.flatMap(({ options }) => options.flatMap(({ names, value }) => (value === undefined ? [] : names))),
  );
  return `#compdef stowage
# Completes stowage in zsh. Put this into ~/.zshrc, behind compinit:
#   source <(stowage completion zsh)
# or its output into a file _stowage of a folder of your fpath.

_stowage_commands() {
  local -a commands=(
${shapes.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join('\n')}
  )
  _describe -t commands 'command' commands
}

# The sections of the configuration that is typed: the first word behind the command that is no option.
_stowage_sections() {
  local program=\${_stowage_program:-stowage} config='' at
  local -a sections
  for ((at = 2; at < CURRENT; at++)); do
    case $words[at] in
      ${[...withValue].join('|')}) ((++at)) ;;
      -*) ;;
      *) config=\${(Q)words[at]}; break ;;
    esac
  done
  [[ -n $config ]] || return 1
  [[ $config == '~/'* ]] && config=$HOME/\${config#'~/'}
  sections=(\${(f)"$($program ${sectionsCall} $config 2>/dev/null)"})
  compadd -a sections
}

_stowage() {
  local curcontext=$curcontext state line _stowage_program=\${(Q)\${words[1]/#\\~\\//$HOME/}}
  # An alias is known to the shell alone.
  [[ -n \${aliases[$_stowage_program]} ]] && _stowage_program=\${\${(z)aliases[$_stowage_program]}[1]}
  typeset -A opt_args
  _arguments -C ${ownOptions.map((option) => optionSpec(option)).join(' ')} \\
    '1:command:_stowage_commands' '*::argument:->arguments'
  [[ $state == arguments ]] || return
  case $words[1] in
${shapes.map(commandCase).join('\n')}
  esac
}

if [[ $funcstack[1] == _stowage ]]; then _stowage "$@"; else compdef _stowage stowage; fi
`;
}

function commandCase({ name, options, places, rest }: CommandShape): string {
  const specs = [
    ...options.map(optionSpec),
    ...places.map((values, at) => quoted(`${at + 1}:${wordFor(values)}:${action(values)}`)),
    ...(rest === undefined ? [] : [quoted(`*:${wordFor(rest)}:${action(rest)}`)]),
  ];
  return `    ${name}) _arguments -S ${specs.join(' \\\n      ')} ;;`;
}

function optionSpec({ names, description, value }: OptionShape): string {
  const told = `[${description.replace(/[[\]\\:]/g, '\\$&')}]`;
  const takes = value === undefined ? '' : `:${wordFor(value)}:${action(value)}`;
  const alone = names.length === 1 ? '' : `(${names.join(' ')})`;
  return names
    .map((name) => quoted(`${alone}${name}${value !== undefined && name.startsWith('--') ? '=' : ''}${told}${takes}`))
    .join(' ');
}

function wordFor(values: Values): string {
  return values.kind === 'choices' ? 'word' : values.kind;
}

function action(values: Values): string {
  switch (values.kind) {
    case 'choices':
      return `(${values.words.join(' ')})`;
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'section':
      return '_stowage_sections';
    case 'other':
      return ' ';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
