/** Whether a token is used is told to the minute: often enough to see that nobody needs it, rare enough to cost nothing. */
export const usesEveryMs = 60_000;

/** Refused acts are told so long after the first one: soon enough for who looks, and many attempts are one line. */
export const refusalsEveryMs = 2_000;

/** Lines of refused acts that are told together; of more, only their number. */
export const refusalsMost = 200;
