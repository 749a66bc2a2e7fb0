import { type FileChild, type IPatch, patchDocument, PatchType, TextRun } from 'docx'
import type { Block, Report } from '../model.ts'
import { docxBlocks, note } from './blocks.ts'
import { type KnownPlaceholder, placeholders } from './placeholders.ts'
import { repacked } from './stable.ts'
import type { Template } from './template-file.ts'

/** Pictures of ours are numbered from here: a template has its own. */
const firstPicture = 10_000

/** Ids of pictures, each once a document. */
const counter = () => {
  let next = firstPicture
  return (): number => (next += 1)
}

const childrenOf = async (blocks: readonly Block[], nextId: () => number): Promise<readonly FileChild[]> => {
  const children: FileChild[] = []
  for (const block of blocks) children.push(...(await docxBlocks(block, nextId())))
  return children
}

const patchOf = async (
  placeholder: KnownPlaceholder,
  report: Report,
  nextId: () => number,
): Promise<IPatch> => {
  switch (placeholder.kind) {
    case 'text':
      return { type: PatchType.PARAGRAPH, children: [new TextRun(placeholder.text(report))] }
    case 'notes':
      return { type: PatchType.DOCUMENT, children: placeholder.lines(report).map(note) }
    case 'blocks':
      return {
        type: PatchType.DOCUMENT,
        children: [...(await childrenOf(placeholder.blocks(report), nextId))],
      }
  }
}

/** Word, in the layout of the template. The same report and template give the same bytes. */
export const fillTemplate = async (report: Report, { bytes, keys }: Template): Promise<Uint8Array> => {
  const nextId = counter()
  const patches: Record<string, IPatch> = {}
  for (const placeholder of placeholders.filter(({ key }) => keys.includes(key)))
    patches[placeholder.key] = await patchOf(placeholder, report, nextId)
  return repacked(
    await patchDocument({ outputType: 'uint8array', data: bytes, patches, trimPlaceholders: true }),
  )
}
