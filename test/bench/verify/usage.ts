import { writeSync } from 'node:fs'

/** Loaded into a command that is measured: tells at its end what it took, on standard error. */
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const usage = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, megabytes: (maxRSS * 1024) / 1e6 }
  writeSync(2, `\nusage ${JSON.stringify(usage)}\n`)
})
