/** What an image name means here. */
export type Image = { readonly ok: true; readonly code: string } | { readonly ok: false; readonly reason: string };

/** Images by their names: there is no registry, so a name stands for a bundle of this papilio, or for nothing. */
export type Images = {
  readonly read: (image: string) => Image;
  readonly nameOf: (code: string) => string;
};

const reference =
  /^(?:[a-z0-9][a-z0-9.-]*(?::\d{1,5})?\/)?(?:[a-z0-9][a-z0-9._-]*\/)*([a-z0-9][a-z0-9._-]*)(?::([\w.-]{1,128}))?(@.+)?$/;

/** Knows the images `papilio-<code>`, of this release or `latest`, whatever registry they are said to come from. */
export const createImages = (codes: () => readonly string[], release: string): Images => ({
  nameOf: (code) => `papilio-${code}:${release}`,
  read: (image) => {
    const [, repository = '', tag = 'latest', digest] = reference.exec(image) ?? [];
    const known = codes();
    const code = repository.replace(/^papilio-/, '');
    if (repository === '') return { ok: false, reason: `${JSON.stringify(image.slice(0, 200))} is no image name` };
    if (!repository.startsWith('papilio-') || !known.includes(code)) {
      const reason = `image ${image} is unknown: this gateway runs papilio's own functions, papilio-${known.join(', papilio-')}`;
      return { ok: false, reason };
    }
    if (digest !== undefined)
      return { ok: false, reason: `image ${image}: nothing here has that digest; leave it away` };
    if (tag !== 'latest' && tag !== release)
      return { ok: false, reason: `image ${image}: release ${release} runs here, not ${tag}` };
    return { ok: true, code };
  },
});
