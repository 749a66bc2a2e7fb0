import {
  type ImportPlan,
  exportCsv,
  exportWorkbook,
  planImport,
  readTables,
} from '../../inventory/exchange/index.ts'
import type { Device } from '../../inventory/model.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { Proposal, ProposedDevice } from './propose.ts'

export type FileFormat = 'csv' | 'xlsx'

/** As a table shows them; a record without a node has an empty cell there. */
const withDevices = (inventory: Inventory, devices: readonly ProposedDevice[]): Inventory => ({
  ...inventory,
  device: new Map((devices as readonly Device[]).map((device) => [device.id, device])),
})

const proposed = (proposals: readonly Proposal[]): readonly ProposedDevice[] =>
  proposals.filter(({ standing }) => standing !== 'known').map(({ device }) => device)

/** What is new or changed, as `yiwang import` reads it; the node is left empty where a person must say it. */
export const importFile = async (
  proposals: readonly Proposal[],
  inventory: Inventory,
  format: FileFormat,
): Promise<string | Uint8Array> => {
  const only = withDevices(inventory, proposed(proposals))
  return format === 'csv' ? exportCsv(only, 'device', { bom: true }) : exportWorkbook(only, ['device'])
}

/** Whether a person must say at which node it stands before it can be imported. */
export const needsNode = ({ device }: Proposal): boolean => device.node === undefined

/** What importing would change of all that needs nobody's word, by the very import that would do it. */
export const differenceOf = async (
  proposals: readonly Proposal[],
  inventory: Inventory,
  fileName: string,
): Promise<ImportPlan> => {
  const complete = proposals.filter((proposal) => !needsNode(proposal))
  const csv = await importFile(complete, inventory, 'csv')
  const tables = await readTables(`${fileName}.csv`, Buffer.from(csv))
  return planImport(tables, inventory, ['device'])
}
