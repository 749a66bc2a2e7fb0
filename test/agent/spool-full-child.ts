import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openSpool } from '../../src/agent/file-spool.ts'
import { EnvironmentFault } from '../../src/core/fault.ts'
import { numbered } from './observations.ts'

/** Fills the small disk at argv[2], meets it full, makes room, goes on; prints what it saw as JSON. */
const [folder = ''] = process.argv.slice(2)
const filler = path.join(folder, 'filler')
await using spool = openSpool({
  file: path.join(folder, 'spool.sqlite'),
  maxBytes: 1e9,
  onDropped: () => undefined,
  log: () => undefined,
})
await spool.append(numbered(1, 100))
writeFileSync(filler, Buffer.alloc(512 * 1024))

const appendUntilFull = async (): Promise<string> => {
  for (;;) {
    try {
      await spool.append(numbered(spool.depth() + 1, 100))
    } catch (error) {
      if (error instanceof EnvironmentFault) return error.code
      throw error
    }
  }
}
const code = await appendUntilFull()
const kept = spool.depth()
rmSync(filler)
await spool.append(numbered(kept + 1, 100))
const { observations } = await spool.peek({ observations: 1e6, bytes: 1e9 })
const isWhole = observations.every(({ observedAt }, index) => observedAt === index + 1)
process.stdout.write(JSON.stringify({ code, kept, after: spool.depth(), isWhole }))
