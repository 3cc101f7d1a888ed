import type { Command } from 'commander';
import * as z from 'zod';
import type { Check } from '#schema/check-up';
import type { EngineReport } from '#schema/engine-report';
import { frontOf } from '../address.ts';
import { enginesIn, examine } from '../ask-engine.ts';
import { type Context, contextOf } from '../context.ts';
import { checkFolder, isHouse, otherFolder } from '../doctor/folder-checks.ts';
import { checkFront, downFront } from '../doctor/front-checks.ts';
import { checkLines, inOrder, nameOf, verdictOf } from '../doctor/render-checks.ts';
import { ownVersionCheck } from '../doctor/version-checks.ts';
import { exit, UsageError, Verdict } from '../failure.ts';
import type { Io } from '../io.ts';
import { reportLines } from '../render-doctor.ts';

const Options = z.object({
  engine: z.boolean().default(false),
  deep: z.boolean().default(false),
  endpoint: z
    .url({ protocol: /^https?$/ })
    .optional()
    .catch(() => {
      throw new UsageError('--endpoint is no address', '--endpoint http://127.0.0.1:4566');
    }),
  stuckAfter: z.coerce
    .number()
    .min(0)
    .catch(() => {
      throw new UsageError('--stuck-after is no number of seconds', '--stuck-after 3600');
    }),
  data: z.string(),
});

type Examined = EngineReport & { readonly name: string };

const isIll = ({ findings }: EngineReport): boolean => findings.some(({ level }) => level === 'problem');

type Asked = z.infer<typeof Options>;

/** The engines alone, each with all that there is to say of it. */
const examineEngines = async (
  { endpoint, data, stuckAfter }: Asked,
  { io, all }: Context,
): Promise<{ isIll: boolean }> => {
  const places = endpoint === undefined ? enginesIn(data) : [{ name: endpoint, url: endpoint }];
  const examined: Examined[] = [];
  for (const place of places) {
    examined.push({ name: place.name, ...(await examine(place, stuckAfter, io.signal)) });
  }
  all(examined, { name: ({ name }) => name, lines: (each) => reportLines(each.name, each) });
  return { isIll: examined.some(isIll) };
};

/** Whether the front that is asked is that of the data folder; where none is named, it has to be. */
const isOwnFront = (data: string, { client, options }: Context): boolean => {
  if (!isHouse(data)) return false;
  const own = frontOf(data);
  const isNamed = options.url !== undefined || options.profile !== undefined;
  return !isNamed || (own !== undefined && new URL(own).origin === new URL(client.baseUrl).origin);
};

/** Everything that can be seen from here. */
const examineAll = async ({ data, deep, stuckAfter }: Asked, context: Context): Promise<Check[]> => {
  const { client, io } = context;
  const isOwn = isOwnFront(data, context);
  // A house that is down has no address; at the usual one another house may answer.
  const isDown = isOwn && frontOf(data) === undefined;
  const front = isDown ? downFront(data) : await checkFront(client, io.signal);
  const onProgress = (line: string) => void (io.err.isTTY === true && io.err.write(`${line}\n`));
  const look = { data, isDeep: deep, stuckAfterS: stuckAfter, running: front.build, signal: io.signal, onProgress };
  const folder = isOwn ? await checkFolder(look) : otherFolder(client.baseUrl);
  return inOrder([ownVersionCheck(), ...front.checks, ...folder]);
};

/** `papilio doctor`. */
export const addDoctor = (program: Command, io: Io): void => {
  program
    .command('doctor')
    .description('examines what papilio stands on, also while it is down (exit code 1 if there is a problem)')
    .option(
      '--deep',
      'read everything that is stored and compare checksums: records, events, journals, files; takes long',
    )
    .option('--engine', 'only the engines, and more of them: journal, backlog, slow states, stuck waits, disk')
    .option('--endpoint <url>', 'with --engine: one that serves there (default: those in the folder of --data)')
    .option('--stuck-after <s>', 'a wait for a token that no timeout ends is stuck when it is older', '86400')
    .addHelpText(
      'after',
      `
Examples:
  papilio doctor
  papilio doctor --deep
  papilio doctor --json | jq '.[] | select(.level == "problem")'
  papilio doctor --engine --stuck-after 600
  papilio doctor --engine --endpoint http://127.0.0.1:4566
  papilio --data /data/papilio doctor --engine --json | jq '.[].findings'`,
    )
    .action(async (_raw, command: Command) => {
      const asked = Options.parse(command.optsWithGlobals());
      // It examines a folder that does not run, too.
      const context = contextOf(command, io, { isDataNamed: false });
      if (asked.engine || asked.endpoint !== undefined) {
        if ((await examineEngines(asked, context)).isIll) throw new Verdict(exit.failed);
        return;
      }
      const checks = await examineAll(asked, context);
      if (context.format === 'table' || context.format === 'wide') context.print(checkLines(checks));
      else context.all(checks, { name: nameOf, lines: (check) => checkLines([check]) });
      io.err.write(`${verdictOf(checks)}\n`);
      if (checks.some(({ level }) => level === 'problem')) throw new Verdict(exit.failed);
    });
};
