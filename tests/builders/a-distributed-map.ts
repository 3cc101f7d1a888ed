import { machineOf, type TestStates } from './a-states-part.ts';

/** A machine of one distributed Map, `each`, whose children have one state. */
export const aDistributedMap = (state: object, fields: object = {}, executionType = 'STANDARD'): object =>
  machineOf({
    Each: {
      Type: 'Map',
      Label: 'each',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: executionType },
        StartAt: 'One',
        States: { One: { ...state, End: true } },
      },
      ...fields,
      End: true,
    },
  });

/** The ARN of the latest map run of an execution. */
export const mapRunOf = async (states: TestStates, executionArn: string): Promise<string> => {
  const { mapRuns } = await states.call('ListMapRuns', { executionArn });
  return Array.isArray(mapRuns) ? String(mapRuns[0]?.mapRunArn) : '';
};
