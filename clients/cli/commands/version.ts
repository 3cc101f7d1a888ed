import type { Command } from 'commander';
import * as api from '../../http/generated/operations.ts';
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
      one(await client.call(api.getVersion), {
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
