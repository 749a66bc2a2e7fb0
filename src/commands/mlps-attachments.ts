import { attachmentFolder, type AttachmentState, attachmentState } from '../../inventory/attachments/store.ts'
import type { Attachment } from '../../inventory/fields.ts'
import type { ItemResult } from '../compliance/combine.ts'
import type { Column } from '../terminal/table.ts'
import { stateLabels } from './attachment.ts'

/** An attachment of a result, as it is on the disk now. */
export interface ResultAttachment extends Attachment {
  readonly item: string
  readonly asset: string
  readonly assetName: string
  readonly state: AttachmentState
}

/** Attachments of the results of these items, each read and checked against its hash. */
export const attachmentsOn = async (
  items: readonly ItemResult[],
  dataFolder: string,
): Promise<readonly ResultAttachment[]> => {
  const folder = attachmentFolder(dataFolder)
  const found: ResultAttachment[] = []
  for (const { item, assets } of items)
    for (const { asset } of assets)
      for (const each of asset.results[item.id]?.attachments ?? []) {
        const state = await attachmentState(folder, each.hash)
        found.push({ item: item.id, asset: asset.id, assetName: asset.name, ...each, state })
      }
  return found
}

export const attachmentColumns: readonly Column<ResultAttachment>[] = [
  { header: '编号', read: ({ item }) => item },
  { header: '资产', read: ({ assetName }) => assetName, least: 8 },
  { header: '附件', read: ({ name }) => name, least: 12 },
  { header: '字节数', read: ({ bytes }) => String(bytes), align: 'right' },
  { header: '状态', read: ({ state }) => stateLabels[state] },
]
