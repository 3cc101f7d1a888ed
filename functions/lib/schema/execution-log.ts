import * as z from 'zod';

/**
 * Position in the engine's journal up to which starts and ends of executions are events. The plane's engine owns it; it
 * changes in the transaction that writes such events.
 */
export const ExecutionLog = z.object({ id: z.string(), position: z.number().min(0) });
export type ExecutionLog = z.infer<typeof ExecutionLog>;
