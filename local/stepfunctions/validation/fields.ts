/** The language in which a state selects and makes values. */
export type Language = 'JSONPath' | 'JSONata';

/** What a field's value must be; `values.ts` has the check of each. */
export type Kind =
  | 'any'
  | 'array'
  | 'assignments'
  | 'boolean'
  | 'condition'
  | 'enum'
  | 'integer'
  | 'number'
  | 'object'
  | 'objects'
  | 'path'
  | 'pathOrIntrinsic'
  | 'payload'
  | 'referencePath'
  | 'resource'
  | 'rules'
  | 'states'
  | 'string'
  | 'strings'
  | 'timestamp';

/** One field of the language, in one kind of object. */
export type Field = {
  readonly kind: Kind;
  /** The query language that has it; absent, both have. */
  readonly only?: Language;
  readonly least?: number;
  readonly most?: number;
  /** The values of an enum. */
  readonly values?: readonly string[];
  /** The shape of an object, or of each object of a list. */
  readonly part?: string;
  /** A path that something is put at: it is in the input, not in a variable or the context object. */
  readonly isPlace?: boolean;
  /** In a JSONata state an expression may stand for it. */
  readonly isComputed?: boolean;
  readonly isNullable?: boolean;
  readonly isRequired?: boolean;
  /** A list that must not be empty. */
  readonly isFilled?: boolean;
  /** Only a distributed Map has it. */
  readonly isDistributed?: boolean;
};

/** Fields of which one at most may be there; exactly one if it is needed. */
export type Alternative = { readonly of: readonly string[]; readonly isNeeded: boolean };

/** A kind of object: a state machine, a type of state, or a part of one. */
export type Shape = { readonly fields: Readonly<Record<string, Field>>; readonly alternatives: readonly Alternative[] };

/** AWS's largest number of seconds, attempts and the like. */
export const MAX_INT = 99_999_999;
