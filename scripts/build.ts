import { execFileSync } from 'node:child_process'
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Plugin } from '@oclif/core'

/** Compiles to dist/, copies data files beside the code that reads them, writes oclif's manifest. */
const root = path.resolve(import.meta.dirname, '..')
const run = (command: string, ...args: string[]): void => {
  execFileSync(process.execPath, [path.join(root, command), ...args], { cwd: root, stdio: 'inherit' })
}

run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json')
for (const folder of ['inventory/regions', 'inventory/mlps'])
  cpSync(path.join(root, folder), path.join(root, 'dist', folder), {
    recursive: true,
    // What a YAML file says is in the JSON that was made of it.
    filter: (source) => !/(\.ts|\/catalogue)$/u.test(source),
  })

const manifest = path.join(root, 'oclif.manifest.json')
rmSync(manifest, { force: true })
const plugin = new Plugin({ root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true })
await plugin.load()
writeFileSync(manifest, `${JSON.stringify(plugin.manifest, undefined, 2)}\n`)
