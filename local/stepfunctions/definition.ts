import { isArray, isObject, type Json, type JsonObject, own } from './json.ts';

/** What is wrong with a definition, as AWS reports it. */
export type Diagnostic = { readonly code: string; readonly message: string; readonly at: string };

/** Sees the values that a state's data flow makes, by the name that TestState gives them. */
export type Watch = (stage: string, value: Json) => void;

/** The state that a part of a definition belongs to. */
type StateView = { readonly at: string; readonly isJsonata: boolean };

/** One object of a definition under inspection: typed reading of its fields, and a list of what is wrong with them. */
export class Definition {
  readonly fields: JsonObject;
  /** Where it lies, as AWS writes it: `/States/Ask/Catch[0]`. */
  readonly at: string;
  readonly diagnostics: Diagnostic[];
  /** Only while a single state is tested; what it watches is decided when the state is compiled. */
  readonly watch: Watch | undefined;
  /** Absent outside of states. */
  readonly state: StateView | undefined;
  readonly problemAt = (at: string, message: string): void => this.report('SCHEMA_VALIDATION_FAILED', at, message);

  constructor(fields: JsonObject, at: string, diagnostics: Diagnostic[], watch?: Watch, state?: StateView) {
    this.fields = fields;
    this.at = at;
    this.diagnostics = diagnostics;
    this.watch = watch;
    this.state = state;
  }

  /** True where expressions are JSONata, false where they are paths. */
  get isJsonata(): boolean {
    return this.state?.isJsonata === true;
  }

  /** The same place as a state of a query language. */
  ofState(isJsonata: boolean): Definition {
    return new Definition(this.fields, this.at, this.diagnostics, this.watch, { at: this.at, isJsonata });
  }

  /** Where a field lies within its state, as AWS writes it: `Choices[0]/Condition`. */
  location(field: string): string {
    const inner = this.at.slice((this.state?.at ?? '').length + 1);
    return inner === '' ? field : `${inner}/${field}`;
  }

  report(code: string, at: string, message: string): void {
    this.diagnostics.push({ code, at: at || '/', message });
  }

  problem(field: string, message: string): void {
    this.problemAt(`${this.at}/${field}`, message);
  }

  has(field: string): boolean {
    return own(this.fields, field) !== undefined;
  }

  /** Complains about fields that are not in the list. */
  allow(fields: ReadonlySet<string>): void {
    for (const field of Object.keys(this.fields)) {
      if (!fields.has(field)) this.problem(field, `Field '${field}' is not supported`);
    }
  }

  text(field: string): string | undefined {
    const value = own(this.fields, field);
    if (value === undefined || typeof value === 'string') return value;
    this.problem(field, 'Expected value of type String');
    return undefined;
  }

  requiredText(field: string): string | undefined {
    if (!this.has(field)) this.problemAt(this.at, `The field '${field}' is required but was missing`);
    return this.text(field);
  }

  /** A number within [least, most]. */
  number(field: string, least: number, most: number, isInteger = true): number | undefined {
    const value = own(this.fields, field);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value >= least && value <= most && (!isInteger || Number.isInteger(value)))
      return value;
    this.problem(field, `Expected ${isInteger ? 'an integer' : 'a number'} between ${least} and ${most}`);
    return undefined;
  }

  /** The elements of an array of objects. */
  objects(field: string): Definition[] {
    const value = own(this.fields, field);
    if (value === undefined) return [];
    if (!isArray(value)) {
      this.problem(field, 'Expected value of type Array');
      return [];
    }
    return value.flatMap((item, at) => this.#view(item, `${this.at}/${field}[${at}]`) ?? []);
  }

  object(field: string): Definition | undefined {
    const value = own(this.fields, field);
    return value === undefined ? undefined : this.#view(value, `${this.at}/${field}`);
  }

  texts(field: string): string[] {
    const value = own(this.fields, field);
    if (isArray(value) && value.length > 0) {
      const texts = value.filter((item) => typeof item === 'string');
      if (texts.length === value.length) return texts;
    }
    this.problem(field, 'Expected a non-empty array of strings');
    return [];
  }

  /** Runs a compiler of expressions; what it throws is a problem of the field. */
  expression<T>(field: string, compile: () => T): T | undefined {
    try {
      return compile();
    } catch (error) {
      const reason = error instanceof Error ? `: ${error.message}` : '';
      this.problem(field, `The value must be a valid JSONPath${reason}`);
      return undefined;
    }
  }

  /** The same place with other fields. */
  with(fields: JsonObject): Definition {
    return new Definition(fields, this.at, this.diagnostics, this.watch, this.state);
  }

  #view(value: Json, at: string): Definition | undefined {
    if (isObject(value)) return new Definition(value, at, this.diagnostics, this.watch, this.state);
    this.problemAt(at, 'Expected value of type Object');
    return undefined;
  }
}
