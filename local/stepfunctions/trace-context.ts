import { hash } from 'node:crypto';
import { arnOf } from './identity.ts';
import type { Execution, Registry } from './registry.ts';

/**
 * Which trace an execution is part of. It follows from what the journal holds: after a restart the same execution has the
 * same trace and spans, and nobody needs to remember them.
 */
export type TraceContext = {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits; absent for one that nobody traced begins. */
  readonly parentId: string | undefined;
  /** Whether whoever began the trace wants it. */
  readonly isSampled: boolean;
};

/** An execution nested deeper than this begins a trace of its own. */
const DEEPEST = 32;

/** The span of what an event began, 0 for the execution itself. */
export const spanIdOf = (executionArn: string, eventId: number): string =>
  hash('sha256', `${executionArn}/${eventId}`).slice(0, 16);

const W3C = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const ROOT = /Root=1-([0-9a-f]{8})-([0-9a-f]{24})/i;
const PARENT = /Parent=([0-9a-f]{16})/i;

/** A trace header of the W3C (`00-…`) or of X-Ray (`Root=1-…`); undefined for any other text. */
export const readTraceHeader = (header: string): TraceContext | undefined => {
  const [, traceId, parentId, flags = '0'] = W3C.exec(header) ?? [];
  if (traceId !== undefined) return { traceId, parentId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
  const [, time, unique] = ROOT.exec(header) ?? [];
  if (time === undefined || unique === undefined) return undefined;
  return {
    traceId: `${time}${unique}`.toLowerCase(),
    parentId: PARENT.exec(header)?.[1]?.toLowerCase(),
    isSampled: !/Sampled=0/i.test(header),
  };
};

/** Who began an execution, and by which of its events: another execution's task, or a distributed Map. */
const originOf = (registry: Registry, { parent, share }: Execution): [Execution, number] | undefined => {
  if (share) return [share.run.parent, share.run.pending];
  const started = parent && registry.execution(parent.serial);
  return started && parent && [started, parent.pending];
};

/** The trace of an execution: that of its header, of who began it, or one of its own. */
export const traceOf = (registry: Registry, execution: Execution, depth = 0): TraceContext => {
  const told = execution.traceHeader === undefined ? undefined : readTraceHeader(execution.traceHeader);
  if (told) return told;
  const origin = depth < DEEPEST ? originOf(registry, execution) : undefined;
  if (!origin) {
    const { identity } = execution;
    const traceId = hash('sha256', `${arnOf(identity)}/${identity.startedAtMs}`).slice(0, 32);
    return { traceId, parentId: undefined, isSampled: true };
  }
  const [parent, pending] = origin;
  return { ...traceOf(registry, parent, depth + 1), parentId: spanIdOf(arnOf(parent.identity), pending) };
};

/** What a task sends with its request, so that what is done there becomes part of the trace. */
export const traceparentOf = (registry: Registry, execution: Execution, pending: number): string => {
  const { traceId, isSampled } = traceOf(registry, execution);
  return `00-${traceId}-${spanIdOf(arnOf(execution.identity), pending)}-${isSampled ? '01' : '00'}`;
};
