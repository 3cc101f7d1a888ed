import type { Check } from '#schema/check-up';
import type { PlaneView, Version } from '#schema/status';
import { oldestNode, ownVersion } from '../own-version.ts';

/** `0.1.0` of `papilio-0.1.0+1a2b3c4d5e6f`. */
const releaseOf = (build: string): string => /^papilio-(\d+\.\d+\.\d+)/.exec(build)?.[1] ?? build;

const numbersOf = (release: string): number[] => release.split('.').map(Number);

/** Negative if the first release is the older one. */
const compare = (a: string, b: string): number => {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  const at = left.findIndex((number, index) => number !== right[index]);
  return at === -1 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
};

const frontCheck = ({ build }: Version): Check => {
  const about = { check: 'version', of: 'front' } as const;
  const order = compare(releaseOf(build), ownVersion);
  if (order === 0) return { ...about, level: 'ok', what: build };
  const what = `${build}, ${order < 0 ? 'older' : 'newer'} than this command line (${ownVersion})`;
  const todo =
    order < 0 ? 'Update papilio, or ask it by the command line of its own release.' : 'Update this command line.';
  return { ...about, level: order < 0 ? 'problem' : 'warning', what, todo };
};

/** Planes and front are one house: half of it may have been left by an update. */
const planeCheck = ({ name, build, node }: PlaneView, front: string): Check => {
  const about = { check: 'version', of: `${name} plane` } as const;
  if (build === undefined) {
    const todo = 'Stop papilio and start it again, so that all of it is of one build.';
    return { ...about, level: 'problem', what: `does not say its build: it is older than the front (${front})`, todo };
  }
  const what = `${build}${node === undefined ? '' : `, Node ${node}`}`;
  if (build === front) return { ...about, level: 'ok', what };
  return {
    ...about,
    level: 'problem',
    what: `${what}, but the front is ${front}`,
    todo: 'Stop papilio and start it again, so that all of it is of one build.',
  };
};

/** What this command line is, and the Node that runs it. */
export const ownVersionCheck = (node = process.versions.node): Check => {
  const about = { check: 'version', of: 'command line' } as const;
  const what = `papilio-${ownVersion}, Node v${node}`;
  if (Number(node.split('.')[0]) >= oldestNode) return { ...about, level: 'ok', what };
  return { ...about, level: 'problem', what, todo: `Install Node ${oldestNode} or newer.` };
};

/** Whether what answers is of one build, and of this command line's release. */
export const versionChecks = (version: Version, planes: readonly PlaneView[] = []): Check[] => [
  frontCheck(version),
  ...planes.filter(({ isAlive }) => isAlive).map((plane) => planeCheck(plane, version.build)),
];
