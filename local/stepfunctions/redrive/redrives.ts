/** A redrive that was asked for with a token. */
type Asked = { readonly token: string; readonly atMs: number };

/** How often an execution was redriven, when last, and by which requests. */
export type Redrives = { readonly count: number; readonly atMs: number; readonly asked: readonly Asked[] };

/** AWS knows the last ten tokens of an execution, each for fifteen minutes. */
const MOST_TOKENS = 10;
const TOKEN_MS = 900_000;

/** One redrive more. */
export const redrivenAgain = (former: Redrives | undefined, atMs: number, token: string | undefined): Redrives => {
  const asked = token === undefined ? [] : [{ token, atMs }];
  return { count: (former?.count ?? 0) + 1, atMs, asked: [...(former?.asked ?? []), ...asked].slice(-MOST_TOKENS) };
};

/** When the redrive happened that this very request has made before. */
export const redrivenBefore = (redrives: Redrives | undefined, token: string | undefined, nowMs: number) =>
  redrives?.asked.findLast((each) => each.token === token && nowMs < each.atMs + TOKEN_MS)?.atMs;
