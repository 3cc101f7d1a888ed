import { settleDaqMessage } from '../../functions/daq/settle-daq-message.fn.ts';
import { quarantineId, quarantineMessage } from '../../functions/lib/quarantine.ts';
import type { Command } from '../../functions/lib/schema/command.ts';
import type { DaqMessage } from '../../functions/lib/schema/daq-message.ts';
import { settleMessage } from '../../functions/streaming/settle-message.fn.ts';
import { aDeps, type TestDeps } from './a-deps.ts';
import { anApi, type TestApi } from './an-api.ts';

type PlaneName = 'archive' | 'work';
const settlers = { archive: settleMessage, work: settleDaqMessage };

/** The API with planes that carry out commands, and hold messages. */
export type ApiWithPlanes = TestApi & {
  readonly deps: Readonly<Record<PlaneName, TestDeps>>;
  /** Before a plane takes a command. */
  onCommand: (command: Command) => unknown;
  /** While set, planes leave commands in their queues. */
  isBusy: boolean;
  /** Lets the planes carry out what is in their queues, in order. */
  readonly work: () => Promise<void>;
  /** Lets a plane hold a message; gives the id under which it does. */
  readonly hold: (plane: PlaneName, message: DaqMessage) => Promise<string>;
};

/** Makes it; dispose of it at the end. */
export const anApiWithPlanes = async (): Promise<ApiWithPlanes> => {
  const queued: { readonly command: Command; readonly plane: PlaneName }[] = [];
  const api = await anApi({
    onCommand: async (command, plane) => {
      queued.push({ command, plane });
      if (!whole.isBusy) await whole.work();
    },
  });
  const depsOf = (plane: PlaneName) =>
    aDeps({ plane, store: api.planes[plane].store, environment: { PAPILIO_INSTANCE: 'prod' } });
  const whole: ApiWithPlanes = {
    ...api,
    deps: { archive: depsOf('archive'), work: depsOf('work') },
    onCommand: () => undefined,
    isBusy: false,
    work: async () => {
      for (const { command, plane } of queued.splice(0)) {
        await whole.onCommand(command);
        await settlers[plane].run(command, whole.deps[plane]);
      }
    },
    hold: async (plane, message) => {
      const problem = message.problem ?? { code: 'stf-file-lost', reason: 'it never came' };
      await quarantineMessage(message, problem, 'accept-message', whole.deps[plane]);
      return quarantineId(message, whole.deps[plane]);
    },
  };
  return whole;
};
