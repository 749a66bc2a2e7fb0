import { spawn } from 'node:child_process'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { StatusReport } from '../../src/collector/status.ts'
import type { SecurityEvent } from '../../src/security/events.ts'
import { openLedger } from '../../src/security/ledger/ledger.ts'
import { noticeOf } from '../../src/security/notify/notice.ts'
import { launcher } from '../support/cli.ts'
import { requires } from '../support/services.ts'
import { startChild } from '../e2e/child.ts'
import { createTape, expectFired } from '../security/quiet-alerts.ts'
import { load } from './process.ts'

/**
 * A day of the quiet simulated city by real processes with real sockets: `yiwang demo --quiet` under libfaketime, by
 * whose clock time passes so many times as fast. Counts what was found, what people would have been told, which targets
 * were ever seen as anything but up, and which alerts fire over what was exposed each minute (promtool, the rules as
 * deployed). Ends with 1
 * where anything was found or fired: a single look that fails is a fact, and must be neither.
 *
 * `node test/bench/day.ts --speed 24 --hours 24` takes an hour. A stall of the machine is as many times longer.
 */
const { values: flags } = parseArgs({
  options: { speed: { type: 'string', default: '24' }, hours: { type: 'string', default: '24' } },
})
const speed = Number(flags.speed)
const minutes = Number(flags.hours) * 60
const minuteMs = 60_000 / speed

if (requires('faketime', 'promtool').skip) process.exit(0)

/** Who was something else than up, and in how many minutes. */
const notUp = new Map<string, number>()

const noteStates = (exposition: string): void => {
  const states = exposition.matchAll(/^yiwang_target_up\{target="([^"]+)".*\} (\d)$/gmu)
  for (const [, target = '', isUp] of states)
    if (isUp !== '1') notUp.set(target, (notUp.get(target) ?? 0) + 1)
}

const textOf = (event: SecurityEvent): string =>
  event.type === 'finding'
    ? `finding ${event.change}: ${event.finding.id} (${event.finding.saw})`
    : `incident ${event.change}: ${event.incident.title}`

let heard = 0
const tellEvents = (folder: string): void => {
  using ledger = openLedger(path.join(folder, 'city/security/ledger.sqlite'))
  const events = ledger.since(heard, 100_000)
  heard = events.at(-1)?.sequence ?? heard
  for (const event of events) console.error(`${new Date(event.at).toISOString()} ${textOf(event)}`)
}

await using demo = startChild(
  ['faketime', '-m', '-f', `+0 x${speed}`, launcher, 'demo', '--quiet', '--port', '0'],
  {
    // In a group of its own: faketime passes no signal on.
    spawn: ([command, ...args], options) => spawn(command, args, { ...options, detached: true }),
  },
)
const collector = /http:\S+(?=\/metrics)/u.exec(await demo.said(/\/metrics$/u))?.[0] ?? ''
const folder = path.dirname(/\S+$/u.exec(await demo.said(/planted\.txt$/u))?.[0] ?? '')
const scrape = async (): Promise<string> => (await fetch(`${collector}/metrics`)).text()
const status = async (): Promise<StatusReport> =>
  (await (await fetch(`${collector}/v1/status`)).json()) as StatusReport

const first = await status()
const tape = createTape(Date.parse(first.at) / 1000)
const startedAt = performance.now()
for (let minute = 0; minute < minutes; minute += 1) {
  await sleep(Math.max(0, startedAt + minute * minuteMs - performance.now()))
  const exposition = await scrape()
  noteStates(exposition)
  tape.add(exposition)
  if (minute % 60 !== 0) continue
  console.error(`${String(minute / 60)} h, ${String(notUp.size)} targets ever not up, load ${load()}`)
  tellEvents(folder)
}
const last = await status()
const observations = /^yiwang_collector_observations_total(?:\{.*\})? (\S+)$/mu.exec(await scrape())?.[1]
using ledger = openLedger(path.join(folder, 'city/security/ledger.sqlite'))
const events = ledger.since(0, 100_000)
const told = events.flatMap((event) => (event.type === 'incident' ? (noticeOf(event) ?? []) : []))
tellEvents(folder)
for (const [target, count] of notUp) console.error(`not up in ${String(count)} minutes: ${target}`)
const alerts = await expectFired(tape, minutes, []).then(
  () => 'no alert fired',
  (error: unknown) => String(error),
)
console.log(
  JSON.stringify({
    from: first.at,
    to: last.at,
    observations: Number(observations),
    events: events.length,
    told: told.length,
    'targets ever not up': notUp.size,
    alerts,
  }),
)
process.kill(-demo.pid, 'SIGINT')
await demo.ended
process.exitCode = events.length === 0 && alerts === 'no alert fired' ? 0 : 1
