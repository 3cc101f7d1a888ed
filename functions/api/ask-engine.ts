import * as z from 'zod';
import { type ErrorCode, PapilioError } from '#lib/errors';
import type { Plane } from '../catalog.ts';
import type { Surroundings } from './surroundings.ts';

/** What an engine refuses, as papilio says it; the rest is the caller's to mend. */
const refusals: ReadonlyMap<string, ErrorCode> = new Map([
  ['ExecutionDoesNotExist', 'record-missing'],
  ['ExecutionNotRedrivable', 'execution-not-redrivable'],
  ['ExecutionLimitExceeded', 'execution-not-redrivable'],
  ['StateMachineDoesNotExist', 'record-missing'],
]);
const Refusal = z.object({ __type: z.string(), message: z.string() });

const refused = (plane: Plane, status: number, body: unknown): PapilioError => {
  const said = Refusal.safeParse(body);
  if (!said.success || status >= 500) {
    return new PapilioError(
      'plane-unavailable',
      `${plane} plane: its engine answered ${status} ${said.data?.message ?? ''}`,
    );
  }
  const { __type: type, message } = said.data;
  return new PapilioError(refusals.get(type) ?? 'input-invalid', message);
};

/** Asks a plane's engine by the name that AWS gives the operation; the answer is AWS's. @throws record-missing, execution-not-redrivable, input-invalid, plane-unavailable */
export const askEngine = async <S extends z.ZodType>(
  { engines }: Pick<Surroundings, 'engines'>,
  call: { readonly plane: Plane; readonly operation: string; readonly input: object },
  schema: S,
): Promise<z.output<S>> => {
  const { plane, operation, input } = call;
  const { status, body } = await engines[plane](operation, input);
  if (status !== 200) throw refused(plane, status, body);
  return schema.parse(body);
};
