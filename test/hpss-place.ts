import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { type ScratchHpss, scratchHpss } from './scratch-hpss.ts';
import { type Place, place } from './stowage.ts';

/** A configuration whose store is a scratch HPSS, with HPSS_DIR set for this process until the test ends. Nothing is waited for. */
export async function hpssPlace(
  rules: object,
  hpssSettings: object = {},
): Promise<Place & { readonly hpss: ScratchHpss; readonly hpssRoot: string }> {
  const hpss = await scratchHpss();
  const hpssRoot = `${hpss.home}/proj`;
  mkdirSync(hpss.local(hpssRoot));
  const at = await place(rules);
  const config = JSON.parse(readFileSync(at.config, 'utf8'));
  const patience = { retries: 1, retry_wait_seconds: 0, down_wait_seconds: 0 };
  config.__config__ = {
    root: at.root,
    hpss_root: hpssRoot,
    hpss: { zone: 'America/Los_Angeles', ...patience, ...hpssSettings },
  };
  writeFileSync(at.config, JSON.stringify(config));
  for (const [name, value] of [
    ['HPSS_DIR', hpss.folder],
    ['TMPDIR', `${hpss.folder}/tmp`],
  ] as const) {
    const before = process.env[name];
    process.env[name] = value;
    onTestFinished(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
  return { ...at, hpss, hpssRoot };
}
