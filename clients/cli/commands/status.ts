import type { Command } from 'commander';
import pc from 'picocolors';
import * as z from 'zod';
import { Status } from '#schema/status';
import { contextOf } from '../context.ts';
import { exit, Verdict } from '../failure.ts';
import type { Io } from '../io.ts';
import { renderStatus } from '../render.ts';
import { startView } from '../view.ts';

const Options = z.object({ watch: z.boolean().default(false) });

/** Resolves when the user stops. */
const stopped = ({ signal }: Io): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** `papilio status`. */
export const addStatus = (program: Command, io: Io): void => {
  program
    .command('status')
    .description(
      'whether data arrive and are good: state, counts, lag, planes (exit code 6 if a plane does not answer)',
    )
    .option('-w, --watch', 'stay and show every change')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio status\n  papilio status --watch\n  papilio status --json | jq .total.stfs',
    )
    .action(async (raw, command: Command) => {
      const { watch } = Options.parse(raw);
      const { client, one } = contextOf(command, io);
      if (watch) {
        const view = startView({ baseUrl: client.baseUrl, out: io.out, isTty: io.out.isTTY === true });
        await stopped(io);
        return view.stop();
      }
      const status = await client.get('/v1/status', Status, {}, io.signal);
      const canvas = {
        width: io.out.columns || 120,
        colors: pc.createColors(pc.isColorSupported && io.out.isTTY === true),
      };
      one(status, { name: status.position, lines: () => renderStatus(status, canvas) });
      if (status.planes.some((plane) => !plane.isAlive)) throw new Verdict(exit.unavailable);
    });
};
