import { enableCompileCache } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { execute } from '@oclif/core'

// Of this user alone: the runtime's default is a folder in /tmp that others may have made first.
enableCompileCache(path.join(os.homedir(), '.cache', 'yiwang'))

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
