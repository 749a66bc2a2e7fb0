import { openSpool } from '../../src/agent/file-spool.ts'
import { numbered } from './observations.ts'

/** Appends groups for ever and says after each how many observations are on the disk. To be killed. */
const [file = ''] = process.argv.slice(2)
await using spool = openSpool({
  file,
  maxBytes: 1e9,
  onDropped: () => undefined,
  log: (level, message) => process.stderr.write(`${level} ${message}\n`),
})
let count = spool.depth()
process.stdout.write(`${count}\n`)
for (;;) {
  await spool.append(numbered(count + 1, 20))
  count += 20
  process.stdout.write(`${count}\n`)
  if (count % 100 === 0) await spool.acknowledge(0)
  await new Promise(setImmediate)
}
