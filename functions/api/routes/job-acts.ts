import * as z from 'zod';
import type { Belonging } from '#schema/access';
import type { Command } from '#schema/command';
import { registerAction } from '../actions.ts';
import { JobText, jobIdOf } from '../ids.ts';
import { needJob } from '../job-view.ts';
import type { Asked } from '../plugins/policy.ts';
import type { App, Surroundings } from '../surroundings.ts';

const Acted = z.object({ id: z.string() });

const acts = [
  {
    act: 'cancel',
    summary: 'End a job, wherever it is',
    description:
      'Its payload is ended with all its processes; what it left counts for nothing; its STF fails with `job-cancelled`. One that has come to its end first stays as it is: 409.',
  },
  {
    act: 'retry',
    summary: 'Have a job run again that failed or was cancelled',
    description:
      'It goes on with its next attempt. Where the announced file was at fault and the archived one is there, a further pass takes up its STF instead, as a job of its own.',
  },
] as const;

/** What people do to jobs. */
export const addJobActs = (app: App, surroundings: Surroundings): void => {
  const { records, config } = surroundings;
  const need = async (id: string) => needJob((await records('work')).store, id);
  const targets = async ({ subject }: Command) => {
    const { version, etag } = await need(subject);
    return { targets: [{ plane: 'work', queue: 'steer-jobs', version }] as const, etag };
  };
  const object = async (request: Asked): Promise<Belonging> => {
    const { owner } = (await need(jobIdOf(Acted.parse(request.params).id, config.PAPILIO_INSTANCE))).view;
    return { owner };
  };
  for (const { act, ...words } of acts)
    registerAction(app, surroundings, {
      ...words,
      path: `/v1/jobs/:id/${act}`,
      action: `job.${act}`,
      tag: 'jobs',
      id: JobText,
      subject: (typed) => jobIdOf(typed, config.PAPILIO_INSTANCE),
      object,
      targets,
    });
};
