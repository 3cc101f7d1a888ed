import * as z from 'zod';
import { facilityOf, type Row, row } from './tally-state.ts';

const ofDrain = z.object({ facility: z.string(), who: z.string(), why: z.string() });

const drained = row(ofDrain, (state, { facility, who, why }, event) => {
  facilityOf(state, facility).drain = { sinceMs: Date.parse(event.time), who, why };
});

const resumed = row(ofDrain.pick({ facility: true }), (state, { facility }) => {
  facilityOf(state, facility).drain = undefined;
});

/** What people did to facilities. */
export const foldFacility: Readonly<Record<string, Row>> = {
  'facility.drained': drained,
  'facility.resumed': resumed,
};
