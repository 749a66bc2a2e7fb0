import { Args, type Command } from '@oclif/core'
import type { ZodType } from 'zod'
import { editRecord } from '../../../inventory/edit.ts'
import { columnsOf } from '../../../inventory/columns/index.ts'
import { type Collection, collections } from '../../../inventory/model.ts'
import type { ChangeRequest, ChangeResult, InventoryStore, Operation } from '../../../inventory/store.ts'
import { type Day, dayIn } from '../../core/day.ts'
import { UsageFault } from '../../core/fault.ts'
import { writeFlags, YiwangCommand } from '../base.ts'
import { recordOf } from './record.ts'

/** What a record of the collection cannot be without, beside its id. */
const requiredOf = (collection: Collection): readonly string[] =>
  Object.entries<ZodType>(collections[collection].shape)
    .filter(([field, schema]) => field !== 'id' && !schema.safeParse(undefined).success)
    .map(([field]) => field)

const fieldsHelp = (collection: Collection): string => {
  const fields = columnsOf(collection).filter(({ writtenBy }) => writtenBy === undefined)
  return `Lists by comma, nested fields by dots: uplinks.1.to=n-410200. Fields: ${fields.map(({ header }) => header).join(', ')}.`
}

/** The store counts from 0, people and tables from 1: `uplinks[1].id` is what they write as `uplinks.2.id`. */
const asTyped = (error: unknown): unknown =>
  error instanceof UsageFault
    ? new UsageFault(
        error.problems.map((problem) => ({
          ...problem,
          where: problem.where.replaceAll(/\[(\d+)\]/gu, (_, index) => `.${String(Number(index) + 1)}`),
        })),
        { cause: error },
      )
    : error

const change = async (store: InventoryStore, request: ChangeRequest): Promise<ChangeResult> => {
  try {
    return await store.change(request)
  } catch (error) {
    throw asTyped(error)
  }
}

const put = (collection: Collection, record: unknown): Operation => ({ op: 'put', collection, record })

const id = Args.string({ required: true, description: 'its id' })
const assignments = { 'field=value': Args.string({ description: 'a field, and what it says of it' }) }

/** What a new record of a collection says of itself unless it is told otherwise. */
const written: Partial<Record<Collection, (today: Day) => object>> = {
  remediation: (today) => ({ openedOn: today }),
}

/** `yiwang <collection> add ID FIELD=VALUE …` */
export const addCommand = (collection: Collection): typeof Command =>
  class AddCommand extends YiwangCommand {
    static override readonly summary = `add a ${collection}`
    static override readonly description = fieldsHelp(collection)
    static override readonly examples = [
      [
        '<%= config.bin %>',
        collection,
        'add ID',
        ...requiredOf(collection).map((field) => `${field}=…`),
      ].join(' '),
    ]
    static override readonly strict = false
    static override readonly args = { id, ...assignments }
    static override readonly flags = writeFlags

    async run(): Promise<ChangeResult> {
      const { args, argv, flags } = await this.parse(AddCommand)
      const config = this.configuration(flags)
      await using store = await this.openInventory(config)
      const fresh = { id: args.id, ...written[collection]?.(dayIn(config.timezone, Date.now())) }
      const record = editRecord(collection, fresh, (argv as string[]).slice(1))
      const result = await change(store, {
        actor: flags.actor,
        reason: flags.reason,
        operations: (inventory) => {
          if (!inventory[collection].has(args.id)) return [put(collection, record)]
          throw new UsageFault([
            {
              where: args.id,
              message: `there is such a ${collection} already`,
              suggestion: `use \`${collection} set\``,
            },
          ])
        },
      })
      this.line(`added ${args.id}, revision ${String(result.revision)}`)
      return result
    }
  }

/** `yiwang <collection> set ID FIELD=VALUE …` */
export const setCommand = (collection: Collection): typeof Command =>
  class SetCommand extends YiwangCommand {
    static override readonly summary = `change fields of a ${collection}`
    static override readonly description = `An empty value removes the field, or a whole group: uplinks.2=. ${fieldsHelp(collection)}`
    static override readonly examples = [`<%= config.bin %> ${collection} set ID remark=checked`]
    static override readonly strict = false
    static override readonly args = { id, ...assignments }
    static override readonly flags = writeFlags

    async run(): Promise<ChangeResult> {
      const { args, argv, flags } = await this.parse(SetCommand)
      const given = (argv as string[]).slice(1)
      if (given.length === 0)
        throw new UsageFault([
          {
            where: 'FIELD=VALUE',
            message: 'expected what to change, got nothing',
            suggestion: `yiwang ${collection} set --help lists the fields`,
          },
        ])
      await using store = await this.openInventory(this.configuration(flags))
      const result = await change(store, {
        actor: flags.actor,
        reason: flags.reason,
        operations: (inventory) => [
          put(collection, editRecord(collection, recordOf(inventory, collection, args.id), given)),
        ],
      })
      this.line(`changed ${String(result.replaced)}, revision ${String(result.revision)}`)
      return result
    }
  }

/** `yiwang <collection> remove ID …` */
export const removeCommand = (collection: Collection): typeof Command =>
  class RemoveCommand extends YiwangCommand {
    static override readonly summary = `remove ${collection}s`
    static override readonly description = 'Refused while something else refers to one of them.'
    static override readonly examples = [`<%= config.bin %> ${collection} remove ID --reason "给出原因"`]
    static override readonly strict = false
    static override readonly args = { id }
    static override readonly flags = writeFlags

    async run(): Promise<ChangeResult> {
      const { argv, flags } = await this.parse(RemoveCommand)
      const ids = argv as string[]
      await using store = await this.openInventory(this.configuration(flags))
      const result = await store.change({
        actor: flags.actor,
        reason: flags.reason,
        operations: (inventory) =>
          ids.map((each) => ({ op: 'remove', collection, id: recordOf(inventory, collection, each).id })),
      })
      this.line(`removed ${String(result.removed)}, revision ${String(result.revision)}`)
      return result
    }
  }
