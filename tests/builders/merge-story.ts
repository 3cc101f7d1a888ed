import { createChecksums } from '#lib/model/checksum';
import type { Frame } from '../../clients/bridge/envelope.ts';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { aHouseInMemory, type HouseInMemory } from './a-house-in-memory.ts';
import { aRandom } from './random.ts';

/** STFs that are processed in the end; a `late` one is announced after the end of the run, or after its merge, or later. */
const sound = ['good', 'good', 'late', 'wrong-first', 'file-late'] as const;
/** In half of the stories others are not: their payload fails, or no message announces them. */
const unsound = ['good', 'good', 'good', 'late', 'wrong-first', 'file-late', 'failing', 'lost'] as const;
type Fate = (typeof unsound)[number];

/** An STF of the story. */
export type StoryStf = {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly fate: Fate;
  readonly chapter: number;
};

/** A run whose processing lags, with files and announcements that come late, wrong, twice or never: the same for a seed. */
export type MergeStory = {
  readonly seed: number;
  readonly run: number;
  readonly stfs: readonly StoryStf[];
  /** As `end_run` has it; undefined if it has none. */
  readonly total: number | undefined;
  readonly closeS: number;
  readonly payloadLongestMs: number;
  /** The chapters follow each other while the run is merged; else each after the last has come to rest. */
  readonly isHurried: boolean;
  /** Frames that are sent together, with the files that DAQ leaves before. */
  readonly chapters: readonly { readonly frames: readonly Frame[]; readonly files: ReadonlyMap<string, Uint8Array> }[];
};

const run = 3001;
const chapters = 3;
const startedAt = new Date('2026-11-24T06:00:00Z');

type Body = Readonly<Record<string, unknown>>;

const bodiesOf = (count: number): Body[] => demoRecording(run, startedAt, count).map((line) => JSON.parse(line).body);
const frameOf = (body: Body): Frame => ({ destination: '/topic/epictopic', body: JSON.stringify(body) });

const announcing = (body: Body, bytes: Uint8Array, adler32?: string): Frame => {
  const checksums = createChecksums();
  checksums.update(bytes);
  const facts = checksums.digest();
  return frameOf({ ...body, size: facts.sizeBytes, checksum: `ad:${adler32 ?? facts.adler32}` });
};

/** Frames of an STF by the chapter in which they are sent. */
const framesOf = (body: Body, { bytes, fate, chapter }: StoryStf): ReadonlyMap<number, Frame> => {
  const good = announcing(body, bytes);
  if (fate === 'lost') return new Map();
  if (fate === 'late') return new Map([[chapter, good]]);
  if (fate === 'wrong-first')
    return new Map([
      [0, announcing(body, bytes, '00000001')],
      [chapter, good],
    ]);
  if (fate === 'file-late')
    return new Map([
      [0, good],
      [chapter, good],
    ]);
  return new Map([[0, good]]);
};

/** Makes the story of a seed. */
export const aMergeStory = (seed: number): MergeStory => {
  const random = aRandom(seed);
  const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(random() * from.length)] ?? from[0];
  const count = 2 + Math.floor(random() * 6);
  const fates = random() < 0.5 ? sound : unsound;
  const bodies = bodiesOf(count);
  const announcements = bodies.filter(({ msg_type: type }) => type === 'stf_gen');
  const end = bodies.at(-1) ?? {};
  const stfs = announcements.map(({ filename }): StoryStf => {
    const name = String(filename);
    return {
      name,
      bytes: Buffer.from(`hits of ${name}`),
      fate: pick<Fate>(fates),
      chapter: Math.floor(random() * chapters),
    };
  });
  const all = stfs.map((stf, at) => ({ stf, frames: framesOf(announcements[at] ?? {}, stf) }));
  // Of a third of the runs the DAQ counts all, of a third those that it had announced, of a third it gives no number.
  const announced = stfs.filter(({ fate }) => fate !== 'late' && fate !== 'lost').length;
  const total = pick([count, announced, undefined]);
  const { total_stf_files: _, ...bare } = end;
  const ending = frameOf(total === undefined ? bare : { ...bare, total_stf_files: total });
  const before = bodies.filter(({ msg_type: type }) => type !== 'stf_gen' && type !== 'end_run').map(frameOf);
  const inChapter = (chapter: number) => {
    const own = all.flatMap(({ stf, frames }) => (frames.has(chapter) ? [{ stf, frame: frames.get(chapter) }] : []));
    const isLate = ({ stf }: { readonly stf: StoryStf }) => stf.fate === 'late';
    const framed = (some: typeof own) => some.flatMap(({ frame }) => frame ?? []);
    const frames =
      chapter > 0
        ? framed(own)
        : [...before, ...framed(own.filter((one) => !isLate(one))), ending, ...framed(own.filter(isLate))];
    const left = own.filter(({ stf }) => stf.fate !== 'file-late' || stf.chapter === chapter);
    return { frames, files: new Map(left.map(({ stf }) => [stf.name, stf.bytes])) };
  };
  return {
    seed,
    run,
    stfs,
    total,
    closeS: pick([1, 5, 20]),
    payloadLongestMs: pick([1_000, 10_000, 40_000]),
    isHurried: random() < 0.5,
    chapters: Array.from({ length: chapters }, (_unused, chapter) => inChapter(chapter)),
  };
};

/** Plays a story to its end, in an instance of its own. */
export const playMergeStory = async (story: MergeStory): Promise<HouseInMemory> => {
  const house = await aHouseInMemory({
    seed: story.seed,
    files: new Map(),
    failing: new Set(story.stfs.filter(({ fate }) => fate === 'failing').map(({ name }) => name)),
    answersLost: 0.1,
    payloadLongestMs: story.payloadLongestMs,
    environment: { PAPILIO_TFS_PER_STF: '2', PAPILIO_RUN_CLOSE_S: String(story.closeS), PAPILIO_FILE_WAIT_S: '5' },
  });
  const leave = (files: ReadonlyMap<string, Uint8Array>): void => {
    for (const [name, bytes] of files) house.world.files.set(house.world.incoming.path(name), bytes);
  };
  if (story.isHurried) {
    for (const { files } of story.chapters) leave(files);
    const frames = story.chapters.flatMap((chapter) => chapter.frames);
    await house.play(frames, { groupMax: 2, gapLongestMs: story.payloadLongestMs });
    return house;
  }
  for (const { frames, files } of story.chapters) {
    leave(files);
    await house.play(frames);
  }
  return house;
};
