/** An STF's processing is to begin within this: the experiment's O(10 s). @see 4.2 */
export const lagLimitMs = 10_000;
/** While physics is taken an STF comes every 0.2 to 0.6 s; none for this long is no chance. */
export const silenceMs = 10_000;
/** The trend of a backlog is that of so short a time: a burst a minute ago says nothing about where it goes now. */
export const trendWindowS = 20;
/** A backlog is steady while it changes in that time by no more than this share of what flows, and no more than so many STFs. */
export const steadyWithin = { share: 0.05, stfs: 2 } as const;
/** A backlog that grew by more than this share of a minute's flow, and more STFs, deserves a look before the first is late. */
export const growth = { share: 0.1, stfs: 5 } as const;
/** What went wrong within this span is shown as recent; what is older stays shown until it is settled. */
export const recentMs = 3_600_000;
/** A gap between TFs that nothing filled for this long: what is only late has come by then. */
export const gapMs = 60_000;
/** So many restarts within so short a time, without a minute of service since, do not heal by themselves. */
export const crashLoop = { restarts: 3, withinMs: 600_000, settledMs: 60_000 } as const;
/** A restart that healed is shown for an hour, so that a shift sees it. */
export const restartShownMs = 3_600_000;
/** Within ten minutes at one facility; fewer are the payloads' own. */
export const facilityFailures = { count: 3, share: 0.1 } as const;
/** What makes an integration one that papilio should do by itself; two weeks hold every shift once. @see 11.8 */
export const graduation = {
  windowDays: 14,
  /** Who comes on so many days of the window depends on it. */
  days: 5,
  /** One every seven minutes, day and night. */
  requestsADay: 200,
  /** It is no one person’s habit any more. */
  users: 3,
  /** Of its requests, those that ask one page over and over: it waits for news. */
  pollingShare: 0.5,
  /** Less than that is somebody who looks, not a program that polls. */
  pollingRequestsADay: 50,
} as const;
/** How long the use of a day is kept: a year of running with what was before it. */
export const usageKeptDays = 400;
/** A batch of counts that comes again after this is none that a front still had. */
export const usageBatchKeptDays = 7;
