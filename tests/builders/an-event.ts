import type { NewEvent } from '../../functions/lib/schema/event.ts';

/** An event of an STF, the first of its record unless told otherwise. */
export const anEvent = (changes: Partial<NewEvent> = {}): NewEvent => {
  const { subject = 'prod_stf_00102363-00000001', version = 1 } = changes;
  return {
    id: `${subject}_bnl-work-${version}`,
    type: 'stf.catalogued',
    source: '/prod/bnl/work',
    subject,
    version,
    time: '2026-01-01T00:00:00.000Z',
    epoch: 1,
    by: 'catalogue-stf',
    build: 'test',
    data: { tfFirst: '13739298033664' },
    ...changes,
  };
};
