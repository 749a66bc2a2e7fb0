import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Worker, isMainThread, workerData } from 'node:worker_threads'
import { openLogArchive } from '../../src/collector/syslog/archive.ts'
import { createIntake } from '../../src/collector/syslog/intake.ts'
import { receiveStreams } from '../../src/collector/syslog/receivers.ts'
import { openLogStore } from '../../src/collector/syslog/store.ts'

/** Syslog over TCP at a steady rate, sent by another thread: CPU of the receiving one, and what was lost. */
interface Load {
  readonly port: number
  readonly rate: number
  readonly seconds: number
}

const tickMs = 20

const send = async ({ port, rate, seconds }: Load): Promise<void> => {
  const socket = net.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const start = performance.now()
  const total = rate * seconds
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * rate))
    let text = ''
    for (; sent < due; sent += 1)
      text += `<190>Nov 26 16:00:00 core-${sent % 150} %%10IFNET/4/LINK: number ${sent} GigabitEthernet0/0/${sent % 48} is down\n`
    if (text !== '' && !socket.write(text)) await once(socket, 'drain')
    await sleep(tickMs)
  }
  socket.end()
  await once(socket, 'close')
}

const measure = async (rate: number, seconds: number): Promise<void> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-bench-'))
  const file = path.join(folder, 'log.sqlite')
  try {
    const store = openLogStore(file)
    const intake = createIntake({ store, clock: Date.now, log: () => undefined, retentionDays: 190 })
    const receiver = await receiveStreams({ host: '127.0.0.1', port: 0, intake, allow: ['127.0.0.0/8'] })
    const before = process.threadCpuUsage()
    const started = performance.now()
    const worker = new Worker(import.meta.filename, { workerData: { port: receiver.port, rate, seconds } })
    await once(worker, 'exit')
    await receiver[Symbol.asyncDispose]()
    intake[Symbol.dispose]()
    const wall = (performance.now() - started) / 1000
    const { user, system } = process.threadCpuUsage(before)
    using archive = openLogArchive(file)
    const seen = new Set<number>()
    for (const { line } of archive.lines({ since: 0, until: Infinity }))
      seen.add(Number(/number (\d+)/u.exec(line)?.[1]))
    const { bytes } = archive.figures()
    store[Symbol.dispose]()
    const cpu = ((user + system) / 1e6 / wall) * 100
    console.log(
      `${rate} a second for ${seconds} s: lost ${rate * seconds - seen.size}, ${wall.toFixed(1)} s, ${cpu.toFixed(1)} % of a core, ${(bytes / 1e6).toFixed(1)} MB stored`,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

if (isMainThread) {
  const { values } = parseArgs({
    options: { rate: { type: 'string', default: '10000' }, seconds: { type: 'string', default: '60' } },
  })
  await measure(Number(values.rate), Number(values.seconds))
} else await send(workerData as Load)
