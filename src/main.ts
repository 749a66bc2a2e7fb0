import { enableCompileCache } from 'node:module'
import os from 'node:os'
import path from 'node:path'

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

// After the cache is on: what is imported at the top is compiled before.
const { Config, execute } = await import('@oclif/core')
const config = await Config.load(path.resolve(import.meta.dirname, '../..'))
const own = config.plugins.get(config.name)
if (own === undefined) throw new Error(`oclif has not loaded ${config.name}`)
own.findCommand = async (id) => {
  const { loadCommand } = await import('./commands/index.ts')
  const command = await loadCommand(id)
  if (command === undefined) throw new Error(`the manifest names ${id}, which is no command`)
  command.id = id
  command.plugin = own
  return command
}
await execute({ args, loadOptions: config })
