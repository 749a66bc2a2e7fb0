import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { notedIn } from '../../src/demo/planted.ts'
import type { Ready, Request } from '../../src/simulator/control.ts'
import { temporaryFolder } from '../support/cli.ts'

const ready: Ready = {
  ...{ nodes: 1, systems: 2, devices: 0, addresses: [], moved: [], operations: [], credentials: {} },
  authority: '',
  planted: [{ id: 's-1', name: '甲（模拟故障）', what: '证书已过期' }],
  faults: [{ of: ['sys-1', 'sys-2'], id: 's-2', name: '乙（模拟）', what: '首页答 503' }],
}

test('the file says what is out of order after each order', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'planted.txt')
  const order = notedIn(file, ready, () => Promise.resolve([]))
  const after = async (request: Request): Promise<readonly string[]> => {
    await order(request)
    const rows = (await readFile(file, 'utf8')).trim().split('\n').slice(1)
    return rows.map((row) => row.split(/\s+/u)[0] ?? '')
  }
  expect(await after({ plant: [] })).toEqual(['s-1'])
  expect(await after({ plant: ['sys-2'] })).toEqual(['s-1', 's-2'])
  expect(await after({ cut: 'n-1' })).toEqual(['n-1', 's-1', 's-2'])
  expect(await after({ cut: 'n-1' })).toEqual(['n-1', 's-1', 's-2'])
  expect(await after({ plant: [] })).toEqual(['n-1', 's-1'])
  expect(await after({ repair: 'n-1' })).toEqual(['s-1'])
})

test('an order that fails changes nothing in it', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'planted.txt')
  const order = notedIn(file, ready, (request) =>
    'cut' in request ? Promise.reject(new Error('no such node')) : Promise.resolve([]),
  )
  await order({ plant: [] })
  const before = await readFile(file, 'utf8')
  await expect(order({ cut: 'n-9' })).rejects.toThrow('no such node')
  expect(await readFile(file, 'utf8')).toBe(before)
})
