import type { Command } from 'commander';
import * as z from 'zod';
import type { Facility } from '#schema/facility';
import * as api from '../../http/generated/operations.ts';
import { performToItsEnd, reasonOf } from '../act.ts';
import { type Context, contextOf } from '../context.ts';
import type { Io } from '../io.ts';
import { ListOptions, watchedOptions } from '../list-options.ts';
import { comingOption } from '../moment.ts';
import { facts } from '../table.ts';
import { dateAndTime, harmless } from '../words.ts';

const Options = z.object({ why: z.string().optional(), until: comingOption('--until') });

const stateOf = ({ isOnline, drain }: Facility): string => (drain ? 'drained' : isOnline ? 'takes work' : 'offline');

const drainLines = ({ drain }: Facility): [string, string | undefined][] => [
  ['drained by', drain?.by],
  ['because', drain?.why],
  ['since', drain && `${dateAndTime(drain.sinceAt)} UTC`],
  ['until', drain && (drain.untilAt === undefined ? 'somebody resumes it' : `${dateAndTime(drain.untilAt)} UTC`)],
];

const siteLines = (site: Facility): string[] => [
  ...facts([['site', site.name], ['kind', site.kind], ['state', stateOf(site)], ...drainLines(site)]),
  ...facts(
    site.queues.map(({ name, slots, coresPerSlot, memoryMbPerSlot, isOnline }) => [
      `queue ${name}`,
      `${slots} slots of ${coresPerSlot} cores and ${memoryMbPerSlot} MB${isOnline ? '' : ', offline'}`,
    ]),
  ),
  ...(site.acts ?? []).map(({ act, by, why, at }) => harmless(`${dateAndTime(at)} UTC ${act} by ${by}: ${why}`)),
];

const show = async ({ client, one }: Context, name: string): Promise<void> => {
  const site = await client.call(api.getFacility, { path: { facility: name } });
  one(site, { name: site.name, lines: siteLines });
};

const addList = (site: Command, io: Io): void => {
  watchedOptions(site.command('list'))
    .description('sites, and whether they get work')
    .addHelpText('after', '\nExample:\n  papilio site list')
    .action(async (raw: object, command: Command) => {
      const { limit, all } = ListOptions.parse(raw);
      const { client, list } = contextOf(command, io);
      await list((cursor) => client.call(api.listFacilities, { query: { limit, cursor } }), {
        columns: [
          { head: 'SITE', of: ({ name }) => name },
          { head: 'KIND', of: ({ kind }) => kind },
          { head: 'STATE', of: stateOf },
          {
            head: 'SLOTS',
            of: ({ queues }) => String(queues.reduce((sum, { slots }) => sum + slots, 0)),
            isNumber: true,
          },
          { head: 'BECAUSE', of: ({ drain }) => (drain ? `${drain.by}: ${drain.why}` : '–') },
        ],
        name: ({ name }) => name,
        wantsAll: all,
        none: 'no sites',
      });
    });
};

const later = (name: string): string => `papilio site show ${name}`;

/** `papilio site list|show|drain|resume`. */
export const addSite = (program: Command, io: Io): void => {
  const site = program.command('site').description('sites, and whether they get work');
  const drain = async (name: string, raw: object, command: Command): Promise<void> => {
    const context = contextOf(command, io);
    const { why, until } = Options.parse(raw);
    const body = { why: reasonOf(why, 'a new switch'), ...(until === undefined ? {} : { untilAt: until }) };
    const call = { path: { id: name }, body };
    await performToItsEnd(context, (options) => context.client.call(api.drainFacility, call, options), later(name));
    await show(context, name);
  };
  const resume = async (name: string, raw: object, command: Command): Promise<void> => {
    const context = contextOf(command, io);
    const call = { path: { id: name }, body: { why: reasonOf(Options.parse(raw).why, 'the switch is in') } };
    await performToItsEnd(context, (options) => context.client.call(api.resumeFacility, call, options), later(name));
    await show(context, name);
  };
  addList(site, io);
  site
    .command('show <site>')
    .description('one site: its queues, whether it gets work, and what people did to it')
    .addHelpText('after', '\nExample:\n  papilio site show local')
    .action((name: string, _options: object, command: Command) => show(contextOf(command, io), name));
  site
    .command('drain <site>')
    .description('send nothing more to it: what runs goes on, what waits goes elsewhere or says why it waits')
    .option('--why <reason>', 'the reason, kept for ever')
    .option(
      '--until <moment>',
      'when it ends by itself, or in how long, such as 6h (default: when somebody resumes the site)',
    )
    .addHelpText(
      'after',
      `\nExamples:\n  papilio site drain local --why 'a new switch'\n  papilio site drain local --until 6h --why 'a new switch'`,
    )
    .action(drain);
  site
    .command('resume <site>')
    .description('let it have work again: what waits is placed at once')
    .option('--why <reason>', 'the reason, kept for ever')
    .addHelpText('after', `\nExample:\n  papilio site resume local --why 'the switch is in'`)
    .action(resume);
};
