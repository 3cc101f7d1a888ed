import type { Command } from 'commander';
import type { Health, Readiness } from '#schema/status';
import { ApiError } from '../../http/api-error.ts';
import * as api from '../../http/generated/operations.ts';
import { type Context, contextOf } from '../context.ts';
import { exit, Verdict } from '../failure.ts';
import type { Io } from '../io.ts';
import { facts } from '../table.ts';
import { noNewsSince, timeOfDay } from '../words.ts';

type Plane = Health['planes'][number];

const stateOf = ({ isAlive, lastNewsAt, servicesAway }: Plane): string => {
  if (!isAlive) return noNewsSince(lastNewsAt);
  if (servicesAway === undefined) return 'alive';
  return `alive, but ${servicesAway.map(({ what, reason }) => `its ${what} do not answer: ${reason}`).join('; ')}`;
};

type Problem = NonNullable<Health['problems']>[number];

const problemWords = ({ what, since, todo }: Problem): string =>
  `${what}${since === undefined ? '' : ` since ${timeOfDay(since)} UTC`} → ${todo}`;

type Ready = { readonly isReady: boolean; readonly checks: Readiness['checks'] };

/** What the readiness probe answers; a papilio that is not ready is an answer here, not a failure of the command. */
const readinessOf = async ({ client }: Context): Promise<Ready> => {
  try {
    return await client.call(api.getReady);
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.code !== 'not-ready') throw thrown;
    return { isReady: false, checks: [{ name: 'ready', isOk: false, reason: thrown.message }] };
  }
};

/** `papilio health`. */
export const addHealth = (program: Command, io: Io): void => {
  program
    .command('health')
    .description(
      'whether papilio works, as probes see it: planes, processes, disks, stores, brokers (exit code 6 if something does not)',
    )
    .addHelpText('after', '\nExamples:\n  papilio health\n  papilio health --json isHealthy')
    .action(async (_raw, command: Command) => {
      const context = contextOf(command, io);
      const { isReady, checks } = await readinessOf(context);
      const view = { ...(await context.client.call(api.getHealth)), isReady, checks };
      const isWell = view.isHealthy && isReady;
      context.one(view, {
        name: isWell ? 'healthy' : 'not healthy',
        lines: ({ planes, problems = [] }) =>
          facts([
            ...problems.map((problem): [string, string] => ['problem', problemWords(problem)]),
            ...checks.map(({ name, isOk, reason }): [string, string] => [name, isOk ? 'ok' : (reason ?? 'not ok')]),
            ...planes.map((plane): [string, string] => [plane.name, stateOf(plane)]),
          ]),
      });
      if (!isWell) throw new Verdict(exit.unavailable);
    });
};
