import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'

/**
 * Runs these benchmarks in turn, each in a process of its own, on the built CLI, beside its rivals where it has some; the
 * other scripts of this folder are run by hand.
 * `--json` prints one document, by benchmark; `--only NAME` runs one. See docs/performance.md.
 */
const { values: flags } = parseArgs({
  options: { json: { type: 'boolean', default: false }, only: { type: 'string' } },
})

const benchmarks: Readonly<Record<string, readonly string[]>> = {
  cli: ['cli.ts'],
  verify: ['verify.ts'],
  icmp: ['icmp.ts'],
  probes: ['probes.ts'],
  metrics: ['metrics.ts'],
  ingest: ['ingest.ts'],
  report: ['report.ts'],
  city: ['city.ts'],
  country: ['city.ts', '--size', 'country', '--seconds', '195', '--warm-up', '135'],
}

const run = (args: readonly string[]): string | undefined => {
  const [script = '', ...rest] = args
  const command = [path.join(import.meta.dirname, script), ...rest, ...(flags.json ? ['--json'] : [])]
  const { status, stdout } = spawnSync(process.execPath, command, {
    stdio: ['ignore', flags.json ? 'pipe' : 'inherit', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  if (status !== 0) process.exitCode = 1
  return status === 0 && flags.json ? stdout : undefined
}

const found: Record<string, unknown> = {}
for (const [name, args] of Object.entries(benchmarks)) {
  if (flags.only !== undefined && flags.only !== name) continue
  if (!flags.json) console.log(`\n== ${name}`)
  const text = run(args)
  // A benchmark whose rival is not installed says so on standard error and prints nothing.
  if (text !== undefined && text.trim() !== '') found[name] = JSON.parse(text) as unknown
}
if (flags.json) console.log(JSON.stringify(found, undefined, 2))
