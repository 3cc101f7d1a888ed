import * as z from 'zod';
import { LifecycleType, type Remark, RunConditions } from './daq-lifecycle.ts';
import type { DaqFact, Problem } from './daq-message.ts';
import { DetectorState, DetectorSubstate } from './detector-state.ts';

/**
 * What the DAQ's two dialects say, turned into papilio's own facts. The DAQ owns both: `runner` stamps naive ISO times and
 * gives a sequence, `daqsim` stamps YYYYMMDDHHMMSS[ffffff] and gives checksum and size. Neither names a zone: UTC is read.
 */
export type Reading =
  | { readonly dialect: 'runner' | 'daqsim'; readonly fact: DaqFact }
  | { readonly dialect: 'unknown'; readonly problem: Problem };

/** Ids and keys have 8 digits for each. */
const maxRun = 99_999_999;
const maxSequence = 99_999_999;
/** Said on the same topics, between others. */
const notOurs: ReadonlySet<string> = new Set([
  'stf_ready',
  'data_ready',
  'tf_file_registered',
  'run_imminent_worker',
  'slice',
  'slice_result',
]);

const isoStamp = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|\+00:00)?$/, 'a time like 2026-11-24T06:39:12.559428');
const compactStamp = z.string().regex(/^\d{14}(\d{6})?$/, 'a time like 20261124063913 or 20261124063913059750');
/** A DAQ stamp as UTC ISO 8601 with microseconds: `2026-11-24T06:39:12.559428Z`. */
const utc = (text: string): string => {
  const [, y, mo, d, h, mi, s, f = ''] =
    /^(\d{4})-?(\d{2})-?(\d{2})T?(\d{2}):?(\d{2}):?(\d{2})\.?(\d{0,6})/.exec(text) ?? [];
  return `${y}-${mo}-${d}T${h}:${mi}:${s}.${f.padEnd(6, '0')}Z`;
};

/** A month 13 has the form of a time and is none. */
const isMoment = (text: string): boolean => !Number.isNaN(Date.parse(utc(text)));
const Stamp = z.union([isoStamp, compactStamp]).refine(isMoment, 'no such day or time');

const Wire = z.object({
  msg_type: z.string(),
  run_id: z.int('a whole number').min(0),
  timestamp: Stamp.optional(),
  ts: Stamp.optional(),
  start: compactStamp.refine(isMoment, 'no such day or time').optional(),
  simulation_tick: z.number().optional(),
  state: DetectorState.optional(),
  substate: DetectorSubstate.optional(),
  filename: z.string().optional(),
  sequence: z.int().min(0).optional(),
  size: z.unknown().optional(),
  checksum: z.unknown().optional(),
  run_conditions: z.unknown().optional(),
  total_stf_files: z.int().min(0).optional(),
  total_files: z.int().min(0).optional(),
});
type Wire = z.infer<typeof Wire>;

/** A field without which the message is as good: what it says, or the remark that it cannot be read. */
const beside = <S extends z.ZodType>(schema: S, value: unknown, rule: string): { read?: z.output<S>; odd?: Remark } => {
  if (value === undefined) return {};
  const parsed = schema.safeParse(value);
  if (parsed.success) return { read: parsed.data };
  return {
    odd: { rule, reason: `${JSON.stringify(value).slice(0, 80)} is ${firstIssue(parsed.error)}`.slice(0, 300) },
  };
};

const Size = z.int('not a whole number of bytes').min(0, 'not a number of bytes');
const Checksum = z.string('not ad:<8 hex digits>').regex(/^ad:[0-9a-f]{8}$/, 'not ad:<8 hex digits>');
const maxConditionsBytes = 2000;
const Conditions = RunConditions.refine(
  (conditions) => new TextEncoder().encode(JSON.stringify(conditions)).length <= maxConditionsBytes,
  `more than ${maxConditionsBytes} bytes`,
);

const remarked = (...odd: readonly (Remark | undefined)[]) => {
  const remarks = odd.filter((one) => one !== undefined);
  return remarks.length === 0 ? {} : { remarks };
};

const problem = (code: string, reason: string): Reading => ({ dialect: 'unknown', problem: { code, reason } });

/** Reads the body of a message; what cannot be read comes back as a problem that names its reason. */
export const readDaqBody = (text: string): Reading => {
  const body = objectOf(text);
  if (!body) return problem('message-unreadable', text === '' ? 'empty' : `not a JSON object: ${text.slice(0, 80)}`);
  const type = body.msg_type;
  if (typeof type !== 'string') return problem('message-invalid', 'msg_type is missing');
  if (notOurs.has(type)) return { dialect: 'runner', fact: { type: 'other', name: type } };
  if (type !== 'stf_gen' && !LifecycleType.safeParse(type).success) {
    return problem('message-type-unknown', `msg_type ${JSON.stringify(type.slice(0, 80))}`);
  }
  return readFields(body);
};

const readFields = (body: Record<string, unknown>): Reading => {
  const run = body.run_id;
  if (typeof run === 'number' && (run > maxRun || run < 0)) return problem('run-number-out-of-range', `run_id ${run}`);
  const parsed = Wire.safeParse(body);
  if (!parsed.success) return problem('message-invalid', firstIssue(parsed.error));
  const stamp = parsed.data.start ?? parsed.data.timestamp ?? parsed.data.ts;
  if (stamp === undefined) return problem('message-invalid', 'timestamp is missing');
  const dialect = /^\d{14}/.test(stamp) ? 'daqsim' : 'runner';
  const lifecycle = LifecycleType.safeParse(parsed.data.msg_type);
  if (!lifecycle.success) return readStf(parsed.data, stamp, dialect);
  return { dialect, fact: { type: lifecycle.data, ...common(parsed.data, stamp), ...aboutRun(parsed.data) } };
};

const readStf = (wire: Wire, stamp: string, dialect: 'runner' | 'daqsim'): Reading => {
  const name = wire.filename;
  if (name === undefined) return problem('message-invalid', 'filename is missing');
  const [, run, digits] = /^swf\.(\d{1,8})\.(\d{6,20})\.stf$/.exec(name) ?? [];
  if (run === undefined || digits === undefined) return problem('stf-name-invalid', JSON.stringify(name.slice(0, 120)));
  const sequence = Number(digits);
  if (sequence > maxSequence) return problem('stf-sequence-out-of-range', `${name}: sequence ${BigInt(digits)}`);
  if (digits.length > 8) return problem('stf-name-invalid', JSON.stringify(name));
  if (Number(run) !== wire.run_id) return problem('stf-name-mismatch', `${name} in a message of run ${wire.run_id}`);
  if (wire.sequence !== undefined && wire.sequence !== sequence)
    return problem('stf-name-mismatch', `${name} with sequence ${wire.sequence}`);
  const size = beside(Size, wire.size, 'stf-size-malformed');
  const checksum = beside(Checksum, wire.checksum, 'stf-checksum-malformed');
  const facts = {
    ...(size.read === undefined ? {} : { sizeBytes: size.read }),
    ...(checksum.read === undefined ? {} : { checksumAdler32: checksum.read.slice(3) }),
    ...remarked(size.odd, checksum.odd),
  };
  return { dialect, fact: { type: 'stf_gen', ...common(wire, stamp), name, sequence, ...facts } };
};

const common = (wire: Wire, stamp: string) => ({
  run: wire.run_id,
  stampedAt: utc(stamp),
  order: wire.simulation_tick ?? 0,
  ...(wire.state === undefined ? {} : { state: wire.state }),
  ...(wire.substate === undefined ? {} : { substate: wire.substate }),
});

const aboutRun = (wire: Wire) => {
  const totalStfs = wire.total_stf_files ?? wire.total_files;
  const { read: conditions, odd } = beside(Conditions, wire.run_conditions, 'run-conditions-malformed');
  return {
    ...(totalStfs === undefined ? {} : { totalStfs }),
    ...(conditions === undefined ? {} : { conditions }),
    ...remarked(odd),
  };
};

const firstIssue = (error: z.ZodError): string => {
  const issue = error.issues[0];
  return issue ? `${issue.path.join('.') || 'message'}: ${issue.message}` : 'message';
};

const objectOf = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
