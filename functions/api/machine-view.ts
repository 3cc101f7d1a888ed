import * as z from 'zod';
import { jsonOf } from '#lib/model/json';
import type { WorkflowLine, WorkflowView } from '#schema/catalogue';
import { askEngine } from './ask-engine.ts';
import { arnOf, isoOf, type Place } from './execution-place.ts';
import type { Surroundings } from './surroundings.ts';

type Reading = Pick<Surroundings, 'engines' | 'config'>;

const Described = z.object({ definition: z.string(), creationDate: z.number(), updateDate: z.number().optional() });
const Machine = z.looseObject({
  Comment: z.string().optional(),
  States: z.record(z.string(), z.unknown()).default({}),
});

/** A state machine as its plane has it. @throws record-missing, plane-unavailable */
export const describeMachine = async (place: Place, around: Reading): Promise<WorkflowView> => {
  const stateMachineArn = arnOf(place, 'stateMachine', around.config.PAPILIO_REGION);
  const call = { plane: place.plane, operation: 'DescribeStateMachine', input: { stateMachineArn } };
  const { definition, creationDate, updateDate } = await askEngine(around, call, Described);
  const machine = Machine.parse(jsonOf(definition));
  return {
    name: place.machine,
    plane: place.plane,
    ...(machine.Comment !== undefined && { comment: machine.Comment }),
    states: Object.keys(machine.States).length,
    updatedAt: isoOf(updateDate ?? creationDate),
    definition: machine,
  };
};

/** The same without its definition. */
export const lineOfMachine = ({ definition: _, ...line }: WorkflowView): WorkflowLine => line;
