import { spawnSync } from 'node:child_process'
import path from 'node:path'

/** Runs every benchmark in turn, each in a process of its own, on the built CLI. */
for (const name of ['cli', 'metrics', 'ingest', 'icmp', 'city']) {
  console.log(`\n== ${name}`)
  const { status } = spawnSync(process.execPath, [path.join(import.meta.dirname, `${name}.ts`)], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}
