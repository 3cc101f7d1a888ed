import type { onSendHookHandler } from 'fastify';
import type { App } from '../surroundings.ts';

/** That a route will go, since when that is known, and what to read and use instead. */
export type Deprecated = {
  /** ISO 8601 moments. */
  readonly sinceAt: string;
  /** When it goes. */
  readonly sunsetAt?: string;
  /** Where it is said what to do. */
  readonly help: string;
  /** The route that comes in its place. */
  readonly successor?: string;
};

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Says to whoever uses the route that it will go. */
    deprecated?: Deprecated;
  }
}

/** Headers by RFC 9745 (Deprecation), RFC 8594 (Sunset) and RFC 8288 (Link). */
const headersOf = ({ sinceAt, sunsetAt, help, successor }: Deprecated) => ({
  deprecation: `@${Math.floor(Date.parse(sinceAt) / 1000)}`,
  ...(sunsetAt !== undefined && { sunset: new Date(sunsetAt).toUTCString() }),
  links: [
    `<${help}>; rel="deprecation"; type="text/html"`,
    ...(successor === undefined ? [] : [`<${successor}>; rel="successor-version"`]),
  ],
});

/** Tells it with every answer of a deprecated route, and in the OpenAPI document. */
export const addDeprecation = (app: App): void => {
  app.addHook('onRoute', (route) => {
    const deprecated = route.config?.deprecated;
    if (deprecated === undefined) return;
    route.schema = { ...route.schema, deprecated: true };
    const { links, ...headers } = headersOf(deprecated);
    const tell: onSendHookHandler = (_request, reply, payload, done) => {
      const next = reply.getHeader('link');
      void reply.headers({ ...headers, link: [...(typeof next === 'string' ? [next] : []), ...links].join(', ') });
      done(null, payload);
    };
    route.onSend = [...[route.onSend ?? []].flat(), tell];
  });
};
