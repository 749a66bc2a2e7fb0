import { enableCompileCache } from 'node:module'
import os from 'node:os'
import path from 'node:path'

// A container may run us as a user whom its system does not know: there is no home and no shell to ask for.
try {
  os.userInfo()
} catch {
  process.env['HOME'] ??= '/'
  process.env['SHELL'] ??= '/bin/sh'
}

// Of this user alone: the runtime's default is a folder in /tmp that others may have made first.
enableCompileCache(path.join(os.homedir(), '.cache', 'yiwang'))

// A pool stays whole for as long as anything of it does: of the runtime's, 64 KB each, there were tens of megabytes.
Buffer.poolSize = 8192

// `exitCodes` has its name; what is imported before the cache is on would be compiled each time.
const couldNotLook = 4

// `yiwang node list | head`: the reader has seen enough, and that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  process.stderr.write(
    `yiwang: standard output: ${error.message}\n  → free some space, or send it elsewhere\n`,
  )
  process.exit(couldNotLook)
})
// An agent whose log nobody reads any more goes on probing.
process.stderr.on('error', () => undefined)

const given = process.argv.slice(2)
const args = given[0] === 'help' ? [...given.slice(1), '--help'] : given

// After the cache is on: what is imported at the top is compiled before.
const { Config, execute } = await import('@oclif/core')
const root = path.resolve(import.meta.dirname, '../..')
// There are no plugins to look for in the user's folders, which may not even be readable.
const config = await Config.load({ root, userPlugins: false, devPlugins: false })
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
