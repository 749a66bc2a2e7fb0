import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { closedPort } from '../../support/peers.ts'
import type { Peer } from './collector.ts'
import type { Push } from './load.ts'

const isListening = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(new URL('/-/ready', url))).ok
  } catch {
    return false
  }
}

/** A pushgateway of its own that begins empty and keeps nothing on disk. */
export const startPushgateway = async (...flags: readonly string[]): Promise<Peer> => {
  const address = `127.0.0.1:${String(await closedPort())}`
  const args = [`--web.listen-address=${address}`, '--log.level=error', '--persistence.file=', ...flags]
  const child = spawn('prometheus-pushgateway', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const url = `http://${address}`
  while (child.exitCode === null && !(await isListening(url))) await setTimeout(50)
  return {
    pid: child.pid ?? 0,
    url,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return
      const exited = once(child, 'exit')
      child.kill()
      await exited
    },
  }
}

const samplesOf = (group: number, samples: number, families: number): string => {
  const targets = Math.ceil(samples / families)
  return Array.from({ length: families }, (_, family) => {
    const name = `probe_figure_${String(family)}`
    const lines = Array.from({ length: Math.min(targets, samples - family * targets) }, (_sample, at) => {
      const target = `n${String(group * targets + at)}`
      return `${name}{target="${target}",kind="icmp",level="township"} ${String(0.001 * family + at / 1e6)}\n`
    })
    return `# TYPE ${name} gauge\n${lines.join('')}`
  }).join('')
}

/** A push for each of so many groups: `samples` of them in `families` families, in the labels of the reference payload. */
export const groupsOf = (
  url: string,
  {
    groups,
    samples,
    families,
  }: { readonly groups: number; readonly samples: number; readonly families: number },
): readonly Push[] =>
  Array.from({ length: groups }, (_, group) => ({
    method: 'PUT',
    url: new URL(`/metrics/job/probe/instance/n${String(group)}`, url),
    headers: { 'content-type': 'text/plain; version=0.0.4' },
    body: Buffer.from(samplesOf(group, samples, families)),
  }))

/** The same groups again and again. */
export function* endlessly(pushes: readonly Push[]): Generator<Push, void> {
  for (;;) yield* pushes
}
