import { expect, test } from 'vitest'
import { newCounters } from '../../src/agent/counters.ts'
import { memorySpool } from '../../src/agent/memory-spool.ts'
import { createRecorder } from '../../src/agent/recorder.ts'
import type { Spool } from '../../src/agent/spool.ts'
import { EnvironmentFault } from '../../src/core/fault.ts'
import type { Observation } from '../../src/core/observation.ts'
import { memoryLog, numbered, until } from './observations.ts'

const everything = { observations: 5000, bytes: 1e9 }

/** A spool on a disk that is full until it is not. */
const onDisk = () => {
  const spool = memorySpool({ maxBytes: 1e9, onDropped: () => undefined })
  const disk = { isFull: false, refused: 0, groups: [] as number[] }
  const append = (observations: readonly Observation[]): Promise<void> => {
    if (disk.isFull) {
      disk.refused += 1
      return Promise.reject(new EnvironmentFault('DISK_FULL', 'no space left'))
    }
    disk.groups.push(observations.length)
    return spool.append(observations)
  }
  return { disk, spool: { ...spool, append } satisfies Spool }
}

const setUp = (maxPending = 100_000) => {
  const { disk, spool } = onDisk()
  const counters = newCounters()
  const { log, lines } = memoryLog()
  const recorder = createRecorder({ spool, counters, log, commitMilliseconds: 2, maxPending })
  const stop = new AbortController()
  const running = recorder.run(stop.signal)
  const record = (observations: readonly Observation[]): void =>
    observations.forEach((each) => recorder.record(each))
  const end = async (): Promise<readonly Observation[]> => {
    stop.abort()
    await running
    return (await spool.peek(everything)).observations
  }
  return { disk, spool, counters, lines, record, spooled: () => recorder.spooled(), end }
}

test('observations go to the spool in groups, in order', async () => {
  const { record, end, disk, spool } = setUp()
  record(numbered(1, 700))
  await until(() => spool.depth() === 700)
  expect(disk.groups).toEqual([700])
  expect(await end()).toEqual(numbered(1, 700))
})

test('the last ones too', async () => {
  const { record, end } = setUp()
  record(numbered(1, 2500))
  expect(await end()).toEqual(numbered(1, 2500))
})

test('a full disk is waited out: nothing is lost, and it is said once', async () => {
  const { record, end, disk, lines } = setUp()
  disk.isFull = true
  record(numbered(1, 10))
  await until(() => disk.refused > 3)
  record(numbered(11, 10))
  disk.isFull = false
  expect(await end()).toEqual(numbered(1, 20))
  expect(lines.map(({ level }) => level)).toEqual(['error', 'info'])
})

test('one that stays full: memory is bounded, the oldest go, and are counted', async () => {
  const { record, end, disk, counters, spool } = setUp(100)
  disk.isFull = true
  record(numbered(1, 250))
  await until(() => counters.droppedObservations === 150)
  disk.isFull = false
  await until(() => spool.depth() === 100)
  expect(await end()).toEqual(numbered(151, 100))
})

test('one that is full at the end: what is lost is said', async () => {
  const { record, end, disk, lines } = setUp()
  disk.isFull = true
  record(numbered(1, 10))
  await end()
  expect(lines.at(-1)).toMatchObject({ level: 'error', fields: { count: 10 } })
})

test('whoever waits hears when what was recorded before is in the spool', async () => {
  const { record, spooled, end, disk } = setUp()
  expect(await spooled()).toBe(true)
  record(numbered(1, 2))
  const first = spooled()
  record(numbered(3, 1500))
  const all = spooled()
  expect([await first, await all]).toEqual([true, true])
  expect(disk.groups.reduce((sum, group) => sum + group, 0)).toBe(1502)
  await end()
})

test('what is given up is not called spooled', async () => {
  const { record, spooled, end, disk } = setUp(10)
  disk.isFull = true
  record(numbered(1, 5))
  const oldest = spooled()
  record(numbered(6, 10))
  const newest = spooled()
  expect(await oldest).toBe(false)
  disk.isFull = false
  expect(await newest).toBe(true)
  disk.isFull = true
  record(numbered(16, 1))
  const last = spooled()
  await end()
  expect(await last).toBe(false)
})
