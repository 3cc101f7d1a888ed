import { join } from 'node:path';
import { commit } from '#lib/change';
import { executionLogs } from '#lib/records';
import { systemClock } from '#lib/system-clock';
import { openSqliteStore } from '../../../functions/adapters/store/sqlite.ts';
import { accounts } from '../../../functions/catalog.ts';
import { openEngine } from '../../../local/engine/engine.ts';

const together = 500;
const definition = JSON.stringify({
  Comment: 'Ended executions of an aged folder.',
  StartAt: 'Done',
  States: { Done: { Type: 'Succeed' } },
});

const id = 'execution-log';

/** Says that the events of all executions so far are written: those of the STFs are, these stand for them. */
const notePosition = async (plane: string, position: number): Promise<void> => {
  const { store } = await openSqliteStore({ path: join(plane, 'store.db'), clock: systemClock });
  const version = (await executionLogs.get(store, id))?.version ?? 0;
  await commit({ store }, [], [executionLogs.put(id, { id, position }, version)]);
  await store.close();
};

/** Starts and ends so many executions in the engine of a stopped plane, as if their events had been written. */
export const writeExecutions = async (plane: string, count: number): Promise<void> => {
  if (count === 0) return;
  const account = accounts.work;
  const engine = await openEngine({
    folder: join(plane, 'engine'),
    account,
    invoke: async () => ({ ok: false, errorType: 'NoFunction', errorMessage: 'no function here' }),
  });
  const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:aged`;
  await engine.call('sfn', 'CreateStateMachine', {
    name: 'aged',
    definition,
    roleArn: `arn:aws:iam::${account}:role/papilio`,
  });
  for (let first = 0; first < count; first += together) {
    const names = Array.from({ length: Math.min(together, count - first) }, (_, at) => first + at);
    const input = JSON.stringify({ stfId: 'dev-local_stf_00000101-00000001', pass: 1 });
    await Promise.all(
      names.map((at) =>
        engine.call('sfn', 'StartExecution', {
          stateMachineArn,
          name: `dev-local_exec_bnl-1-aged-${String(at).padStart(8, '0')}`,
          input,
        }),
      ),
    );
  }
  const position = engine.executionsAfter(0).at(-1)?.position ?? 0;
  await engine.close();
  await notePosition(plane, position);
};
