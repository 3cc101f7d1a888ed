import { commit } from '#lib/change';
import { createIds } from '#lib/ids';
import { outputs } from '#lib/records';
import type { Output } from '#schema/output';
import type { TestApi } from './an-api.ts';

const ids = createIds('prod', 'bnl', 1);
const at = '2026-01-01T12:00:00.000Z';

type Options = { readonly run?: number; readonly name?: string; readonly merge?: Output['merge'] };

/** Registers an output with these bytes. */
export const anOutput = async (
  api: Pick<TestApi, 'outputs' | 'planes'>,
  bytes: Uint8Array,
  { run = 102363, name = `${String(run).padStart(8, '0')}-run-p1-merged`, merge }: Options = {},
): Promise<Output> => {
  const id = ids.output(name);
  const objectKey = `${ids.run(run)}/${id}.json`;
  const { created: _, ...facts } = await api.outputs.putBytes(objectKey, bytes);
  const output: Output = {
    ...{ id, runId: ids.run(run), pass: 1, name: `${id}.json`, objectKey, ...facts, registeredAt: at },
    ...(merge && { merge }),
    provenance: {
      ...{ inputs: [], inputCount: 0, payload: { name: 'run-merge' }, jobId: 'j', attemptId: 'a' },
      ...{ facility: 'local', executionId: 'e', build: 'test' },
    },
  };
  await commit(api.planes.work, [], [outputs.put(id, output, 0)]);
  return output;
};
