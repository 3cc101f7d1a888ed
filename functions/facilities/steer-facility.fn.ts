import * as z from 'zod';
import { change, commit, untilNoConflict } from '#lib/change';
import { type CommandOf, defineCommands, onAction } from '#lib/command';
import type { Deps } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import { tellBroker } from '#lib/processing';
import { facilities, type Stored } from '#lib/records';
import type { Command } from '#schema/command';
import { DrainWish, type Facility } from '#schema/facility';
import { drained, resumed, wasDone } from './drain.ts';

const name = 'steer-facility';
const NoData = z.object({});

/** Nothing more is placed there; what runs goes on. @throws input-invalid for an end that is past */
const drain = async (command: CommandOf<typeof DrainWish>, deps: Deps): Promise<void> => {
  const { untilAt } = command.data;
  if (untilAt !== undefined && Date.parse(untilAt) <= Date.parse(command.at))
    throw new PapilioError('input-invalid', `untilAt: ${untilAt} is past`);
  await turn(command, deps, 'facility.drained', ({ doc }) => drained(doc, command, untilAt));
};

/** What waits is placed at once. @throws facility-not-drained */
const resume = (command: CommandOf<typeof NoData>, deps: Deps): Promise<void> =>
  turn(command, deps, 'facility.resumed', ({ doc }) => {
    if (!doc.drain) throw new PapilioError('facility-not-drained', `${doc.name} takes work`);
    return resumed(doc, command);
  });

/** The record first, then the broker looks at all that waits: a kill in between repeats the second. */
const turn = async (
  command: Omit<Command, 'data'>,
  deps: Deps,
  type: 'facility.drained' | 'facility.resumed',
  decide: (site: Stored<Facility>) => Facility,
): Promise<void> => {
  const { id: commandId, subject, ifVersion, by, why } = command;
  await untilNoConflict(async () => {
    const site = await facilities.need(deps.store, subject);
    if (wasDone(site.doc, commandId)) return;
    if (ifVersion !== undefined && ifVersion !== site.version)
      throw new PapilioError('version-outdated', `${subject} has version ${site.version}, not ${ifVersion}`);
    const after = decide(site);
    const data = { facility: after.name, who: by, why, ...(after.drain?.untilAt && { untilAt: after.drain.untilAt }) };
    const write = facilities.put(subject, after, site.version);
    await commit(deps, [change(deps, subject, write, { type, cause: commandId, by: name, data })]);
  });
  await tellBroker(deps);
};

/** Takes facilities out of work and back, in the order in which it is asked. @see 11.5 */
export const steerFacility = defineCommands(name, {
  'facility.drain': onAction(DrainWish, drain),
  'facility.resume': onAction(NoData, resume),
});
