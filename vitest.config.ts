import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    disableConsoleIntercept: true,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Patience of a busy machine: what is awaited comes, and how soon fails no test.
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: 2,
    reporters: ['default', './test/support/summary-reporter.ts'],
  },
})
