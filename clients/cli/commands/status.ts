import type { Command } from 'commander';
import pc from 'picocolors';
import * as z from 'zod';
import { isPlaneWell } from '#schema/status';
import * as api from '../../http/generated/operations.ts';
import { type Context, contextOf } from '../context.ts';
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

/** Shows every change until the user stops. */
const stay = async ({ client, format, io }: Pick<Context, 'client' | 'format' | 'io'>): Promise<void> => {
  const jsonl = format === 'json' || format === 'jsonl' ? { talk: io.err } : undefined;
  const isTty = io.out.isTTY === true;
  const { baseUrl, token } = client;
  const view = startView({ baseUrl, token, out: io.out, isTty, ...(jsonl && { jsonl }) });
  await stopped(io);
  return view.stop();
};

/** `papilio status`. */
export const addStatus = (program: Command, io: Io): void => {
  program
    .command('status')
    .description(
      'whether data arrive and are good: state, what is broken and what to do, counts, rates, lag, planes (exit code 6 if papilio or what it stands on does not work)',
    )
    .option('-w, --watch', 'stay and show every change; with --json a line of JSON for each, at most one a second')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio status\n  papilio status --watch\n  papilio status --json | jq .broken\n  papilio status --watch --json | jq -c .rates',
    )
    .action(async (raw, command: Command) => {
      const { watch } = Options.parse(raw);
      const { client, one, format, io: within } = contextOf(command, io);
      if (watch) {
        await stay({ client, format, io: within });
        // The user may stop it; that its time is over is told.
        if (!io.signal.aborted) within.signal.throwIfAborted();
        return;
      }
      const status = await client.call(api.getStatus);
      const canvas = {
        width: io.out.columns || 120,
        colors: pc.createColors(pc.isColorSupported && io.out.isTTY === true),
      };
      one(status, { name: status.position, lines: () => renderStatus(status, canvas) });
      const isOut = status.broken.some(({ isOutage }) => isOutage) || !status.planes.every(isPlaneWell);
      if (isOut) throw new Verdict(exit.unavailable);
    });
};
