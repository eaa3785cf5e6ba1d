/**
 * Where the worker of this name was built. Node 20 loads no TypeScript in a worker, so each is a build entry of its own; from the
 * sources, as tests run them, it is the one in dist.
 */
export function workerUrl(name: string): URL {
  const fromSource = import.meta.url.endsWith('.ts');
  return new URL(`${fromSource ? '../../dist' : '.'}/${name}.mjs`, import.meta.url);
}
