import { aCommand } from '../builders/a-command.ts';
import { aPeriod } from '../builders/a-period.ts';
import { machineOf } from '../builders/a-states-part.ts';
import { indexRun } from '../builders/a-tf-story.ts';
import { tellWork } from '../builders/a-work-story.ts';
import { anApi, type TestApi } from '../builders/an-api.ts';
import { anOutput } from '../builders/an-output.ts';
import { archiveStf, endCommand, processStf, quarantineStf, tellRun } from '../builders/an-stf-story.ts';
import { keepToken } from './http-api-access-routes.ts';
import { commandId, execution, first, quarantineId, second } from './http-api-routes.ts';

/** The API with something of everything. */
export const aFullApi = async (): Promise<TestApi> => {
  const api = await anApi({
    jobLogs: { read: async () => ({ text: 'read 7 hits\n', endByte: 12, isFinal: true }) },
    onCommand: (command, plane) => endCommand(api.planes[plane], plane, command),
  });
  await tellRun(api.planes.work, first.run);
  await aPeriod(api.planes.work);
  await tellWork(api.planes.work);
  await keepToken(api);
  await archiveStf(api.planes.archive, first);
  await processStf(api.planes.work, first);
  await archiveStf(api.planes.archive, second);
  await quarantineStf(api.planes.archive, 'archive', first);
  await anOutput(api, Buffer.from('{"hits":7}'));
  await indexRun(api, 102365, [{ sequence: 1 }, { sequence: 3 }]);
  await endCommand(api.planes.archive, 'archive', aCommand('quarantine.discard', quarantineId, { id: commandId }));
  const machine = await api.engines.work.create(machineOf({ Do: { Type: 'Pass', End: true } }), 'process-stf');
  await api.engines.work.start(machine, { pass: 1 }, execution);
  const failing = await api.engines.work.create(machineOf({ Do: { Type: 'Fail', Error: 'SiteFault' } }), 'prepare-run');
  await api.engines.work.start(failing, {}, execution);
  await api.caughtUp();
  return api;
};
