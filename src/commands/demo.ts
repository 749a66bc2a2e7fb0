import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { Flags } from '@oclif/core'
import { pause } from '../core/pause.ts'
import { beQuiet } from '../demo/quiet.ts'
import type { Site } from '../demo/site.ts'
import { tellStory } from '../demo/story.ts'
import { isFault, untilStopped, YiwangCommand } from './base.ts'

const settleMs = 500

type Order = (site: Site) => Promise<readonly string[]>

const readOrder = (text: string): Order | undefined => {
  const [word, ...rest] = text.trim().split(/\s+/u)
  const [node] = rest
  if (word === 'plant') return (site) => site.plant(rest)
  if ((word !== 'cut' && word !== 'repair') || node === undefined || rest.length > 1) return undefined
  return (site) => site.line(word, node)
}

const orderForms = 'cut NODE, repair NODE, plant [NAMED SYSTEM …]'

/** Cuts and repairs lines and plants faults, an order a line, until the input ends or the signal aborts. */
const followOrders = async (
  site: Site,
  { say, signal }: { readonly say: (text: string) => void; readonly signal: AbortSignal },
): Promise<void> => {
  say(`\nOrders, one a line: ${orderForms}`)
  const orders = readline.createInterface({ input: process.stdin, signal })
  for await (const text of orders) {
    const order = readOrder(text)
    if (order === undefined) say(`expected ${orderForms}, got ${JSON.stringify(text)}`)
    else
      try {
        const services = await order(site)
        say(`${text.trim()}: ${services.length} services`)
      } catch (error) {
        if (!isFault(error)) throw error
        say(error.message)
      }
  }
}

export class Demo extends YiwangCommand {
  static override readonly summary =
    'see a whole simulated city (模拟) being probed for real, on this machine'
  static override readonly description =
    'Serves Kaifeng and the systems that its plan names on loopback addresses, runs a collector and two agents, sweeps, cuts a line and repairs it, verifies a true and a false claim of each named system, and makes the week’s bulletin, which stays beside a copy of the data that it was made from. Then stays up, with the addresses to open, until Ctrl-C. Where one of its processes ends before, it says which, with its last words, and ends with 4.'
  static override readonly examples = ['<%= config.bin %> demo', '<%= config.bin %> demo --once']
  static override readonly flags = {
    once: Flags.boolean({ summary: 'end when the story is told' }),
    quiet: Flags.boolean({
      summary: 'a quiet day: nothing is out of order, cut or claimed falsely; stays up until Ctrl-C',
      exclusive: ['once'],
    }),
    lines: Flags.boolean({
      summary:
        'when the story is told, do as standard input says: cut n-410225, repair n-410225, plant sys-110',
      exclusive: ['once'],
    }),
    port: Flags.integer({
      summary: 'first port of the simulated city; 0: any that is free',
      default: 9000,
      min: 0,
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Demo)
    const lost = new AbortController()
    const signal = AbortSignal.any([untilStopped(), lost.signal])
    const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-demo-'))
    await using stack = new AsyncDisposableStack()
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const say = (text: string): void => this.line(text)
    const onLost = (fault: unknown): void => lost.abort(fault)
    const tell = flags.quiet ? beQuiet : tellStory
    const site = await tell(stack, { folder, say, signal, simulatorPort: flags.port, onLost }).catch(
      async (error: unknown) => {
        // What fails because a process ended may be seen before its end is.
        await pause(settleMs, signal)
        lost.signal.throwIfAborted()
        throw error
      },
    )
    if (flags.once) return
    say(
      `\nIt stays up until Ctrl-C. Open:\n   ${site.collector.href}metrics\n   ${site.collector.href}v1/status`,
    )
    for (const { name, url } of site.ready.addresses.slice(0, 5)) say(`   ${url}  ${name}`)
    say(
      `\nIn another terminal: yiwang status --collector ${site.collector.href}\nWhat is out of order on purpose (模拟的故障): cat ${site.plantedFile}`,
    )
    if (flags.lines) await followOrders(site, { say, signal })
    if (!signal.aborted) await once(signal, 'abort')
    lost.signal.throwIfAborted()
  }
}
