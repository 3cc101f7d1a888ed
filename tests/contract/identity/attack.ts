import type { World } from './world.ts';

/** A token that must be refused, what the refusal says, and how the token is made. */
export type Attack = {
  readonly name: string;
  readonly says: RegExp;
  readonly token: (world: World) => string;
};

/** Attacks of one kind: each is refused for the same reason. */
export const attacks = (says: RegExp, tokens: Readonly<Record<string, Attack['token']>>): readonly Attack[] =>
  Object.entries(tokens).map(([name, token]) => ({ name, says, token }));
