import { writeSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const tell = (): void => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const usage = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, megabytes: (maxRSS * 1024) / 1e6 }
  writeSync(2, `\nusage ${JSON.stringify(usage)}\n`)
}

/** Loaded into a command that is measured, and into its threads: the command tells at its end what all of it took. */
if (isMainThread) process.on('exit', tell)
