import type { Command } from 'commander';
import * as z from 'zod';
import type { BundleView } from '#schema/bundle';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import type { Io } from '../io.ts';
import { ListOptions, watchedOptions } from '../list-options.ts';
import { facts } from '../table.ts';

const placeOf = ({ facility, queue }: BundleView): string => `${facility}/${queue}`;
const stateOf = ({ isOpen }: BundleView): string => (isOpen ? 'handed over' : 'answered');

const bundleLines = (bundle: BundleView): string[] =>
  facts([
    ['bundle', bundle.id],
    ['at', placeOf(bundle)],
    ['state', stateOf(bundle)],
    ...bundle.attemptIds.map((id): [string, string] => ['attempt', id]),
    ...bundle.jobIds.map((id): [string, string] => ['job', id]),
  ]);

/** `papilio bundle list|show`. */
export const addBundle = (program: Command, io: Io): void => {
  const bundle = program.command('bundle').description('jobs that were handed to a site together');
  watchedOptions(bundle.command('list'))
    .description('those that are with their sites, or on their way')
    .option('--site <site>', 'only those of this site')
    .addHelpText('after', '\nExample:\n  papilio bundle list --site local')
    .action(async (raw: object, command: Command) => {
      const { site, limit, all } = ListOptions.extend({ site: z.string().optional() }).parse(raw);
      const { client, list } = contextOf(command, io);
      await list((cursor) => client.call(api.listBundles, { query: { facility: site, limit, cursor } }), {
        columns: [
          { head: 'BUNDLE', of: ({ id }) => id },
          { head: 'AT', of: placeOf },
          { head: 'ATTEMPTS', of: ({ attemptIds }) => String(attemptIds.length), isNumber: true },
        ],
        name: ({ id }) => id,
        wantsAll: all,
        none: 'no bundle is with a site',
      });
    });
  bundle
    .command('show <bundle>')
    .description('one bundle: where it is, and its attempts')
    .addHelpText('after', '\nExample:\n  papilio bundle show bundle_bnl-1-00102363-00000001-p1-a1')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, one } = contextOf(command, io);
      const view = await client.call(api.getBundle, { path: { bundle: id } });
      one(view, { name: view.id, lines: bundleLines });
    });
};
