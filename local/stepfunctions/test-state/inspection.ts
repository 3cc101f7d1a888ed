import type { Watch } from '../definition.ts';
import { type Json, type JsonObject, own } from '../json.ts';
import type { Subject } from './subject.ts';

/** What was seen of a state while it was tested. */
export type Inspection = {
  readonly watch: Watch;
  readonly seen: ReadonlyMap<string, Json>;
  /** Whether what a connection adds to a request is shown. */
  readonly areSecretsShown: boolean;
};

/** Collects what is watched; the last value of a stage counts. */
export const newInspection = (areSecretsShown: boolean): Inspection => {
  const seen = new Map<string, Json>();
  return { seen, areSecretsShown, watch: (stage, value) => void seen.set(stage, value) };
};

const INPUT = ['afterInputPath', 'afterParameters'] as const;
const AFTER_RESULT = ['afterResultSelector', 'afterResultPath'] as const;
const OUTPUT = ['result', ...AFTER_RESULT] as const;
const ITEMS = ['afterItemsPath', 'afterItemsPointer'] as const;
const INPUTS = ['afterItemSelector', 'afterItemBatcher'] as const;
const LIMITS = ['maxConcurrency', 'toleratedFailureCount', 'toleratedFailurePercentage'] as const;

/** The stages that AWS shows of a type of state in JSONPath; a Pass state shows its Result, or its input. */
const PATH_STAGES: Readonly<Record<string, readonly string[]>> = {
  Task: [...INPUT, ...OUTPUT],
  Map: ['afterInputPath', ...ITEMS, ...INPUTS, ...AFTER_RESULT, ...LIMITS],
  Parallel: [...INPUT, ...AFTER_RESULT],
  Pass: [...INPUT, ...AFTER_RESULT],
};

const JSONATA_STAGES: Readonly<Record<string, readonly string[]>> = {
  Task: ['afterArguments', 'result'],
  Map: [...INPUTS, ...LIMITS],
  Parallel: ['afterArguments'],
};

const stagesOf = ({ type, fields, isJsonata }: Subject): readonly string[] => {
  if (isJsonata) return JSONATA_STAGES[type] ?? [];
  if (type === 'Pass' && own(fields, 'Result') !== undefined) return OUTPUT;
  return PATH_STAGES[type] ?? ['afterInputPath'];
};

const NUMBERS = new Set<string>(LIMITS);

/** What TRACE shows beside: what an HTTP task sent and got. */
const EXCHANGE = ['request', 'response'];

/** The inspection data of DEBUG and TRACE: values as JSON text, numbers as they are. */
export const inspectionData = (
  subject: Subject,
  input: Json,
  { seen }: Inspection,
  {
    errorDetails,
    variables,
    isTrace,
  }: { errorDetails: JsonObject | undefined; variables: JsonObject; isTrace: boolean },
): object => ({
  input: JSON.stringify(input),
  ...Object.fromEntries(
    stagesOf(subject).flatMap((stage) => {
      const value = seen.get(stage);
      return value === undefined ? [] : [[stage, NUMBERS.has(stage) ? value : JSON.stringify(value)]];
    }),
  ),
  ...Object.fromEntries([...seen].filter(([stage]) => isTrace && EXCHANGE.includes(stage))),
  ...(Object.keys(variables).length > 0 && { variables: JSON.stringify(variables) }),
  ...(errorDetails && { errorDetails }),
});
