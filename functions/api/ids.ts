import { PapilioError } from '#lib/errors';
import { makeId, nounIdFrom, readId, runIdFrom, stfIdFrom } from '#lib/model/ids';

const refuse = (noun: string, typed: string, forms: string): never => {
  throw new PapilioError('input-invalid', `${noun}: ${JSON.stringify(typed.slice(0, 100))} is not ${forms}`);
};

/** An STF's id out of what people type. @throws input-invalid */
export const stfIdOf = (typed: string, instance: string): string =>
  stfIdFrom(typed, instance) ??
  refuse('stf', typed, 'swf.<run>.<sequence>.stf, <run>-<sequence> in eight digits each, or an id');

/** A run's id out of what people type. @throws input-invalid */
export const runIdOf = (typed: string, instance: string): string =>
  runIdFrom(typed, instance) ?? refuse('run', typed, 'a run number or an id');

/** The run's number out of its id. */
export const runNumberOf = (runId: string): number => Number(readId(runId)?.name);

/** A job's id, with or without the instance. @throws input-invalid */
export const jobIdOf = (typed: string, instance: string): string =>
  nounIdFrom(typed, 'job', instance) ?? refuse('job', typed, 'a job id, with or without its instance');

/** A quarantine record's id, with or without the instance. @throws input-invalid */
export const quarantineIdOf = (typed: string, instance: string): string =>
  nounIdFrom(typed, 'quarantine', instance) ?? refuse('quarantine', typed, 'the id of a quarantined message');

/** A command's id, with or without the instance. @throws input-invalid */
export const commandIdOf = (typed: string, instance: string): string =>
  nounIdFrom(typed, 'command', instance) ?? refuse('command', typed, 'the id of a command');

/** A facility's id out of its name or id. @throws input-invalid */
export const facilityIdOf = (typed: string, instance: string): string =>
  /^[a-z][a-z0-9-]{0,30}$/.test(typed)
    ? makeId(instance, 'facility', typed)
    : (nounIdFrom(typed, 'facility', instance) ?? refuse('facility', typed, 'a facility’s name or id'));
