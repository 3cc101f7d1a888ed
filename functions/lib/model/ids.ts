import { createHash } from 'node:crypto';

const maxLength = 80;
const pad = (value: number): string => String(value).padStart(8, '0');

/** Joins the parts of an id; a longer one is cut and ends in 8 hex of the hash of the whole. */
export const makeId = (instance: string, noun: string, name: string): string => {
  const whole = `${instance}_${noun}_${name.replace(/[^A-Za-z0-9_-]/g, '-')}`;
  if (whole.length <= maxLength) return whole;
  const hash = createHash('sha256').update(`${instance}_${noun}_${name}`).digest('hex').slice(0, 8);
  return `${whole.slice(0, maxLength - 9)}-${hash}`;
};

/** `00000001`: how a sequence number stands in keys, so that they sort as numbers do. */
export const sequenceKey = (sequence: number): string => pad(sequence);
/** `00102363`: how a run number stands in ids and keys. */
export const runKey = (run: number): string => pad(run);
/** `00102363-00000001`. */
export const stfKey = (run: number, sequence: number): string => `${pad(run)}-${pad(sequence)}`;

/** Under which key of the archive an STF lies: `00102363/swf.102363.000001.stf`. */
export const archiveKey = (run: number, stfFileName: string): string => `${runKey(run)}/${stfFileName}`;

/** The parts of an id; undefined if it is none. */
export const readId = (id: string): { instance: string; noun: string; name: string } | undefined => {
  const match = /^([A-Za-z0-9-]+)_([a-z]+)_([A-Za-z0-9_-]+)$/.exec(id);
  const [, instance, noun, name] = match ?? [];
  return instance && noun && name ? { instance, noun, name } : undefined;
};

/** The name in an id that papilio made, without wing and epoch: `00102363-00000001-p1`. */
export const ownNameOf = (id: string): string => readId(id)?.name.replace(/^[a-z]+-\d+-/, '') ?? id;

/** What people type for a run: `102363`, `00102363`, or its id. */
export const runIdFrom = (typed: string, instance: string): string | undefined => {
  if (/^\d{1,8}$/.test(typed)) return makeId(instance, 'run', pad(Number(typed)));
  return nounIdFrom(typed, 'run', instance);
};

/** What people type for an STF: `swf.102363.000001.stf`, `00102363-00000001`, or its id. */
export const stfIdFrom = (typed: string, instance: string): string | undefined => {
  const [, run, sequence] = /^swf\.(\d{1,8})\.(\d{6,8})\.stf$/.exec(typed) ?? /^(\d{8})-(\d{8})$/.exec(typed) ?? [];
  if (run && sequence) return makeId(instance, 'stf', stfKey(Number(run), Number(sequence)));
  return nounIdFrom(typed, 'stf', instance);
};

/** An id of `noun`, with or without its instance in front. */
export const nounIdFrom = (typed: string, noun: string, instance: string): string | undefined => {
  const full = typed.startsWith(`${noun}_`) ? `${instance}_${typed}` : typed;
  return readId(full)?.noun === noun ? full : undefined;
};
