import type { Definition } from '../definition.ts';
import type { Link, Recover, Scope, State } from '../model.ts';

/** What compiling a state can ask of the compiler. */
export type CompileContext = {
  readonly name: string;
  /** The transition of Next or End; complains if there is neither. */
  readonly next: () => Link;
  /** The transition that the `field` of `from` names. */
  readonly linkTo: (from: Definition, field: string) => Link;
  /** Compiles the states of a branch or item processor. */
  readonly scope: (from: Definition) => Scope | undefined;
};

/** The behaviour of a state; name and type are added by the compiler. */
export type Behaviour = Pick<State, 'enter'> & {
  readonly scopes?: readonly Scope[];
  readonly redrive?: State['redrive'];
  readonly resume?: State['resume'];
  readonly recover?: Recover | undefined;
  readonly childEnded?: State['childEnded'];
  readonly childFailed?: State['childFailed'];
  readonly distributed?: State['distributed'];
  readonly exit?: State['exit'];
  readonly select?: State['select'];
};

/** A type of state: which fields it may have beside Type and Comment, and what it compiles to. */
export type StateType = {
  readonly fields: readonly string[];
  readonly compile: (definition: Definition, context: CompileContext) => Behaviour;
};
