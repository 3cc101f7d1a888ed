import type { App } from '../surroundings.ts';

/** Which methods a path takes; none if it is no page. */
export type MethodsOf = (url: string) => readonly string[];

/** Collects the methods of every route that is added from now on, so that a wrong one can be told which are right. */
export const collectMethods = (app: App): MethodsOf => {
  const routes: { readonly url: string; readonly form: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    const form = new RegExp(`^${url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+')}$`);
    routes.push({ url, form, methods: [method].flat() });
  });
  return (url) => {
    const [path = ''] = url.split('?');
    // A page of its own goes before those of which it could be one, as the router has it.
    const own = routes.filter((route) => route.url === path);
    const found = own.length > 0 ? own : routes.filter(({ form }) => form.test(path));
    return [...new Set(found.flatMap(({ methods }) => methods))];
  };
};
