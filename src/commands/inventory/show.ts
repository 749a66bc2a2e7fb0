import { Args, type Command } from '@oclif/core'
import { columnsOf } from '../../../inventory/columns/index.ts'
import type { Collection } from '../../../inventory/model.ts'
import { table } from '../../terminal/table.ts'
import { YiwangCommand } from '../base.ts'
import { recordOf } from './record.ts'

/** `yiwang <collection> show ID`: every field that has a value. */
export const showCommand = (collection: Collection): typeof Command =>
  class ShowCommand extends YiwangCommand {
    static override readonly summary = `show one ${collection}`
    static override readonly examples = [`<%= config.bin %> ${collection} show ID`]
    static override readonly args = { id: Args.string({ required: true, description: 'its id' }) }

    async run(): Promise<unknown> {
      const { args, flags } = await this.parse(ShowCommand)
      await using store = await this.openInventory(this.configuration(flags))
      const record = recordOf(await store.read(), collection, args.id)
      const rows = columnsOf(collection, [record])
        .map((column) => ({ ...column, value: column.read(record) }))
        .filter(({ value }) => value !== '')
      this.line(
        table(
          [
            { header: 'FIELD', read: ({ header }) => header },
            { header: '字段', read: ({ label }) => label },
            { header: 'VALUE', read: ({ value }) => value, least: 24, wraps: true },
          ],
          rows,
        ),
      )
      return record
    }
  }
