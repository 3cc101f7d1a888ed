import * as z from 'zod';

/** The words of a run's life. The DAQ owns them; they change when its dialects do. */
export const LifecycleType = z.enum(['run_imminent', 'start_run', 'pause_run', 'resume_run', 'end_run']);
export type LifecycleType = z.infer<typeof LifecycleType>;

/** A rule that a message breaks without being unreadable for it: it is kept in quarantine, and taken all the same. */
export const Remark = z.object({ rule: z.string(), reason: z.string().max(300) });
export type Remark = z.infer<typeof Remark>;

/** What the DAQ says of the conditions of a run: beam energy, magnetic field, bunch structure. */
export const RunConditions = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
export type RunConditions = z.infer<typeof RunConditions>;
