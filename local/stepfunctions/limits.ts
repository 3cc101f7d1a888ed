/** AWS's limit on state input, output and payloads, in bytes of JSON text. */
export const MAX_DATA_BYTES = 262_144;
/**
 * What each level of nesting adds to a size bound, beside its text: a value is therefore measured, and its depth looked
 * at, before a thousand levels can have been added to it.
 */
export const LEVEL_BYTES = 262;
/** AWS's limit on the events of one execution's history. */
export const MAX_EVENTS = 25_000;
/** AWS's limit on a definition, in bytes. */
export const MAX_DEFINITION_BYTES = 1_048_576;
/** AWS's limit on how long an execution of an express machine takes. */
export const EXPRESS_MS = 300_000;
