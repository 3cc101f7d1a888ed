import { type Command, Option } from 'commander';
import * as z from 'zod';
import { UsageError } from './failure.ts';
import { type Format, formats } from './format.ts';

const GlobalOptions = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .catch(() => {
      throw new UsageError('--url is no address', '--url http://127.0.0.1:8714');
    }),
  data: z.string(),
  /** The folder was named, by option or variable. */
  isDataNamed: z.boolean(),
  token: z.string().optional(),
  profile: z.string().optional(),
  config: z.string().optional(),
  configHome: z.string().optional(),
  output: z.enum(formats).default('table'),
  /** All of it, or the names of fields. */
  json: z.union([z.boolean(), z.string()]).default(false),
  timeout: z.coerce
    .number()
    .positive()
    .max(2_000_000)
    .optional()
    .catch(() => {
      throw new UsageError('--timeout is no number of seconds', '--timeout 60');
    }),
  wait: z.boolean().default(false),
  yes: z.boolean().default(false),
});
export type GlobalOptions = z.output<typeof GlobalOptions>;

/** Options that every command has. */
export const addGlobalOptions = (program: Command): Command =>
  program
    .addOption(new Option('--url <url>', 'address of the API').env('PAPILIO_URL'))
    .addOption(
      new Option('--data <folder>', 'data folder of the instance to use').env('PAPILIO_DATA').default('.papilio'),
    )
    .addOption(new Option('--profile <name>', 'a papilio that `papilio login` knows').env('PAPILIO_PROFILE'))
    .addOption(new Option('--config <folder>', 'where profiles are kept').env('PAPILIO_CONFIG').hideHelp())
    .addOption(new Option('--config-home <folder>', 'where programs keep such').env('XDG_CONFIG_HOME').hideHelp())
    .addOption(new Option('--token <token>', 'the token of another papilio').env('PAPILIO_TOKEN').hideHelp())
    .addOption(
      new Option('-o, --output <format>', 'how data are printed')
        .choices(formats)
        .default('table')
        .env('PAPILIO_OUTPUT'),
    )
    .option('--json [fields]', 'the same as -o json; or only some fields, such as --json id,state')
    .addOption(new Option('--timeout <s>', 'give up after so many seconds (exit code 124)').env('PAPILIO_TIMEOUT'))
    .option('--wait', 'stay until what was asked for has ended')
    .option('-y, --yes', 'do not ask whether it is meant');

/** What a command was given besides its own options. A folder on the command line wins over a profile or address of the environment. */
export const readGlobalOptions = (command: Command): GlobalOptions => {
  const sourceOf = (name: string) => command.getOptionValueSourceWithGlobals(name);
  const raw = command.optsWithGlobals();
  const overruled = ['profile', 'url'].filter((name) => sourceOf('data') === 'cli' && sourceOf(name) === 'env');
  return GlobalOptions.parse({
    ...raw,
    ...Object.fromEntries(overruled.map((name) => [name, undefined])),
    isDataNamed: sourceOf('data') === 'cli' || sourceOf('data') === 'env',
  });
};

/** The format, and the fields if only some are wanted. */
export const formatOf = ({ output, json }: GlobalOptions): { format: Format; fields: string[] | undefined } => {
  if (json === false) return { format: output, fields: undefined };
  if (json === true || json === '') return { format: 'json', fields: undefined };
  const fields = json.split(',').map((field) => field.trim());
  if (fields.includes('')) throw new UsageError(`--json ${json} has an empty field`, '--json id,state');
  const isForPeople = output === 'table' || output === 'wide' || output === 'name';
  return { format: isForPeople ? 'json' : output, fields };
};
