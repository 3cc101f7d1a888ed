import about from '../../package.json' with { type: 'json' };

/** The release that this command line is of. */
export const ownVersion: string = about.version;

/** The oldest Node that it runs on. */
export const oldestNode = Number(/\d+/.exec(about.engines.node)?.[0] ?? 0);
