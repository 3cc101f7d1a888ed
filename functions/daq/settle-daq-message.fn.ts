import { defineCommands } from '#lib/command';
import { quarantineActions } from '#lib/quarantine-actions';

const name = 'settle-daq-message';

/** Does to a message that the work plane holds what a person decided: mended, replayed or discarded. */
export const settleDaqMessage = defineCommands(name, quarantineActions(name));
