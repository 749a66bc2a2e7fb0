import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { until } from '../e2e/child.ts'
import { startToldCity, type ToldCity } from '../e2e/told-city.ts'
import { load, median } from './process.ts'

/**
 * How long it takes from a cut county link in the simulated city to the messenger, and from its repair: the built CLI,
 * real sockets, a moment of the interval that is another each time. Wanted: one interval until the first look that
 * fails, one more until it is two of three, and two seconds. `--json` prints the rows only.
 */
const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    interval: { type: 'string', default: '5' },
  },
})
const intervalSeconds = Number(flags.interval)
/** Each once: what fails again and again within the hour would flap, and stay open. */
const counties = ['202', '203', '204', '205', '212', '221', '222', '223', '225'].map((code) => `n-410${code}`)

interface Action {
  readonly do: 'cut' | 'repair'
  readonly county: string
}

const secondsUntilTold = async (city: ToldCity, { do: action, county }: Action): Promise<number> => {
  const before = city.told.length
  const startedAt = Date.now()
  await city.line(action, county)
  // What was down before the county was cut is told of again when it is repaired.
  const told = await until(
    () => city.told.slice(before).find(({ isGood }) => isGood === (action === 'repair')),
    (message) => message !== undefined,
    120,
  )
  return ((told?.at ?? 0) - startedAt) / 1000
}

const row = (name: string, seconds: readonly number[], messages: number) => ({
  name,
  'median s': median(seconds),
  'max s': Math.max(...seconds),
  'wanted s': 2 * intervalSeconds + 2,
  'messages each': messages / counties.length,
})

await using city = await startToldCity({ intervalSeconds })
await city.calm(4 * intervalSeconds)
const told = { cut: [] as number[], repair: [] as number[] }
const messages = { cut: 0, repair: 0 }
for (const [round, county] of counties.entries())
  for (const action of ['cut', 'repair'] as const) {
    const before = city.told.length
    told[action].push(await secondsUntilTold(city, { do: action, county }))
    // Past what else might come, and to another moment of the interval.
    await sleep((3 + (round + 0.5) / counties.length) * intervalSeconds * 1000)
    messages[action] += city.told.length - before
  }
const rows = [row('fault', told.cut, messages.cut), row('recovery', told.repair, messages.repair)]
if (flags.json) console.log(JSON.stringify(rows))
else {
  console.table(rows)
  console.log(`interval ${String(intervalSeconds)} s, load ${load()}`)
}
