import manifest from '../package.json' with { type: 'json' };

/** Stowage's own version. It has one place, package.json; the build takes it from there. */
export const version: string = manifest.version;

/** The oldest Node that Stowage runs on, as in `20.19`. */
export const oldestNode: string = manifest.engines.node.replace('>=', '');
