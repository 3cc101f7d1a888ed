/** What a validation found, as `ValidateStateMachineDefinition` tells it. */
export type Finding = {
  readonly severity: 'ERROR' | 'WARNING';
  readonly code: string;
  readonly message: string;
  /** Where, as AWS writes it: `/States/Ask/Catch[0]/Next`; absent where AWS names no place. */
  readonly location?: string;
};

/** A definition of a megabyte can be wrong in a hundred thousand places; one more than this many are kept of each kind. */
export const MAX_FINDINGS = 100;

/** Thrown when there are as many errors as anybody is told: what else is wrong need not be looked for. */
export class Enough extends Error {}

/** Collects findings in the order they are made, no more than anybody is told. */
export class Findings {
  readonly errors: Finding[] = [];
  readonly warnings: Finding[] = [];

  error(code: string, message: string, location?: string): void {
    this.errors.push({ severity: 'ERROR', code, message, ...(location !== undefined && { location }) });
    if (this.errors.length > MAX_FINDINGS) throw new Enough();
  }

  /** The commonest error: the definition is not of the language's shape. */
  schema(location: string, message: string): void {
    this.error('SCHEMA_VALIDATION_FAILED', message, location || '/');
  }

  warning(code: string, message: string, location: string): void {
    if (this.warnings.length > MAX_FINDINGS) return;
    this.warnings.push({ severity: 'WARNING', code, message, location });
  }
}

/** The message of AWS's InvalidDefinition; an error without a place is "at null" there. */
export const describeFindings = (findings: readonly Finding[]): string => {
  const told = findings.map(({ code, message, location }) => `${code}: ${message} at ${location ?? 'null'}`);
  return `Invalid State Machine Definition: '${told.join(', ')}'`;
};
