/** A function of a gateway, as a path or a query names it. */
export type Places = {
  readonly namespace: string;
  /** The function in `NAME` or `NAME.NAMESPACE`; undefined if it is none, or lies in another namespace. */
  readonly nameIn: (place: string) => string | undefined;
  /** Whether a namespace, or none, means ours. */
  readonly isOurs: (namespace: string | null | undefined) => boolean;
};

const place = /^([A-Za-z0-9][A-Za-z0-9_-]{0,62})(?:\.([a-z0-9][a-z0-9-]{0,62}))?$/;

/** Functions are known in one namespace. */
export const createPlaces = (namespace: string): Places => {
  const isOurs = (other: string | null | undefined): boolean =>
    other === undefined || other === null || other === '' || other === namespace;
  return {
    namespace,
    isOurs,
    nameIn: (text) => {
      const [, name, other] = place.exec(text) ?? [];
      return isOurs(other) ? name : undefined;
    },
  };
};
