import {defineConfig} from 'vitest/config'

/** Integration tests that measure time: no other test file runs at the same time. */
const alone = ['test/integration/federate/scale.test.ts']

/** End-to-end tests that also run with the oldest istiod that can be built. */
const old = ['golden-facts', 'istiod-facts'].map(name => `test/e2e/${name}.test.ts`)

export default defineConfig({
  test: {
    pool: 'forks',
    setupFiles: ['test/support/seed.ts'],
    // oclif writes to the console, and tests read it there.
    disableConsoleIntercept: true,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['bin', 'integration', 'e2e', 'site', 'release'].map(name => `test/${name}/**`),
          globalSetup: ['test/support/global-setup-unit.ts'],
          // A process for each file would take more time than the tests. The files of a worker share their modules.
          isolate: false,
          // One more than elsewhere: some files wait for retries and time limits most of the time.
          maxWorkers: 3,
          sequence: {groupOrder: 0},
          // property tests on a busy machine
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'bin',
          include: ['test/bin/**/*.test.ts'],
          globalSetup: ['test/bin/build.ts'],
          sequence: {groupOrder: 1},
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: alone,
          globalSetup: ['test/bin/build.ts', 'test/support/global-setup.ts'],
          sequence: {groupOrder: 1},
          testTimeout: 240_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration-alone',
          include: alone,
          globalSetup: ['test/bin/build.ts'],
          maxWorkers: 1,
          sequence: {groupOrder: 2},
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'release',
          include: ['test/release/*.test.ts'],
          globalSetup: ['test/release/setup.ts'],
          sequence: {groupOrder: 1},
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'release-all',
          include: ['test/release/all/*.test.ts'],
          globalSetup: ['test/release/setup.ts'],
          sequence: {groupOrder: 1},
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'site',
          include: ['test/site/**/*.test.ts'],
          globalSetup: ['test/site/build.ts'],
          maxWorkers: 1,
          sequence: {groupOrder: 1},
          testTimeout: 300_000,
          hookTimeout: 1_200_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/global-setup-e2e.ts'],
          sequence: {groupOrder: 3},
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e-old',
          include: old,
          globalSetup: ['test/support/global-setup-e2e.ts'],
          env: {LAB_ISTIOD: 'old'},
          sequence: {groupOrder: 3},
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
})
