import { type ErrorCode, PapilioError } from '#lib/errors';

const codes: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ResourceNotFoundException: ['store-unavailable', 'the table is not there: create it first'],
  ValidationException: ['bug', 'DynamoDB refuses the call'],
  IdempotentParameterMismatchException: ['bug', 'one token stood for two transactions'],
};

const textOf = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return String(thrown);
  // A connection that is refused at several addresses has a message for each, and none of its own.
  const messages = thrown instanceof AggregateError ? thrown.errors.map(textOf) : [];
  return `${thrown.name}: ${thrown.message || messages.join(', ')}`;
};

/** An index that a table lacks, or that is still being filled. */
const isAboutIndex = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.name === 'ValidationException' && /\bindex\b/i.test(thrown.message);

const known = (thrown: unknown): readonly [ErrorCode, string | undefined] => {
  if (isAboutIndex(thrown))
    return ['store-unavailable', 'an index is not there yet: bring the table to its definition'];
  return codes[thrown instanceof Error ? thrown.name : ''] ?? ['store-unavailable', undefined];
};

/** Anything that a call to DynamoDB threw, as a catalogue error; what no one can mend by asking otherwise is tried again. */
export const dynamoErrorOf = (thrown: unknown, table: string): PapilioError => {
  if (thrown instanceof PapilioError) return thrown;
  const [code, hint] = known(thrown);
  const reason = `table ${table}: ${textOf(thrown)}`;
  return new PapilioError(code, hint === undefined ? reason : `${reason} (${hint})`, thrown);
};

/** Errors that the same call may not meet again, and that the SDK leaves to us; it tries throttled calls again itself. */
export const passing: ReadonlySet<string> = new Set(['TransactionInProgressException', 'TransactionConflictException']);

/** Reasons for which a transaction was cancelled and that pass likewise: of these the SDK knows nothing. */
export const passingReasons: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

/** How often a call is made before papilio says that the store does not answer, beside what the SDK does. */
export const triesPerCall = 12;
