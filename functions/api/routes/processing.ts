import { makeId } from '#lib/model/ids';
import { registerAction } from '../actions.ts';
import type { App, Surroundings } from '../surroundings.ts';

const actions = [
  {
    verb: 'suspend',
    summary: 'Hold processing',
    description: 'Archiving goes on; jobs that run run to their end; what comes waits until somebody resumes it.',
  },
  {
    verb: 'resume',
    summary: 'End an operator’s hold of processing',
    description: 'What waits is placed at once. What the detector’s state suspends, its state resumes.',
  },
] as const;

/** Suspends and resumes processing; how it stands is a facet, `/v1/state`. */
export const addProcessing = (app: App, surroundings: Surroundings): void => {
  for (const { verb, ...words } of actions)
    registerAction(app, surroundings, {
      ...words,
      path: `/v1/processing/${verb}`,
      action: `processing.${verb}`,
      tag: 'jobs',
      subject: () => makeId(surroundings.config.PAPILIO_INSTANCE, 'facet', 'processing'),
      targets: [{ plane: 'work', queue: 'steer-processing' }],
    });
};
