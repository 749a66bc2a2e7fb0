import { randomInt } from 'node:crypto'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openLedger } from '../../src/security/ledger/ledger.ts'
import { temporaryFolder } from '../support/cli.ts'
import { type Child, startChild } from './child.ts'

/** Several times what an idle machine needs. */
const patienceMs = 300_000
const kills = 40
const writer = path.join(import.meta.dirname, 'ledger-writer.ts')

interface Told {
  readonly turn: number
  readonly head: number
  readonly incident: string
}

/** The last that it said was on the disk. */
const lastTold = ({ output }: Child): Told | undefined => {
  const [turn, head, incident = ''] = output.at(-1)?.split(' ') ?? []
  return turn === undefined ? undefined : { turn: Number(turn), head: Number(head), incident }
}

test(
  `kill -9 of ${kills} writers of the ledger: what was said to be there is, each step whole, the chain intact`,
  async () => {
    await using folder = await temporaryFolder()
    const file = path.join(folder.path, 'ledger.sqlite')
    let [next, acknowledged] = [0, 0]
    for (let kill = 0; kill < kills; kill += 1) {
      await using child = startChild([process.execPath, writer, file, String(next)])
      if (kill % 4 > 0) await child.said(/^\d+ /u)
      await sleep(randomInt(kill % 4 > 0 ? 60 : 400))
      child.send('SIGKILL')
      expect(await child.ended).toEqual([null, 'SIGKILL'])
      const told = lastTold(child)
      next = (told?.turn ?? next) + 1000
      acknowledged = Math.max(acknowledged, told?.head ?? 0)

      using ledger = openLedger(file)
      expect(ledger.verify()).toMatchObject({ intact: true })
      expect(ledger.head()).toBeGreaterThanOrEqual(acknowledged)
      if (told !== undefined)
        expect(ledger.incident(told.incident)).toMatchObject({
          acknowledgedAt: expect.any(Number) as number,
          openFindings: [],
        })
      // Both findings of a step, and the incidents that they make, or none.
      const all = ledger.incidents('all')
      expect(all.length % 2).toBe(0)
      expect(ledger.findings('all')).toHaveLength(all.length)
      const open = new Set(ledger.findings('open').map(({ id }) => id))
      expect(new Set(all.flatMap(({ openFindings }) => openFindings))).toEqual(open)
    }
    expect(acknowledged).toBeGreaterThan(kills * 3)
  },
  patienceMs,
)
