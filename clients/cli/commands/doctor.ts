import type { Command } from 'commander';
import * as z from 'zod';
import type { EngineReport } from '#schema/engine-report';
import { enginesIn, examine } from '../ask-engine.ts';
import { contextOf } from '../context.ts';
import { exit, UsageError, Verdict } from '../failure.ts';
import type { Io } from '../io.ts';
import { reportLines } from '../render-doctor.ts';

const Options = z.object({
  engine: z.boolean().default(false),
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

/** `papilio doctor`. */
export const addDoctor = (program: Command, io: Io): void => {
  program
    .command('doctor')
    .description('examines what papilio stands on, also while it is down (exit code 1 if there is a problem)')
    .option('--engine', 'the engines of state machines and queues: journal, backlog, slow states, stuck waits, disk')
    .option('--endpoint <url>', 'an engine that serves there (default: those in the folder of --data)')
    .option('--stuck-after <s>', 'a wait for a token that no timeout ends is stuck when it is older', '86400')
    .addHelpText(
      'after',
      `
Examples:
  papilio doctor --engine
  papilio doctor --engine --endpoint http://127.0.0.1:4566 --stuck-after 600
  papilio --data /data/papilio doctor --engine --json | jq '.[].findings'`,
    )
    .action(async (_raw, command: Command) => {
      const options = Options.parse(command.optsWithGlobals());
      const { engine, endpoint, data, stuckAfter } = options;
      if (!engine) throw new UsageError('what is to be examined is missing', 'papilio doctor --engine');
      const { all } = contextOf(command, io);
      const places = endpoint === undefined ? enginesIn(data) : [{ name: endpoint, url: endpoint }];
      const examined: Examined[] = [];
      for (const place of places) {
        examined.push({ name: place.name, ...(await examine(place, stuckAfter, io.signal)) });
      }
      all(examined, { name: ({ name }) => name, lines: (each) => reportLines(each.name, each) });
      if (examined.some(isIll)) throw new Verdict(exit.failed);
    });
};
