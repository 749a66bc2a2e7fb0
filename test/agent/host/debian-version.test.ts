import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareVersions } from '../../../src/agent/host/debian-version.ts'

/** By deb-version(7), oldest first. */
const ordered = [
  '0~',
  '1.0~beta1~svn1245',
  '1.0~beta1',
  '1.0',
  '1.0-1',
  '1.0-1+b1',
  '1.0a-1',
  '1.0.1-1',
  '1.2-1',
  '1.10-1',
  '1:0.1-1',
]

const dpkgOrder = (left: string, right: string): number => {
  const holds = (operator: string): boolean =>
    spawnSync('dpkg', ['--compare-versions', left, operator, right]).status === 0
  if (holds('eq')) return 0
  return holds('lt') ? -1 : 1
}
const hasDpkg = spawnSync('dpkg', ['--version']).status === 0

const version = fc
  .tuple(
    fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    fc.stringMatching(/^[0-9][0-9a-zA-Z.+~]{0,6}$/u),
    fc.option(fc.stringMatching(/^[0-9a-z.+~]{1,4}$/u), { nil: undefined }),
  )
  .map(([epoch, upstream, revision]) =>
    [epoch === undefined ? '' : `${epoch}:`, upstream, revision === undefined ? '' : `-${revision}`].join(''),
  )

describe('versions of Debian packages', () => {
  test('sort as the manual has them', () => {
    expect(ordered.toReversed().toSorted(compareVersions)).toEqual(ordered)
  })

  test.skipIf(!hasDpkg)('sort as dpkg has them', () => {
    fc.assert(
      fc.property(version, version, (left, right) => {
        expect(Math.sign(compareVersions(left, right))).toBe(dpkgOrder(left, right))
      }),
      { numRuns: 60 },
    )
  })
})
