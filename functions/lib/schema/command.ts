import * as z from 'zod';
import { PrincipalKind } from './access.ts';

/** Where a request came from: which one, from which program and machine, and who had shown themselves how. */
export const Origin = z.object({
  requestId: z.string(),
  address: z.string(),
  /** The program's own word for itself. */
  client: z.string().optional(),
  principal: z.object({
    kind: PrincipalKind,
    id: z.string(),
    name: z.string().optional(),
    issuer: z.string().optional(),
    tokenId: z.string().optional(),
  }),
});
export type Origin = z.infer<typeof Origin>;

/**
 * What a person asks papilio to do: validated and authorised by the front, carried out by the function of its action in
 * the plane that owns the subject. The person owns it; written once, with how it ended.
 */
export const Command = z.object({
  /** `prod_command_<name>`; the same id is the same command. */
  id: z.string().max(80),
  /** `quarantine.replay`: a noun and what is done to it. */
  action: z.string().regex(/^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/),
  subject: z.string().min(1).max(160),
  /** The version of the subject that the person saw. */
  ifVersion: z.int().min(0).optional(),
  by: z.string().min(1).max(120),
  why: z.string().max(500),
  at: z.iso.datetime(),
  from: Origin.optional(),
  /** What the action needs besides its subject. */
  data: z.record(z.string(), z.unknown()).default({}),
});
export type Command = z.infer<typeof Command>;

/** How a command ended; its event is `command.done` or `command.refused`. */
export const CommandRecord = Command.extend({
  state: z.enum(['done', 'refused']),
  /** Of the catalogue of errors, if refused. */
  problem: z.object({ code: z.string(), reason: z.string() }).optional(),
  endedAt: z.iso.datetime(),
  /** Fields of the subject's records, `<kind>.<field>`, that it has changed: as they were, and as they are. */
  before: z.record(z.string(), z.unknown()).optional(),
  after: z.record(z.string(), z.unknown()).optional(),
});
export type CommandRecord = z.infer<typeof CommandRecord>;

/** How the subject was when a command was begun; gone when it has ended. */
export const CommandStart = z.object({ id: z.string(), before: z.record(z.string(), z.unknown()) });

/** A command as far as it has come; a subject of which both planes hold a part has two endings. */
export const CommandView = CommandRecord.pick({
  id: true,
  action: true,
  subject: true,
  by: true,
  why: true,
  at: true,
}).extend({
  /** `waiting`: a plane has it and has not ended it. */
  state: z.enum(['waiting', 'done', 'refused']),
  endings: z.array(
    CommandRecord.pick({ state: true, problem: true, endedAt: true }).extend({ plane: z.enum(['archive', 'work']) }),
  ),
});
export type CommandView = z.infer<typeof CommandView>;
