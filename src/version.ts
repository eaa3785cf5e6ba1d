import manifest from '../package.json' with { type: 'json' };

/** Stowage's own version. It has one place, package.json; the build takes it from there. */
export const version: string = manifest.version;
