import * as z from 'zod';
import { pageOf } from './view.ts';

/**
 * How the interface is used. The front counts requests and tells the work plane of them in batches; the work plane owns
 * what is kept, a record a day for each way of asking. It changes while its day is the present one.
 */
const ways = {
  /** Principal: `admin`, `<subject>@<issuer>`, a certificate’s name, a token’s id; `anonymous`. */
  who: z.string().max(120),
  /** Papilio’s own token that was shown. */
  token: z.string().max(120).optional(),
  /** Product in `User-Agent`, without its version; `none` without one, `other` beyond the first few hundred. */
  client: z.string().max(60),
  method: z.string().max(20),
  /** As the API describes it, `/v1/runs/:run`; `none` for a page that is not there. */
  route: z.string().max(200),
  status: z.int().min(100).max(599),
} as const;

/** Requests of one kind within one hour. */
export const UsageCount = z.object({ ...ways, hourAt: z.iso.datetime(), requests: z.int().min(1) });
export type UsageCount = z.infer<typeof UsageCount>;

/** Counts that are told together; the same batch again is the same counts. */
export const UsageFacts = z.object({ batch: z.string().min(1).max(80), counts: z.array(UsageCount).min(1).max(90) });
export type UsageFacts = z.infer<typeof UsageFacts>;

/** Requests of one kind within one day of UTC. */
export const UsageDay = z.object({
  ...ways,
  id: z.string(),
  day: z.iso.date(),
  /** By hour of the day. */
  hours: z.array(z.int().min(0)).length(24),
});
export type UsageDay = z.infer<typeof UsageDay>;

/** That a batch was counted; forgotten when nobody can send it again. */
export const UsageBatch = z.object({ batch: z.string(), countedAt: z.iso.datetime() });

/** By what use can be added up. */
export const UsageBy = z.enum(['client', 'token', 'who', 'route', 'status']);
export type UsageBy = z.infer<typeof UsageBy>;

/** Use of one client, token, person, route or status. */
export const UsageLine = z.object({
  /** The client, token, person, route with its method, or status. */
  name: z.string(),
  requests: z.int().min(0),
  /** Answered with 4xx. */
  refused: z.int().min(0),
  /** Answered with 5xx. */
  failed: z.int().min(0),
  /** Different people and machines, those that showed nothing being one. */
  users: z.int().min(0),
  days: z.int().min(0),
  firstHourAt: z.iso.datetime(),
  lastHourAt: z.iso.datetime(),
});
export type UsageLine = z.infer<typeof UsageLine>;

export const UsagePage = pageOf(UsageLine);

/** One rule, what was found, and whether that is enough. */
export const GraduateEvidence = z.object({
  rule: z.enum(['days', 'requests-a-day', 'users', 'polling']),
  value: z.number(),
  threshold: z.number(),
  isMet: z.boolean(),
  says: z.string(),
});

/** An integration that people have built beside papilio, and that papilio should do by itself. */
export const UsageGraduate = z.object({
  /** The client; one that many different programs share, such as `curl`, together with who uses it. */
  name: z.string(),
  client: z.string(),
  who: z.string().optional(),
  requests: z.int().min(1),
  /** The route that it asks most. */
  route: z.string(),
  /** What would serve its users: live events where it polls, else a view of papilio’s own. */
  suggests: z.enum(['live-events', 'view']),
  evidence: z.array(GraduateEvidence),
});
export type UsageGraduate = z.infer<typeof UsageGraduate>;

export const UsageGraduatePage = pageOf(UsageGraduate);
