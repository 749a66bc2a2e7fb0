import { expect, test } from 'vitest'
import { writeHistory } from '../migration/history.ts'
import { emptyFolder, expectRefusal } from './data-folder.ts'

test('single looks, counted by job and by the nodes of a region', async () => {
  await using folder = await emptyFolder()
  await folder.ok('init', '--region', '410202')
  expectRefusal(await folder.run('observations', 'n-410202'), 4, /expected a history, there is none yet/u)

  const days = ['2018-06-29', '2018-06-30'] as const
  await writeHistory(folder.path, [
    { job: 'n-410202/tcp@public', days, status: 'up', agent: 'a' },
    { job: 'n-410202/icmp@public', days, status: 'unknown', cause: 'permission', agent: 'b' },
    { job: 'n-410202001/tcp@public', days, status: 'up', hours: (hour) => hour < 6, agent: 'c' },
    {
      job: 'n-410202001/tcp@public',
      days,
      status: 'down',
      cause: 'timeout',
      hours: (hour) => hour >= 6,
      agent: 'd',
    },
  ])
  const at = ['--as-of', '2018-06-30', '--since', '2018-06-29'] as const
  const one = await folder.ok('observations', 'n-410202', '--limit', '3', ...at)
  expect(one).toMatch(/^n-410202\/tcp@public +48 +0 +0 +100\.0 %$/mu)
  expect(one).toMatch(/^n-410202\/icmp@public +0 +0 +48 +–$/mu)
  expect(one).toMatch(/^all: 100\.0 %$/mu)
  expect(one.match(/^2018-06-30 \d\d:01:00 /gmu)).toHaveLength(3)
  expect(one).toMatch(/^2018-06-30 23:01:00 +unknown: permission +0\.010 +b +n-410202\/icmp@public$/mu)

  const none = await folder.ok('observations', 'n-410202', '--limit', '0', ...at)
  expect(none).toMatch(/^all: 100\.0 %$/mu)
  expect(none).not.toMatch(/^2018-06-/mu)

  // A job by itself, and nothing that came later or before.
  const half = ['--as-of', '2018-06-30T06:00:00+08:00', '--since', '2018-06-30'] as const
  expect(await folder.json('observations', 'n-410202001/tcp@public', ...half)).toMatchObject({
    counts: [{ of: 'n-410202001/tcp@public', up: 6, down: 0, unknown: 0, percent: 100 }],
    percent: 100,
  })
  const looks = await folder.ok('observations', 'n-410202001', '--csv', '--limit', '1000', ...at)
  expect(looks.trim().split(/\r?\n/u)).toHaveLength(1 + 48)

  // Of a region the mean over its nodes: 100 % and 12 of 48.
  const region = await folder.ok('observations', '410202', ...at)
  expect(region).toMatch(/^n-410202001 +12 +36 +0 +25\.0 %$/mu)
  expect(region).toMatch(/^n-410202002 +0 +0 +0 +–$/mu)
  expect(region).toMatch(/^all: 62\.5 %$/mu)

  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [['n-nowhere'], /n-nowhere: expected a target, job or region that was looked at since/u],
    [['n-410202', '--since', 'soon'], /--since: expected a time as/u],
    [['n-410202', '--as-of', '2018-13-01'], /--as-of: expected a day/u],
  ]
  for (const [args, words] of refused) expectRefusal(await folder.run('observations', ...args), 2, words)
})
