import {defineConfig} from 'vitest/config';

/** Tests of disks, browsers, processes and Redis, which a busy machine may delay beyond their patience: these alone may be tried again. */
const realParts = ['runtime', 'web', 'reports', 'determinism/engines', 'experiments/queue'].map((of) => `test/${of}{/**/*,}.test.ts`);

export default defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/cli/build.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {extends: true, test: {name: 'simulation', include: ['test/**/*.test.ts'], exclude: realParts}},
      {extends: true, test: {name: 'real parts', include: realParts, retry: 2}},
    ],
  },
});
