import type { Command, Option } from 'commander';

/** A word that may come next, and what it does. */
export type Completion = { readonly word: string; readonly says: string };

const optionsOf = (command: Command): readonly Option[] => [
  ...command.options,
  ...(command.parent ? optionsOf(command.parent) : []),
];

const isShown = ({ hidden }: Option): boolean => !hidden;

/** The option whose value comes next, if one does. */
const openOption = (command: Command, before: readonly string[]): Option | undefined => {
  const last = before.at(-1) ?? '';
  return optionsOf(command).find(({ long, short, required }) => required && (long === last || short === last));
};

type Place = { readonly command: Command; readonly rest: readonly string[] };

/** The command that the words lead to. */
const placeOf = (root: Command, words: readonly string[]): Place => {
  let place: Place = { command: root, rest: [] };
  for (const word of words) {
    const next = place.command.commands.find((one) => one.name() === word);
    place = next === undefined ? { ...place, rest: [...place.rest, word] } : { command: next, rest: [] };
  }
  return place;
};

const verbsOf = (command: Command): Completion[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help')
    .map((one) => ({ word: one.name(), says: one.description() }));

const flagsOf = (command: Command): Completion[] =>
  optionsOf(command)
    .filter(isShown)
    .flatMap(({ long, description }) => (long ? [{ word: long, says: description }] : []));

/** Values that only this machine knows, by the name of their option. */
export type Known = Readonly<Record<string, () => readonly string[]>>;

/** What may stand where the last of the words is begun. */
export const completionsOf = (root: Command, words: readonly string[], known: Known): Completion[] => {
  const begun = words.at(-1) ?? '';
  const { command, rest } = placeOf(root, words.slice(0, -1));
  const option = openOption(command, rest);
  const own = option === undefined ? undefined : (option.argChoices ?? known[option.long ?? '']?.() ?? []);
  const all = own?.map((word) => ({ word, says: '' })) ?? (begun.startsWith('-') ? flagsOf(command) : verbsOf(command));
  return all.filter(({ word }) => word.startsWith(begun));
};

/** What each shell runs once; it asks papilio itself at every Tab, so that it knows what there is now. */
export const scripts = {
  bash: `_papilio() {
  local IFS=$'\\n'
  COMPREPLY=($(papilio complete bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _papilio papilio
`,
  zsh: `#compdef papilio
_papilio() {
  local -a found
  found=("\${(@f)$(papilio complete zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n $found ]]; then _describe papilio found; else _files; fi
}
compdef _papilio papilio
`,
  fish: `function __papilio
  set -l words (commandline -opc) (commandline -ct)
  papilio complete fish -- $words[2..] 2>/dev/null
end
complete -c papilio -a '(__papilio)'
`,
} as const;
export type Shell = keyof typeof scripts;

/** The same as a line that each shell understands. */
export const lineFor = {
  bash: ({ word }) => word,
  zsh: ({ word, says }) => (says === '' ? word : `${word.replaceAll(':', '\\:')}:${says}`),
  fish: ({ word, says }) => (says === '' ? word : `${word}\t${says}`),
} satisfies Record<Shell, (completion: Completion) => string>;
