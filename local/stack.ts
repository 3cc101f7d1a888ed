import { resolve } from 'node:path';
import { confirm, isCancel } from '@clack/prompts';
import { Command, Option } from 'commander';
import { environment, readConfig } from '#lib/config';
import { PapilioError } from '#lib/errors';
import { bringDown, reset } from './stack/down.ts';
import { planUp } from './stack/plan.ts';
import { countOf, differencesOf } from './stack/records/differences.ts';
import { keptBy } from './stack/records/kept.ts';
import { defaultFolder, readStack, type StackFile, stackPath } from './stack/stack-file.ts';
import { inWords, isWhole, statusOf } from './stack/status.ts';
import { bringUp } from './stack/up.ts';

/** `npm run stack`: LocalStack or ministack with MinIO, for papilio to work on. */
type Common = { readonly stack: string; readonly json?: boolean };

const say = (line: string): void => {
  process.stderr.write(`stack: ${line}\n`);
};

const print = (json: boolean | undefined, value: unknown, words: string): void => {
  process.stdout.write(`${json ? JSON.stringify(value) : words}\n`);
};

const none = (folder: string): string => `there is no stack in ${folder}: npm run stack -- up`;

/** What may be told of a stack: not its keys. */
const told = ({ minio, ...stack }: StackFile) => ({ ...stack, minio: { accessKeyId: minio.accessKeyId } });

type UpWords = Common & { readonly with?: StackFile['kind']; readonly dryRun?: boolean };

const up = async ({ stack: folder, json, with: asked, dryRun }: UpWords): Promise<void> => {
  // One that is there stays what it is.
  const kind = asked ?? (await readStack(stackPath(folder)))?.kind ?? 'localstack';
  if (dryRun) {
    const plan = await planUp(resolve(folder), kind);
    const { steps, cannot } = plan;
    const words = steps.length === 0 ? 'nothing to do' : steps.join('\n');
    print(json, plan, cannot === undefined ? words : `cannot: ${cannot}`);
    if (cannot !== undefined) process.exitCode = 1;
    return;
  }
  const { PAPILIO_INSTANCE: instance, PAPILIO_WING: wing, PAPILIO_REGION: region } = readConfig(environment());
  const stack = await bringUp({ folder, kind, instance, wing, region, say });
  const words = Object.entries(stack.endpoints).map(([service, url]) => `${service}: ${url}`);
  print(json, told(stack), [`up, as ${stackPath(stack.folder)} says`, ...words].join('\n'));
};

const status = async ({ stack: given, json }: Common): Promise<void> => {
  const folder = resolve(given);
  const stack = await readStack(stackPath(folder));
  if (stack === undefined) {
    print(json, { folder, parts: [] }, none(folder));
    process.exitCode = 1;
    return;
  }
  const found = await statusOf(stack);
  print(json, { ...found, isWhole: isWhole(found) }, inWords(found));
  if (!isWhole(found)) process.exitCode = 1;
};

const down = async ({ stack: given, json }: Common): Promise<void> => {
  const folder = resolve(given);
  const wasThere = await bringDown(folder, say);
  print(json, { folder, wasThere }, wasThere ? 'down; what MinIO and DynamoDB Local keep stays' : none(folder));
};

/** Asks at a terminal; elsewhere it has to be said. */
const isMeant = async (folder: string): Promise<boolean> => {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return false;
  const message = `Remove all that the stack in ${folder} keeps?`;
  const answer = await confirm({ message, initialValue: false, output: process.stderr });
  return !isCancel(answer) && answer;
};

const remove = async ({ stack: given, json, yes }: Common & { readonly yes?: boolean }): Promise<void> => {
  const folder = resolve(given);
  if (!yes && !(await isMeant(folder))) throw new Error('nothing was done: give --yes if it is meant');
  const wasThere = await reset(folder, say);
  print(json, { folder, wasThere }, wasThere ? 'down, and nothing is left of it' : none(folder));
};

/** Exit code 1 if they differ; what is compared must have ended. */
const compare = async (first: string, second: string, { json }: { readonly json?: boolean }): Promise<void> => {
  const [one, other] = [await keptBy(resolve(first)), await keptBy(resolve(second))];
  const differences = differencesOf(one, other);
  const { records, objects } = countOf(one);
  const words = differences.length === 0 ? [`equal: ${records} records, ${objects} objects`] : differences;
  print(json, { records, objects, differences }, words.join('\n'));
  if (differences.length > 0 || records === 0) process.exitCode = 1;
};

const examples = `
Examples:
  npm run stack -- up                     LocalStack, DynamoDB Local and MinIO; the first time it installs them, about ten minutes
  npm run stack -- up --with ministack    ministack in their place: less of AWS, up in seconds
  npm run stack -- up --dry-run           what it would do
  npm start -- --on stack                 plays a run on it
  npm run stack -- status                 what is up; exit code 1 if something is not
  npm run stack -- down                   ends what up started
  npm run stack -- compare .papilio /data/other
                                          whether two papilios that played the same recording keep the same
`;

const program = new Command('npm run stack --')
  .description('Services of AWS that others wrote, on this machine, for papilio to work on.')
  .addHelpText('after', examples);

const command = (name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .option('--stack <folder>', 'folder of the stack; made if it is not there', defaultFolder)
    .option('--json', 'print one JSON object on stdout')
    .allowExcessArguments(false);

command('up', 'Installs what is missing, starts what does not run, and creates what is lacking.')
  .addOption(
    new Option('--with <emulator>', 'what stands for AWS in a new stack; localstack if it is not said').choices([
      'localstack',
      'ministack',
    ]),
  )
  .option('--dry-run', 'only say what would be done')
  .action(up);
command('status', 'Says what is up, and what it lacks.').action(status);
command('down', 'Ends exactly what up started; records and objects stay.').action(down);
command('reset', 'Ends it and removes all that it keeps.').option('--yes', 'do not ask').action(remove);
program
  .command('compare')
  .description(
    'Compares all records and objects of two data folders, wherever they are kept, but for what is of the moment.',
  )
  .argument('<folder>', 'data folder of the one')
  .argument('<folder>', 'data folder of the other')
  .option('--json', 'print one JSON object on stdout')
  .action(compare);

const complain = (error: unknown): void => {
  if (error instanceof PapilioError) say(`${error.message}\nstack: try: ${error.todo}`);
  else say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
};

await program.parseAsync().catch(complain);
