import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { createIds } from '#lib/ids';
import { bundles, jobs } from '#lib/records';
import type { Store } from '#ports/store';
import { type Bundle, BundlePage, BundleView } from '#schema/bundle';
import { answers, linkNext } from '../answers.ts';
import { BundleText, bundleIdOf, FacilityText, facilityNameOf } from '../ids.ts';
import { pageQuery } from '../lists.ts';
import type { App, Surroundings } from '../surroundings.ts';

/** Jobs that were handed over together. */
export const addBundles = (app: App, { records, config }: Surroundings): void => {
  const { PAPILIO_INSTANCE: instance, PAPILIO_WING: wing, PAPILIO_EPOCH: epoch } = config;
  const ids = createIds(instance, wing, epoch);
  // The token by which it is answered is nobody's to know.
  const viewOf = ({ token: _, ...bundle }: Bundle): BundleView => ({
    ...bundle,
    isOpen: true,
    jobIds: bundle.attemptIds.map(ids.jobOf),
  });
  /** One that was answered is gone; its attempts tell of it. */
  const settledOf = async (store: Store, id: string): Promise<BundleView> => {
    const job = await jobs.get(store, ids.jobOf(id.replace('_bundle_', '_attempt_')));
    const attempts = job?.doc.attempts.filter(({ bundleId }) => bundleId === id) ?? [];
    const [first] = attempts;
    if (!job || !first) throw new PapilioError('record-missing', `bundle ${id}`);
    const { facility, queue } = first;
    const attemptIds = attempts.map((attempt) => attempt.id);
    return { id, facility, queue, attemptIds, jobIds: [job.doc.id], isOpen: false };
  };

  app.get(
    '/v1/bundles',
    {
      config: { policy: 'bundle.read' },
      schema: {
        tags: ['facilities'],
        summary: 'Bundles that are with their facilities, or on their way',
        querystring: z.object({ facility: FacilityText.optional(), ...pageQuery }),
        response: answers(BundlePage),
      },
    },
    async ({ query: { facility, limit, cursor } }, reply) => {
      const { store } = await records('work');
      const name = facility && facilityNameOf(facility, instance);
      const range = name === undefined ? {} : { skFirst: `${name}#`, skEnd: `${name}$` };
      const from = { ...range, limit, ...(cursor === undefined ? {} : { cursor }) };
      const page = await bundles.list(store, 'i1', 'bundles', from);
      linkNext(reply, page.next);
      return { ...page, items: page.items.map(({ doc }) => viewOf(doc)) };
    },
  );

  app.get(
    '/v1/bundles/:bundle',
    {
      config: { policy: 'bundle.read' },
      schema: {
        tags: ['facilities'],
        summary: 'One bundle: where it is, and its attempts',
        params: z.object({ bundle: BundleText }),
        response: answers(BundleView),
      },
    },
    async ({ params }) => {
      const { store } = await records('work');
      const id = bundleIdOf(params.bundle, instance);
      const bundle = await bundles.get(store, id);
      return bundle ? viewOf(bundle.doc) : settledOf(store, id);
    },
  );
};
