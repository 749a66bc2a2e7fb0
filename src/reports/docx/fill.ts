import { type FileChild, type IPatch, patchDocument, PatchType, TextRun } from 'docx'
import type { Block, Report } from '../model.ts'
import { docxBlocks, note } from './blocks.ts'
import { type KnownPlaceholder, placeholders } from './placeholders.ts'
import { repacked } from './stable.ts'
import type { Template } from './template-file.ts'

/** Pictures of ours are numbered from here: a template has its own. */
const firstPicture = 10_000

type Drawer = (block: Block) => readonly FileChild[] | Promise<readonly FileChild[]>

/** Draws block by block into a text of this width; ids of pictures are each once a document. */
const drawerFor = (width: number): Drawer => {
  let next = firstPicture
  return (block) => docxBlocks(block, (next += 1), width)
}

const childrenOf = async (blocks: readonly Block[], draw: Drawer): Promise<readonly FileChild[]> => {
  const children: FileChild[] = []
  for (const block of blocks) children.push(...(await draw(block)))
  return children
}

const patchOf = async (placeholder: KnownPlaceholder, report: Report, draw: Drawer): Promise<IPatch> => {
  switch (placeholder.kind) {
    case 'text':
      return { type: PatchType.PARAGRAPH, children: [new TextRun(placeholder.text(report))] }
    case 'notes':
      return { type: PatchType.DOCUMENT, children: placeholder.lines(report).map(note) }
    case 'blocks':
      return {
        type: PatchType.DOCUMENT,
        children: [...(await childrenOf(placeholder.blocks(report), draw))],
      }
  }
}

/** Word, in the layout of the template. The same report and template give the same bytes. */
export const fillTemplate = async (report: Report, { bytes, keys, width }: Template): Promise<Uint8Array> => {
  const draw = drawerFor(width)
  const patches: Record<string, IPatch> = {}
  for (const placeholder of placeholders.filter(({ key }) => keys.includes(key)))
    patches[placeholder.key] = await patchOf(placeholder, report, draw)
  return repacked(
    await patchDocument({ outputType: 'uint8array', data: bytes, patches, trimPlaceholders: true }),
  )
}
