import type { Command } from '#schema/command';

/** A command as the front sends it; a number names it. */
export const aCommand = (action: string, subject: string, changes: Partial<Command> = {}, nth = 1): Command => ({
  id: `test_command_${nth}`,
  action,
  subject,
  by: 'anna',
  why: 'the sender was wrong',
  at: '2026-01-01T00:00:00.000Z',
  data: {},
  ...changes,
});
