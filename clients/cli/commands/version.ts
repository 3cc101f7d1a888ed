import type { Command } from 'commander';
import { Version } from '#schema/status';
import { contextOf } from '../context.ts';
import type { Io } from '../io.ts';
import { facts } from '../table.ts';

/** `papilio version`. */
export const addVersion = (program: Command, io: Io): void => {
  program
    .command('version')
    .description('build and instance of the papilio that answers')
    .addHelpText('after', '\nExample:\n  papilio version --json')
    .action(async (_options, command: Command) => {
      const { client, one } = contextOf(command, io);
      one(await client.get('/v1/version', Version), {
        name: 'papilio',
        lines: ({ build, instance, wing, epoch, api }) =>
          facts([
            ['build', build],
            ['instance', instance],
            ['wing', `${wing}, epoch ${epoch}`],
            ['api', api],
            ['address', client.baseUrl],
          ]),
      });
    });
};
