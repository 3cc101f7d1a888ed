/** A recording with something odd in it, and the account that a person who counted by hand would give of it. */
export type OddRecording = {
  readonly name: string;
  readonly lines: readonly string[];
  readonly code: 0 | 1;
  /** Kinds of its shortfalls, in the order of the account. */
  readonly shortfalls: readonly string[];
  /** STFs seen, archived and processed. */
  readonly counts: readonly [number, number, number];
};

const run = 3001;
type Fields = Readonly<Record<string, unknown>>;
const stampOf = (second: number, year = 2026): string =>
  `${year}-11-24T06:${String(Math.floor(second / 60)).padStart(2, '0')}:${String(second % 60).padStart(2, '0')}.000000`;
const lineOf = (second: number, fields: Fields): string =>
  JSON.stringify({
    destination: '/topic/epictopic',
    tick: second,
    body: { run_id: run, timestamp: stampOf(second), simulation_tick: second, ...fields },
  });

const physics = { state: 'run', substate: 'physics' };
const begin = (of = run): string[] => [
  lineOf(0, { msg_type: 'run_imminent', state: 'beam', substate: 'not_ready', run_id: of }),
  lineOf(1, { msg_type: 'start_run', ...physics, run_id: of }),
];
const stf = (sequence: number, fields: Fields = {}, of = run): string =>
  lineOf(1 + (sequence % 50), {
    msg_type: 'stf_gen',
    filename: `swf.${of}.${String(sequence).padStart(6, '0')}.stf`,
    sequence,
    run_id: of,
    ...physics,
    ...fields,
  });
const end = (total: number, of = run): string =>
  lineOf(58, { msg_type: 'end_run', total_stf_files: total, run_id: of });
/** A line that was cut in the middle. */
const cut = (line: string): string => line.slice(0, Math.floor(line.length / 2));

const unread = ['messages-unread'];

/** What was seen to end with exit code 0 though something was held or missing, and what rightly does. */
export const oddRecordings: readonly OddRecording[] = [
  { name: 'a whole run', lines: [...begin(), stf(1), stf(2), end(2)], code: 0, shortfalls: [], counts: [2, 2, 2] },
  {
    name: 'a line cut in the middle',
    lines: [...begin(), stf(1), cut(stf(2)), stf(3), end(2)],
    code: 1,
    shortfalls: unread,
    counts: [2, 2, 2],
  },
  {
    name: 'a sequence that is a word',
    lines: [...begin(), stf(1), stf(2, { sequence: 'two' }), end(1)],
    code: 1,
    shortfalls: unread,
    counts: [1, 1, 1],
  },
  {
    name: 'a file name of another sequence',
    lines: [...begin(), stf(1), stf(7, { sequence: 2 }), end(1)],
    code: 1,
    shortfalls: unread,
    counts: [1, 1, 1],
  },
  {
    name: 'a message without a type',
    lines: [...begin(), stf(1), stf(2, { msg_type: undefined }), end(1)],
    code: 1,
    shortfalls: unread,
    counts: [1, 1, 1],
  },
  {
    name: 'a message of an unknown type',
    lines: [...begin(), stf(1), stf(2, { msg_type: 'stf_generated' }), end(1)],
    code: 1,
    shortfalls: unread,
    counts: [1, 1, 1],
  },
  {
    name: 'three lines that are no messages',
    lines: [...begin(), stf(1), 'garbage', '{}', '[]', end(1)],
    code: 1,
    shortfalls: unread,
    counts: [1, 1, 1],
  },
  {
    name: 'fewer STFs than end_run announced',
    lines: [...begin(), stf(1), stf(2), end(5)],
    code: 1,
    shortfalls: ['stfs-missing'],
    counts: [2, 2, 2],
  },
  {
    name: 'a second run with an unreadable STF',
    lines: [
      ...begin(),
      stf(1),
      end(1),
      ...begin(3002),
      stf(1, {}, 3002),
      stf(2, { sequence: 'two' }, 3002),
      end(2, 3002),
    ],
    code: 1,
    shortfalls: ['stfs-missing', 'messages-unread'],
    counts: [2, 2, 2],
  },
  {
    name: 'an end before the beginning',
    lines: [lineOf(0, { msg_type: 'end_run', total_stf_files: 2 }), ...begin().slice(1), stf(1), stf(2)],
    code: 1,
    shortfalls: ['messages-held'],
    counts: [2, 2, 2],
  },
  { name: 'no end', lines: [...begin(), stf(1), stf(2)], code: 0, shortfalls: [], counts: [2, 2, 2] },
  { name: 'neither beginning nor end', lines: [stf(1), stf(2)], code: 0, shortfalls: [], counts: [2, 2, 2] },
  {
    name: 'a gap, and more STFs than end_run announced',
    lines: [...begin(), stf(0), stf(1), stf(3), end(1)],
    code: 0,
    shortfalls: [],
    counts: [3, 3, 3],
  },
  {
    name: 'a file that does not match its checksum',
    lines: [...begin(), stf(1), stf(2, { sim: { seed: 2, fault: { kind: 'wrong-checksum' } } }), end(2)],
    code: 1,
    shortfalls: ['stfs-not-archived', 'stfs-failed', 'messages-held'],
    counts: [2, 1, 1],
  },
  { name: 'nothing', lines: [], code: 1, shortfalls: ['nothing-announced'], counts: [0, 0, 0] },
  { name: 'no messages at all', lines: ['garbage', 'more of it'], code: 1, shortfalls: unread, counts: [0, 0, 0] },
];
