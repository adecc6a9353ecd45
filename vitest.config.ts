import {defineConfig} from 'vitest/config'

export default defineConfig({
  test: {
    pool: 'forks',
    // oclif writes to the console, and tests read it there.
    disableConsoleIntercept: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/bin/**', 'test/integration/**', 'test/e2e/**'],
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
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/bin/build.ts', 'test/support/global-setup.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/global-setup-e2e.ts'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
})
