import { expect, test } from 'vitest'
import { nextStepOf } from '../../src/commands/next-step.ts'
import { EnvironmentFault, environmentCodes } from '../../src/core/fault.ts'

test.each(environmentCodes)('%s has a next step, unless the fault knows a better one', (code) => {
  expect(nextStepOf(new EnvironmentFault(code, 'x'))).toMatch(/\w{2,} \w{2,}/u)
  expect(nextStepOf(new EnvironmentFault(code, 'x', { suggestion: 'do this' }))).toBe('do this')
})
