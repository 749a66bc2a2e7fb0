import { cpSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Plugin } from '@oclif/core'
import { rolldown } from 'rolldown'
import { inAscii, sourcesInAscii, templatesOnly, withoutUndici } from './lean.ts'
import { ownPlaces } from './own-places.ts'

/** Bundles into dist/, copies data files to where the code that reads them thinks it is, writes oclif's manifest. */
const root = path.resolve(import.meta.dirname, '..')
const dist = path.join(root, 'dist')

/** What is started or loaded by its path. */
const entries = [
  'src/main',
  'src/commands/every',
  'src/commands/not-found',
  'src/collector/history/writer-thread',
  'src/service/days-thread',
  'src/database/check-thread',
  'probes/icmp/sender-thread',
  'src/agent/host/child',
]

/**
 * Packages of very many files: those that almost every command loads, and the builders of dashboards, of which a tenth
 * is used. The others are left where they are: they load when they are needed, and not all of them bear the strict mode
 * of a module.
 */
const bundled = /^(@oclif\/core|zod|yaml|@grafana\/grafana-foundation-sdk\/.*)$/u
/** What these load only where it is there, in development. */
const optional = /^(typescript|ts-node)(\/|$)/u

rmSync(dist, { recursive: true, force: true })
await using bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(entries.map((entry) => [entry, path.join(root, `${entry}.ts`)])),
  platform: 'node',
  external: (id, importer) => {
    if (/^([./\0]|node:http$)/u.test(id)) return false
    return importer?.includes('/node_modules/') === true ? optional.test(id) : !bundled.test(id)
  },
  plugins: [ownPlaces(root), withoutUndici, templatesOnly, sourcesInAscii],
})
await bundle.write({
  dir: dist,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  comments: false,
})
const data = [
  'inventory/regions',
  'inventory/mlps',
  'inventory/migration',
  'inventory/ledger',
  'dashboards/deploy',
  'src/reports/package',
  'src/security/upward/mappings',
]
for (const folder of data)
  cpSync(path.join(root, folder), path.join(dist, folder), {
    recursive: true,
    // What a YAML file says is in the JSON that was made of it.
    filter: (source) => !/(\.ts|\/catalogue)$/u.test(source),
  })

const manifest = path.join(root, 'oclif.manifest.json')
rmSync(manifest, { force: true })
const plugin = new Plugin({ root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true })
await plugin.load()
writeFileSync(manifest, `${inAscii(JSON.stringify(plugin.manifest))}\n`)
