import type { Watch } from '../definition.ts';
import { type Json, type JsonObject, own } from '../json.ts';
import type { Subject } from './subject.ts';

/** What was seen of a state while it was tested. */
export type Inspection = { readonly watch: Watch; readonly seen: ReadonlyMap<string, Json> };

/** Collects what is watched; the last value of a stage counts. */
export const newInspection = (): Inspection => {
  const seen = new Map<string, Json>();
  return { seen, watch: (stage, value) => void seen.set(stage, value) };
};

const INPUT = ['afterInputPath', 'afterParameters'] as const;
const OUTPUT = ['result', 'afterResultSelector', 'afterResultPath'] as const;
const MAP_INPUT = ['afterInputPath', 'afterItemsPath', 'afterItemSelector'] as const;
const MAP_LIMITS = ['maxConcurrency', 'toleratedFailureCount', 'toleratedFailurePercentage'] as const;
const AFTER_RESULT = ['afterResultSelector', 'afterResultPath'] as const;

/** The stages that AWS shows of a type of state; a Pass state with a Result shows no input, one without no result. */
const stagesOf = ({ type, fields, queryLanguage }: Subject): readonly string[] => {
  if ((own(fields, 'QueryLanguage') ?? queryLanguage) === 'JSONata') return JSONATA;
  if (type === 'Task') return [...INPUT, ...OUTPUT];
  if (type === 'Map') return [...MAP_INPUT, ...AFTER_RESULT, ...MAP_LIMITS];
  if (type === 'Parallel') return [...INPUT, ...AFTER_RESULT];
  if (type !== 'Pass') return ['afterInputPath'];
  return own(fields, 'Result') === undefined ? [...INPUT, ...AFTER_RESULT] : OUTPUT;
};

const JSONATA = ['afterArguments', 'result', 'afterItemsPath', 'afterItemSelector', ...MAP_LIMITS];
const NUMBERS = new Set<string>(MAP_LIMITS);

/** The inspection data of DEBUG and TRACE: values as JSON text, numbers as they are. */
export const inspectionData = (
  subject: Subject,
  input: Json,
  { seen }: Inspection,
  errorDetails: JsonObject | undefined,
): object => ({
  input: JSON.stringify(input),
  ...Object.fromEntries(
    stagesOf(subject).flatMap((stage) => {
      const value = seen.get(stage);
      return value === undefined ? [] : [[stage, NUMBERS.has(stage) ? value : JSON.stringify(value)]];
    }),
  ),
  ...(errorDetails && { errorDetails }),
});
