import { sectionsCall } from './sections-call.ts';
import { type CommandShape, type OptionShape, ownOptions, type Values } from './shape.ts';

/** A script that completes the commands in fish 3 and newer. */
export function fishScript(shapes: readonly CommandShape[]): string {
  const withValue = [
    ...new Set(
      shapes.flatMap(({ options }) => options.flatMap(({ names, value }) => (value === undefined ? [] : names))),
    ),
  ];
  return `# Completes stowage in fish. Put this into ~/.config/fish/config.fish:
#   stowage completion fish | source
# or its output into the file ~/.config/fish/completions/stowage.fish

# The words that are typed and are no options, the program first.
function __stowage_words
    set -l value no
    for word in (commandline -opc)
        if test $value = yes
            set value no
        else if contains -- $word ${withValue.join(' ')}
            set value yes
        else if not string match -q -- '-*' $word
            echo -- $word
        end
    end
end

# True if the command is typed, and so many words behind it; a second number is the most there may be.
function __stowage_at
    set -l words (__stowage_words)
    test (count $words) -ge (math $argv[2] + 2); or return 1
    test "$words[2]" = $argv[1]; or return 1
    test (count $argv) -lt 3; or test (count $words) -le (math $argv[3] + 2)
end

function __stowage_command
    set -l words (__stowage_words)
    if test (count $argv) -eq 0
        test (count $words) -eq 1
    else
        test "$words[2]" = $argv[1]
    end
end

function __stowage_sections
    set -l words (__stowage_words)
    test (count $words) -ge 3; or return
    set -l config (string replace -r '^~/' "$HOME/" -- (string unescape -- $words[3]))
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    $program ${sectionsCall} $config 2>/dev/null
end

function __stowage_folders
    __fish_complete_directories (string replace -r '^--[^=]*=' '' -- (commandline -ct)) ''
end

complete -c stowage -f
${ownOptions.map((option) => optionLine('__stowage_command', option)).join('\n')}
${shapes.map(({ name, summary }) => `complete -c stowage -n __stowage_command -a ${name} -d ${quoted(summary)}`).join('\n')}
${shapes.flatMap(linesFor).join('\n')}
`;
}

function linesFor({ name, options, places, rest }: CommandShape): readonly string[] {
  const at = (first: number, last = '') => quoted(`__stowage_at ${name} ${first}${last === '' ? '' : ` ${last}`}`);
  return [
    ...options.map((option) => optionLine(quoted(`__stowage_command ${name}`), option)),
    ...places.flatMap((values, place) => valueLine(at(place, String(place)), values)),
    ...(rest === undefined ? [] : valueLine(at(places.length), rest)),
  ];
}

function valueLine(condition: string, values: Values): readonly string[] {
  const how = takes(values);
  return how === '' ? [] : [`complete -c stowage -n ${condition} ${how}`];
}

function optionLine(condition: string, { names, description, value }: OptionShape): string {
  const spelt = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ');
  // -x: its value and nothing else; -r: its value, a file.
  const values = value === undefined ? '' : ` ${value.kind === 'file' ? '-r' : '-x'} ${takes(value)}`.trimEnd();
  return `complete -c stowage -n ${condition} ${spelt}${values} -d ${quoted(description)}`;
}

function takes(values: Values): string {
  switch (values.kind) {
    case 'choices':
      return `-a ${quoted(values.words.join(' '))}`;
    case 'file':
      return '-F';
    case 'folder':
      return "-a '(__stowage_folders)'";
    case 'section':
      return "-a '(__stowage_sections)'";
    case 'other':
      return '';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
