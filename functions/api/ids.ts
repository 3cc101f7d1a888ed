import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { makeId, nounIdFrom, readId, runIdFrom, stfIdFrom } from '#lib/model/ids';

const refuse = (noun: string, typed: string, forms: string): never => {
  throw new PapilioError('input-invalid', `${noun}: ${JSON.stringify(typed.slice(0, 100))} is not ${forms}`);
};

/** An id of a noun, with or without its instance in front; `name` is how its last part reads. */
const idForm = (noun: string, name = '[A-Za-z0-9_-]+'): string => `(?:[A-Za-z0-9-]+_)?${noun}_${name}`;

/** What people type for a thing, in one of some forms: the schema of a parameter, in the OpenAPI document as well. */
const typed = (forms: readonly string[], says: string, example: string) =>
  z
    .string()
    .max(80)
    .regex(new RegExp(`^(?:${forms.join('|')})$`), `is not ${says}`)
    .meta({ description: `${says[0]?.toUpperCase()}${says.slice(1)}`, examples: [example] });

/** What people type for a run. */
export const RunText = typed(['\\d{1,8}', idForm('run', '\\d{1,8}')], 'a run number or an id', '102363');
/** What people type for an STF. */
export const StfText = typed(
  ['swf\\.\\d{1,8}\\.\\d{6,8}\\.stf', '\\d{8}-\\d{8}', idForm('stf')],
  'a file name such as swf.102363.000001.stf, <run>-<sequence> in eight digits each, or an id',
  'swf.102363.000001.stf',
);
/** What people type for a job. */
export const JobText = typed([idForm('job')], 'a job id, with or without its instance', 'job_00102363-00000001-p1');
/** What people type for a held message. */
export const QuarantineText = typed(
  [idForm('quarantine')],
  'the id of a quarantined message',
  'quarantine_f7c04a444bbb408cabd4bdc86198a73f',
);
/** What people type for a command. */
export const CommandText = typed(
  [idForm('command')],
  'the id of a command',
  'command_5feceb66ffc86f38d952786c6d696c79',
);
const periodName = '[A-Za-z0-9][A-Za-z0-9-]{0,39}';
/** What people type for a run period. */
export const PeriodText = typed([periodName, idForm('period', periodName)], 'a period’s name or id', 'low-lumi');
/** What people type for a facility. */
export const FacilityText = typed(['[a-z][a-z0-9-]{0,30}', idForm('facility')], 'a facility’s name or id', 'local');
/** What people type for a bundle. */
export const BundleText = typed([idForm('bundle')], 'the id of a bundle', 'bundle_00102363-00000001-p1');
/** What people type for an output. */
export const OutputText = typed([idForm('output')], 'the id of an output', 'output_00102363-00000001-p1');
/** What people type for a thing that was made, or that something is made from. */
export const ProvenanceText = typed(
  ['swf\\.\\d{1,8}\\.\\d{6,8}\\.stf', '\\d{8}-\\d{8}', idForm('stf'), idForm('output')],
  'the id of an output, or an STF’s file name or id',
  'swf.102363.000001.stf',
);
/** What people type for what the broker said: of an attempt, or of a job that waits. */
export const PlacementText = typed(
  [idForm('attempt'), idForm('job')],
  'the id of an attempt or of a job',
  'job_00102363-00000001-p1',
);
/** What people type for a token of a machine. */
export const TokenText = typed(
  [idForm('token')],
  'the id of a token, with or without its instance',
  'token_5feceb66ffc86f38',
);
const arnStart = '(?:arn:[\\w-]+:states:[\\w-]+:\\d{12}:execution:)';
const machineName = '[\\w-]{1,80}(?:/[\\w-]{1,80})?';
const executionName = '[^\\s<>{}\\[\\]?*"#%\\\\^|~`$&,;:/\\u0000-\\u001f\\u007f-\\u009f]{1,80}';
/** What people type for an execution; the children of a Map have its label behind their machine's name. */
export const ExecutionText = z
  .string()
  .max(250)
  .regex(new RegExp(`^(?:${arnStart}?${machineName}:)?${executionName}$`), 'is not `<machine>:<name>`, or a name')
  .describe('`<machine>:<name>`, or a name that only one machine’s has');
/** A place in both logs, as an earlier answer gave it. */
export const PositionText = z
  .string()
  .max(40)
  .regex(/^a\d{1,15}-w\d{1,15}$/, 'does not read a<number>-w<number>')
  .meta({ examples: ['a1042-w99317'] });

/** An STF's id out of what people type. @throws input-invalid */
export const stfIdOf = (typed: string, instance: string): string =>
  stfIdFrom(typed, instance) ??
  refuse('stf', typed, 'swf.<run>.<sequence>.stf, <run>-<sequence> in eight digits each, or an id');

/** A run's id out of what people type. @throws input-invalid */
export const runIdOf = (typed: string, instance: string): string =>
  runIdFrom(typed, instance) ?? refuse('run', typed, 'a run number or an id');

/** The run's number out of its id. */
export const runNumberOf = (runId: string): number => Number(readId(runId)?.name);

/** Reads the id of a noun, with or without the instance in front. @throws input-invalid */
const idOf =
  (noun: string, says: string) =>
  (typed: string, instance: string): string =>
    nounIdFrom(typed, noun, instance) ?? refuse(noun, typed, says);

/** A job's id, with or without the instance. @throws input-invalid */
export const jobIdOf = idOf('job', 'a job id, with or without its instance');

/** A quarantine record's id, with or without the instance. @throws input-invalid */
export const quarantineIdOf = idOf('quarantine', 'the id of a quarantined message');

/** A command's id, with or without the instance. @throws input-invalid */
export const commandIdOf = idOf('command', 'the id of a command');

/** A machine token's id, with or without the instance. @throws input-invalid */
export const tokenIdOf = idOf('token', 'the id of a token');

/** A bundle's id, with or without the instance. @throws input-invalid */
export const bundleIdOf = idOf('bundle', 'the id of a bundle');

/** An output's id, with or without the instance. @throws input-invalid */
export const outputIdOf = idOf('output', 'the id of an output');

/** A facility's id out of its name or id. @throws input-invalid */
export const facilityIdOf = (typed: string, instance: string): string =>
  /^[a-z][a-z0-9-]{0,30}$/.test(typed)
    ? makeId(instance, 'facility', typed)
    : idOf('facility', 'a facility’s name or id')(typed, instance);

/** A facility's name out of its name or id. @throws input-invalid */
export const facilityNameOf = (typed: string, instance: string): string =>
  readId(facilityIdOf(typed, instance))?.name ?? typed;

/** The id of an STF or an output out of what people type. @throws input-invalid */
export const madeIdOf = (typed: string, instance: string): string =>
  nounIdFrom(typed, 'output', instance) ?? stfIdOf(typed, instance);

/** The id of an attempt or a job, with or without the instance. @throws input-invalid */
export const placementIdOf = (typed: string, instance: string): string =>
  nounIdFrom(typed, 'attempt', instance) ?? jobIdOf(typed, instance);
