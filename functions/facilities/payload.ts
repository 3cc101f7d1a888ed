import type { Config } from '#lib/config';
import { tasks } from '#lib/model/task';
import type { Payload, PayloadInput } from '#schema/job';

/** What the configuration says of payloads. */
type Settings = Pick<
  Config,
  'PAPILIO_PAYLOAD_FOLDER' | 'PAPILIO_PAYLOAD_NODE' | 'PAPILIO_PAYLOAD_TALLY' | 'PAPILIO_PAYLOAD_FAULTS'
>;

/** The payload of a task for its inputs; undefined for a task that has none. */
export const payloadOf = (task: string, inputs: readonly PayloadInput[], settings: Settings): Payload | undefined => {
  const template = Object.hasOwn(tasks, task) ? tasks[task] : undefined;
  if (!template) return undefined;
  const fault = inputs.map((input) => settings.PAPILIO_PAYLOAD_FAULTS[input.name]).find((found) => found !== undefined);
  return {
    name: task,
    command: [settings.PAPILIO_PAYLOAD_NODE, `${settings.PAPILIO_PAYLOAD_FOLDER}/${template.program}`],
    environment: {
      // Beside the attempts' folders: compiled once, it halves the start of every later payload.
      NODE_COMPILE_CACHE: '../../.compile-cache',
      ...(settings.PAPILIO_PAYLOAD_TALLY === undefined
        ? {}
        : { PAPILIO_PAYLOAD_TALLY: settings.PAPILIO_PAYLOAD_TALLY }),
      ...(fault === undefined ? {} : { PAPILIO_PAYLOAD_BEHAVE: fault }),
    },
    inputs: [...inputs],
    ...(template.reads === 'run' && { inputList: 'inputs.jsonl' }),
    output: template.output,
  };
};
