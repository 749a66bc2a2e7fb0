import { enableCompileCache } from 'node:module'
import path from 'node:path'
import { execute } from '@oclif/core'

enableCompileCache()

// `yiwang node list | head`: the reader has seen enough, and that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})
// An agent whose log nobody reads any more goes on probing.
process.stderr.on('error', () => undefined)

const given = process.argv.slice(2)
const args = given[0] === 'help' ? [...given.slice(1), '--help'] : given
await execute({ dir: path.resolve(import.meta.dirname, '../..'), args })
