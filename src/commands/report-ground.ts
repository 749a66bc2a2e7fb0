import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Flags } from '@oclif/core'
import { guarded } from '../../inventory/lowdb/faults.ts'
import type { InventoryStore } from '../../inventory/store.ts'
import type { Config } from '../config/index.ts'
import type { Context } from '../ledger/index.ts'
import type { Template } from '../reports/docx/template-file.ts'
import type { ReportGround } from '../service/reports.ts'

export const unitFlag = Flags.string({
  summary: 'only what this unit leads, takes part in or answers for',
  helpValue: 'ID',
})

export const organFlag = Flags.string({
  summary: 'whose bulletin it is (发文机关; default: whom the work plan names for it)',
  helpValue: 'NAME',
})

export const templateFlag = Flags.string({
  summary: 'Word document with placeholders that gives the docx its layout (`report template`)',
  helpValue: 'FILE',
})

/** Throws `UsageFault` for what is no template, `EnvironmentFault` where it cannot be read. */
export const templateOf = async (file: string | undefined): Promise<Template | undefined> => {
  if (file === undefined) return undefined
  const bytes = await guarded(file, () => readFile(file))
  const { readTemplate } = await import('../reports/docx/template-file.ts')
  return await readTemplate(path.basename(file), bytes)
}

/** Records and audit head that belong together: nobody wrote in between. */
export const groundOf = async (
  store: InventoryStore,
  config: Config,
  context: Context,
): Promise<ReportGround> => {
  for (;;) {
    const { revision } = await store.read()
    const { hash } = await store.auditHead()
    const inventory = await store.read()
    if (inventory.revision === revision)
      return { config, context, inventory, auditHead: hash, audit: () => store.audit() }
  }
}
