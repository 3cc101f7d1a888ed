import { PapilioError } from '#lib/errors';
import { accounts, machines, type Plane } from '../catalog.ts';
import type { Surroundings } from './surroundings.ts';

/** What a look at executions needs. */
export type Reading = Pick<Surroundings, 'engines' | 'config' | 'feed' | 'clock'>;

/** Where an execution runs. */
export type Place = { readonly plane: Plane; readonly machine: string };

/** AWS's protocol tells moments in seconds since 1970. */
export const isoOf = (atS: number): string => new Date(Math.round(atS * 1000)).toISOString();

/** The machines of papilio, those of a plane, or one. @throws record-missing */
export const placesOf = (plane: Plane | undefined, machine: string | undefined): readonly Place[] => {
  const all = Object.entries(machines).map(([name, at]): Place => ({ plane: at, machine: name }));
  const wanted = all.filter(
    (place) => (plane ?? place.plane) === place.plane && (machine ?? place.machine) === place.machine,
  );
  if (wanted.length > 0) return wanted;
  const where = plane === undefined ? 'papilio' : `the ${plane} plane`;
  throw new PapilioError('record-missing', `${machine ?? 'any'} is no state machine of ${where}`);
};

/** Where the children of a distributed Map run: the Map's label stands behind its machine's name. @throws record-missing */
export const childPlace = (machine: string): Place => {
  const [parent] = placesOf(undefined, machine.split('/')[0]);
  return { plane: parent?.plane ?? 'work', machine };
};

/** An ARN of a place's account. */
export const arnOf = ({ plane, machine }: Place, kind: string, region: string, name = ''): string =>
  `arn:aws:states:${region}:${accounts[plane]}:${kind}:${machine}${name && `:${name}`}`;

/** What is not there is no failure while it is looked for. */
export const orMissing =
  <T>(instead: T) =>
  (thrown: unknown): T => {
    if (thrown instanceof PapilioError && thrown.kind === 'Missing') return instead;
    throw thrown;
  };
