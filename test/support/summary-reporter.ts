import type { Reporter, TestCase, TestModule } from 'vitest/node'

const casesOf = (modules: readonly TestModule[]): readonly TestCase[] =>
  modules.flatMap((module) => [...module.children.allTests()])

const skipsAreFailures = process.env['YIWANG_REQUIRE_SERVICES'] === '1'

/** Closes a run with `N passed, N failed` alone on a line; where services are required, a skip is a failure. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const cases = casesOf(modules)
    const count = (state: string): number => cases.filter((test) => test.result().state === state).length
    const skipped = cases.filter((test) => test.result().state === 'skipped')
    const brokenModules = modules.filter(
      (module) => module.state() === 'failed' && casesOf([module]).length === 0,
    )
    const failed =
      count('failed') + brokenModules.length + errors.length + (skipsAreFailures ? skipped.length : 0)
    for (const test of skipped) process.stdout.write(`skipped: ${test.module.moduleId} › ${test.fullName}\n`)
    if (failed > 0) process.exitCode = 1
    const skips = skipsAreFailures ? '' : `, ${String(skipped.length)} skipped`
    process.stdout.write(`${String(count('passed'))} passed, ${String(failed)} failed${skips}\n`)
  }
}
