/** A schedule that is no schedule; the message names file, line and field. */
export class ScheduleError extends Error {}
