import type { Command } from 'commander';
import type { Health } from '#schema/status';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import { exit, Verdict } from '../failure.ts';
import type { Io } from '../io.ts';
import { facts } from '../table.ts';
import { noNewsSince } from '../words.ts';

type Plane = Health['planes'][number];

const stateOf = ({ isAlive, lastNewsAt, servicesAway }: Plane): string => {
  if (!isAlive) return noNewsSince(lastNewsAt);
  if (servicesAway === undefined) return 'alive';
  return `alive, but ${servicesAway.map(({ what, reason }) => `its ${what} do not answer: ${reason}`).join('; ')}`;
};

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
            ...planes.map((plane): [string, string] => [plane.name, stateOf(plane)]),
          ]),
      });
      if (!view.isHealthy) throw new Verdict(exit.unavailable);
    });
};
