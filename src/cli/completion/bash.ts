import { sectionsCall } from './sections-call.ts';
import { type CommandShape, type OptionShape, ownOptions, type Values } from './shape.ts';

/** A script that completes the commands in bash 4 and newer. */
export function bashScript(shapes: readonly CommandShape[]): string {
  return `# Completes stowage in bash. Put this into ~/.bashrc:
#   source <(stowage completion bash)
# or its output into a file of ~/.local/share/bash-completion/completions/stowage

# A typed word without its quoting. Nothing is evaluated.
_stowage_plain() {
  local word=$1
  case $word in
    \\'*) word=\${word#\\'}; word=\${word%\\'} ;;
    \\"*) word=\${word#\\"}; word=\${word%\\"} ;;
    *) word=\${word//\\\\/} ;;
  esac
  [[ $word == '~/'* ]] && word=$HOME/\${word#'~/'}
  printf '%s' "$word"
}

_stowage_words() {
  local word
  while IFS= read -r word; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("$(printf '%q' "$word")")
  done < <(printf '%s\\n' "$@")
}

_stowage_sections() {
  local program=\${words[0]} word
  [[ -n $config ]] || return
  [[ $program == '~/'* ]] && program=$HOME/\${program#'~/'}
  # An alias is known to the shell alone.
  [[ -n $(type -P -- "$program") ]] || program=\${BASH_ALIASES[$program]%% *}
  [[ -n $program ]] || return
  while IFS= read -r word; do
    [[ $word == "$plain"* ]] && COMPREPLY+=("$(printf '%q' "$word")")
  done < <("$program" ${sectionsCall} "$config" 2>/dev/null)
}

_stowage_files() {
  local word kind=$1
  compopt -o filenames 2>/dev/null
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$kind" -- "$plain")
}

_stowage() {
  local cur plain config='' command='' value='' word at places=0 words cword
  COMPREPLY=()
  # Words that bash broke at '=' are one again; what is completed is then only what stands behind it.
  words=() cword=0
  for ((at = 0; at <= COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    if ((at > 0)) && [[ ($word == '=' || \${COMP_WORDS[at - 1]} == '=') && \${words[cword]} == --* ]]; then
      words[cword]+=$word
    else
      ((at > 0)) && ((++cword))
      words[cword]=$word
    fi
  done
  cur=\${words[cword]}
  for ((at = 1; at < cword; at++)); do
    word=\${words[at]}
    if [[ -n $value ]]; then value=''
    elif [[ $word == -- ]]; then :
    elif [[ $word == --*=* ]]; then :
    elif [[ $word == -* ]]; then value=$(_stowage_value "$command" "$word")
    elif [[ -z $command ]]; then command=$word
    else
      ((++places))
      ((places == 1)) && config=$(_stowage_plain "$word")
    fi
  done
  if [[ -z $value && $cur == --*=* ]]; then
    value=$(_stowage_value "$command" "\${cur%%=*}")
    cur=\${cur#*=}
    [[ -n $value ]] || return
  fi
  plain=$(_stowage_plain "$cur")
  if [[ -n $value ]]; then _stowage_take "$value"
  elif [[ $cur == -* ]]; then _stowage_words $(_stowage_options "$command")
  elif [[ -z $command ]]; then _stowage_words ${shapes.map(({ name }) => name).join(' ')}
  else _stowage_take "$(_stowage_place "$command" "$places")"
  fi
}

# Completes one value: a kind, or words.
_stowage_take() {
  case $1 in
    '' | other) ;;
    file) _stowage_files -f ;;
    folder) _stowage_files -d ;;
    section) _stowage_sections ;;
    *) _stowage_words $1 ;;
  esac
}

# What an option of a command takes; nothing if it takes no value.
_stowage_value() {
  case "$1 $2" in
${cases(shapes.flatMap(({ name, options }) => options.flatMap((option) => valueCase(name, option))))}
  esac
}

# What stands at a place of a command, counted from 0.
_stowage_place() {
  case "$1 $2" in
${cases(shapes.flatMap(placeCases))}
  esac
}

_stowage_options() {
  case $1 in
    '') echo '${namesOf(ownOptions)}' ;;
${cases(shapes.map(({ name, options }) => [name, namesOf(options)] as const))}
  esac
}

complete -F _stowage stowage
`;
}

function valueCase(command: string, { names, value }: OptionShape): readonly (readonly [string, string])[] {
  if (value === undefined) return [];
  return [[names.map((name) => `'${command} ${name}'`).join(' | '), spelt(value)]];
}

function placeCases({ name, places, rest }: CommandShape): readonly (readonly [string, string])[] {
  const fixed = places.map((values, at) => [`'${name} ${at}'`, spelt(values)] as const);
  return rest === undefined ? fixed : [...fixed, [`'${name} '*`, spelt(rest)] as const];
}

function spelt(values: Values): string {
  return values.kind === 'choices' ? values.words.join(' ') : values.kind;
}

function namesOf(options: readonly OptionShape[]): string {
  return options.flatMap(({ names }) => names).join(' ');
}

function cases(all: readonly (readonly [string, string])[]): string {
  return all.map(([pattern, words]) => `    ${pattern}) echo '${words}' ;;`).join('\n');
}
