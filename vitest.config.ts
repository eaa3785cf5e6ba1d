import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    watch: false,
    setupFiles: ['test/property-seed.ts'],
    // Some tests start processes, kill them, and wait for real disks; a busy machine must not fail them.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
  },
});
