import { expect, test } from 'vitest';
import { apiOperations, membersIn, membersOf } from '../builders/api-model.ts';
import { tourOfTheApi } from '../builders/api-tour.ts';
import { UNSET_MEMBERS } from '../builders/unset-members.ts';

test('answers have every member of the model but those that are known to be never given', async () => {
  const answers = await tourOfTheApi();
  const shapes = apiOperations.map(({ name }) => `${name}Output`);
  const given = new Set(
    [...answers].flatMap(([name, all]) => all.flatMap((answer) => [...membersOf(`${name}Output`, answer)])),
  );
  const known = new Set(shapes.flatMap((shape) => [...membersIn(shape)]));
  const missing = [...known].filter((member) => !given.has(member));
  expect(missing.toSorted()).toEqual(Object.keys(UNSET_MEMBERS).toSorted());
});
