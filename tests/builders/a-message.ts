import { createIds } from '#lib/ids';
import type { DaqMessage, StfFact } from '#schema/daq-message';
import { envelopeOf } from '../../clients/bridge/envelope.ts';

type Fields = Readonly<Record<string, unknown>>;
const ids = createIds('test', 'bnl', 1);
const receivedAt = '2026-01-01T00:00:00.000Z';

/** A message as the bridge sends it, from whatever bytes the DAQ sent. */
export const aMessageOf = (body: string, at = receivedAt): DaqMessage =>
  envelopeOf({ destination: '/topic/epictopic', body }, at, ids.message);

/** A message in the runner's dialect: `aMessage('start_run')`, `aMessage('end_run', { total_stf_files: 3 })`. */
export const aMessage = (msgType: string, fields: Fields = {}): DaqMessage =>
  aMessageOf(
    JSON.stringify({ msg_type: msgType, run_id: 102_363, timestamp: '2026-01-01T00:00:00.000001', ...fields }),
  );

/** An STF's message, read and legal. */
export type AnStfMessage = DaqMessage & { readonly fact: StfFact };

/** The message of an STF: `anStfMessage(3)`, `anStfMessage(3, { size: 10 })`. */
export const anStfMessage = (sequence: number, fields: Fields = {}): AnStfMessage => {
  const run = typeof fields.run_id === 'number' ? fields.run_id : 102_363;
  const filename = `swf.${run}.${String(sequence).padStart(6, '0')}.stf`;
  const message = aMessage('stf_gen', { filename, sequence, state: 'run', substate: 'physics', ...fields });
  if (message.fact?.type !== 'stf_gen') throw new RangeError(`no STF message: ${JSON.stringify(message.problem)}`);
  return { ...message, fact: message.fact };
};

/** A run's life in the runner's dialect, a second between its messages. */
export const aLife = (...types: readonly string[]): DaqMessage[] =>
  types.map((type, at) =>
    aMessage(type, { timestamp: `2026-01-01T00:00:${String(at).padStart(2, '0')}.000000`, simulation_tick: at }),
  );
