import { expect, test } from 'vitest'
import { factLines } from '../../src/terminal/facts.ts'

test('facts, one a line; what is not known is left out, inside a list too', () => {
  const facts = {
    sysName: 'core',
    alias: undefined,
    rttAvgSeconds: 0.0123456,
    names: ['a', 'b'],
    offsetSeconds: -3600,
    lines: ['text one, two', 'link /a'],
    difference: { text: { addedCount: 1, added: ['a'] }, resources: {} },
    interfaces: [{ index: 1, name: 'lo', speedBitsPerSecond: undefined, adminUp: true }],
  }
  expect(factLines(facts)).toBe(
    [
      '  sysName: core',
      '  rttAvgSeconds: 12.35 ms',
      '  names: a, b',
      '  offsetSeconds: -3600',
      '  lines:',
      '    - text one, two',
      '    - link /a',
      '  difference:',
      '    text:',
      '      addedCount: 1',
      '      added: a',
      '    resources: ',
      '  interfaces:',
      '    - index=1 name=lo adminUp=true',
    ].join('\n'),
  )
})
