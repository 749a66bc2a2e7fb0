import { openInventory } from '../../inventory/lowdb/index.ts'
import { storeContract } from './store-contract.ts'
import { clock, temporaryFolder } from './store-fixtures.ts'

storeContract('lowdb', async () => {
  const folder = await temporaryFolder()
  return {
    open: () => openInventory(folder.path, { clock, create: true }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
})
