import type { Command, Option } from 'commander';

/** What a command line says without its options: the command it leads to, and the words that are left for it. */
type Line = { readonly command: Command; readonly operands: readonly string[] };

const optionOf = (command: Command, word: string): Option | undefined => {
  const name = word.split('=')[0] ?? word;
  const own = command.options.find(({ long, short }) => long === name || short === name);
  return own ?? (command.parent ? optionOf(command.parent, word) : undefined);
};

/** Whether the word after this one is its value. */
const takesValue = (command: Command, word: string): boolean =>
  !word.includes('=') && optionOf(command, word)?.required === true;

const lineOf = (program: Command, words: readonly string[]): Line => {
  const end = words.indexOf('--');
  const [before, after] = end < 0 ? [words, []] : [words.slice(0, end), words.slice(end + 1)];
  let command = program;
  const operands: string[] = [];
  for (const [at, word] of before.entries()) {
    if (takesValue(command, words[at - 1] ?? '') || (word.startsWith('-') && word !== '-')) continue;
    const next = operands.length === 0 ? command.commands.find((one) => one.name() === word) : undefined;
    command = next ?? command;
    if (next === undefined) operands.push(word);
  }
  return { command, operands: [...operands, ...after] };
};

/** Whether the command has all the words that it takes, so that one more is not meant for it. */
const isFull = ({ command, operands }: Line): boolean => {
  const places = command.registeredArguments;
  return command.commands.length === 0 && !places.some(({ variadic }) => variadic) && operands.length >= places.length;
};

/**
 * `--json f1,f2` as `--json=f1,f2`, and `--json` before anything else with no fields: without this,
 * `stf show --json NAME` would take the name for a field. One field alone is meant where the command takes no further
 * word; `--json=name` always works.
 */
const withFields = (program: Command, words: readonly string[]): string[] => {
  const at = words.indexOf('--json');
  const fields = words[at + 1];
  const end = words.indexOf('--');
  if (at < 0 || (end >= 0 && end < at) || fields === undefined || fields.startsWith('-')) return [...words];
  const rest = [...words.slice(0, at), ...words.slice(at + 2)];
  const isMeant = fields.includes(',') || isFull(lineOf(program, rest));
  // A bare one goes to the end of the options, where no word comes after it.
  return isMeant
    ? [...words.slice(0, at), `--json=${fields}`, ...words.slice(at + 2)]
    : [...words.slice(0, at), '--json=', ...words.slice(at + 1)];
};

/** `--reason` where a command says `--why`. */
const withWhy = (program: Command, words: readonly string[]): string[] => {
  const { command } = lineOf(program, words);
  if (optionOf(command, '--reason') !== undefined || optionOf(command, '--why') === undefined) return [...words];
  const end = words.indexOf('--');
  return words.map((word, at) => (end >= 0 && at > end ? word : word.replace(/^--reason(?==|$)/, '--why')));
};

/** The words as commander takes them. */
export const argumentWords = (program: Command, words: readonly string[]): string[] =>
  withFields(program, withWhy(program, words));

/** The first word that is no option and no value of one: the noun. */
export const firstOperand = (program: Command, words: readonly string[]): string | undefined =>
  lineOf(program, words).operands[0];
