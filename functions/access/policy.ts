/** Whether a token is used is told to the minute: often enough to see that nobody needs it, rare enough to cost nothing. */
export const usesEveryMs = 60_000;

/** Refused acts are told so long after the first one: soon enough for who looks, and many attempts are one line. */
export const refusalsEveryMs = 2_000;

/** What each line costs in time before the next are told: 200 a minute, some 350 MB a day, is what a flood can write. */
export const lineEveryMs = 300;

/** Lines of refused acts that are told together; of more, only their number. */
export const refusalsMost = 200;
