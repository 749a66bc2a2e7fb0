import path from 'node:path'
import { openInventory } from '../../inventory/lowdb/index.ts'
import { importEvidence } from '../../src/service/import-evidence.ts'

/** Imports files one after the other into a data folder, and says so after each. Meant to be killed. */
const [dataFolder = '', ...files] = process.argv.slice(2)
await using store = await openInventory(path.join(dataFolder, 'inventory'), { clock: Date.now })
for (const file of files) {
  await importEvidence(store, dataFolder, { files: [file], now: Date.now(), actor: 'test', reason: 'import' })
  process.stdout.write('imported\n')
}
