import type { Json } from '../json.ts';
import type { Meter } from '../meter.ts';
import type { Random } from '../random.ts';

/** What an expression can see while a state evaluates it. */
export type Scope = {
  /** The document that `$` means. */
  readonly data: Json;
  /** The context object that `$$` means; built only when asked for. */
  readonly context: () => Json;
  /** A workflow variable. */
  readonly variable: (name: string) => Json | undefined;
  readonly random: () => Random;
  readonly meter: Meter;
};

/** A compiled expression. */
export type Expression = (scope: Scope) => Json;
