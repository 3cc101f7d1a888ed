import { defineCommands } from '#lib/command';
import { quarantineActions } from '#lib/quarantine-actions';

const name = 'settle-message';

/** Does to a message that the archive plane holds what a person decided: mended, replayed or discarded. */
export const settleMessage = defineCommands(name, quarantineActions(name));
