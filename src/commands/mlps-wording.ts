import path from 'node:path'
import { Args } from '@oclif/core'
import { readOfficialWording, readTables } from '../../inventory/exchange/index.ts'
import { about, catalogue, type Item, mlpsLevels } from '../../inventory/mlps/index.ts'
import { addWording, forgetWording, readWording, wordingPath } from '../../inventory/mlps/wording-file.ts'
import { type Column, table } from '../terminal/table.ts'
import { YiwangCommand } from './base.ts'
import { readBytes } from './exchange.ts'

/** The official text beside ours, for a table; no column where no text was loaded. */
export const officialColumn = <Row>(
  texts: ReadonlyMap<string, string>,
  idOf: (row: Row) => string,
): readonly Column<Row>[] =>
  texts.size === 0
    ? []
    : [
        {
          header: '官方原文（使用者自行载入）',
          read: (row) => texts.get(idOf(row)) ?? '',
          least: 24,
          optional: true,
        },
      ]

const everyItem = (): readonly Item[] => mlpsLevels.flatMap((level) => catalogue(level, { cloud: true }))

export class MlpsWordingLoad extends YiwangCommand {
  static override readonly summary = 'load the official wording of the items from your own XLSX'
  static override readonly description =
    'Kept in the data folder, outside the inventory, its audit log and its backups, and shown beside our words by `mlps catalog`, `show`, `walk` and `export`. Needs a column 官方原文 and a column 测评项 (L3-CES1-01) or 条款 (8.1.4.1) with 列项 (a); other columns are not looked at. Adds to what was loaded before; with any problem nothing is written.'
  static override readonly examples = ['<%= config.bin %> mlps wording load 等保三级.xlsx']
  static override readonly args = { file: Args.string({ required: true, description: '.xlsx or .csv' }) }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MlpsWordingLoad)
    const { dataFolder } = this.configuration(flags)
    const texts = readOfficialWording(await readTables(path.basename(args.file), await readBytes(args.file)))
    const stored = await addWording(dataFolder, texts, Date.now())
    this.line(`${texts.size} texts loaded, ${stored.texts.size} in all: ${wordingPath(dataFolder)}`)
    return { loaded: texts.size, texts: stored.texts.size, file: wordingPath(dataFolder) }
  }
}

export class MlpsWordingShow extends YiwangCommand {
  static override readonly summary = 'show the official wording that was loaded, beside ours'
  static override readonly examples = ['<%= config.bin %> mlps wording show']

  async run(): Promise<unknown> {
    const { flags } = await this.parse(MlpsWordingShow)
    const { texts, loadedAt } = await readWording(this.configuration(flags).dataFolder)
    const items = everyItem().filter(({ id }) => texts.has(id))
    if (items.length > 0)
      this.line(
        table(
          [
            { header: '编号', read: ({ id }) => id },
            { header: '条款', read: ({ clause, letter }) => `${clause} ${letter}` },
            { header: `要求（${about().notice}）`, read: ({ requirement }) => requirement, least: 24 },
            ...officialColumn<Item>(texts, ({ id }) => id),
          ],
          items,
        ),
      )
    this.note(
      items.length === 0
        ? 'no official wording is loaded; `yiwang mlps wording load FILE.xlsx` does'
        : `${items.length} texts, last loaded ${loadedAt ?? ''}`,
    )
    return { loadedAt, items: items.map(({ id }) => ({ id, officialWording: texts.get(id) })) }
  }
}

export class MlpsWordingForget extends YiwangCommand {
  static override readonly summary = 'delete the official wording that was loaded'
  static override readonly examples = ['<%= config.bin %> mlps wording forget']

  async run(): Promise<unknown> {
    const { flags } = await this.parse(MlpsWordingForget)
    const { dataFolder } = this.configuration(flags)
    await forgetWording(dataFolder)
    this.line(`${wordingPath(dataFolder)} is gone`)
    return { file: wordingPath(dataFolder) }
  }
}
