import type { Command } from 'commander';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import { exit, Verdict } from '../failure.ts';
import type { Io } from '../io.ts';
import { facts } from '../table.ts';
import { timeOfDay } from '../words.ts';

/** `papilio health`. */
export const addHealth = (program: Command, io: Io): void => {
  program
    .command('health')
    .description('whether papilio can serve and both planes are alive, as probes see it (exit code 6 if not)')
    .addHelpText('after', '\nExamples:\n  papilio health\n  papilio health --json isHealthy')
    .action(async (_raw, command: Command) => {
      const { client, one } = contextOf(command, io);
      // Not ready is a failure with the reason of its own.
      const { checks } = await client.call(api.getReady);
      const view = { ...(await client.call(api.getHealth)), checks };
      one(view, {
        name: view.isHealthy ? 'healthy' : 'not healthy',
        lines: ({ planes }) =>
          facts([
            ...checks.map(({ name, isOk, reason }): [string, string] => [name, isOk ? 'ok' : (reason ?? 'not ok')]),
            ...planes.map(({ name, isAlive, lastNewsAt }): [string, string] => [
              name,
              isAlive ? 'alive' : `no news since ${lastNewsAt ? `${timeOfDay(lastNewsAt)} UTC` : 'the start'}`,
            ]),
          ]),
      });
      if (!view.isHealthy) throw new Verdict(exit.unavailable);
    });
};
