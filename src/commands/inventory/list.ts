import { type Command, Flags } from '@oclif/core'
import { stringify } from 'csv-stringify/sync'
import { type Column, columnsOf } from '../../../inventory/columns/index.ts'
import type { Collection } from '../../../inventory/model.ts'
import { kindsOf, select } from '../../../inventory/select.ts'
import { type Problem, UsageFault } from '../../core/fault.ts'
import { nearest } from '../../core/nearest.ts'
import { table } from '../../terminal/table.ts'
import { kindFlag, selectorFlags, YiwangCommand } from '../base.ts'

/** What is shown where `--columns` names nothing; a narrow terminal leaves out the last. */
const usualColumns: Readonly<Record<Collection, readonly string[]>> = {
  region: ['id', 'name', 'level', 'parent', 'statisticalOnly', 'villages'],
  unit: ['id', 'name', 'kind', 'region', 'contacts'],
  node: ['id', 'name', 'level', 'kind', 'state', 'addresses', 'uplinks.1.to', 'uplinks.2.to'],
  system: ['id', 'name', 'kind', 'state', 'endpoints', 'unit', 'region'],
  device: ['id', 'name', 'role', 'state', 'node', 'address', 'snmp.credential'],
  network: ['id', 'name', 'cidr', 'area', 'scan', 'unit', 'region'],
  contact: ['id', 'name', 'organisation', 'duty', 'phone', 'hotline'],
  agent: ['id', 'vantage', 'regions', 'state', 'target', 'remark'],
  signer: ['id', 'name', 'state', 'publicKey', 'remark'],
  evidence: ['hostname', 'target', 'collectedAt', 'receivedAt', 'key', 'id'],
  assessment: ['id', 'name', 'object', 'system', 'level', 'cloud', 'filing', 'institution', 'finishedOn'],
  asset: ['id', 'name', 'assessment', 'kind', 'target'],
  waiver: ['id', 'assessment', 'item', 'asset', 'approver', 'expiresOn', 'why'],
  remediation: ['id', 'assessment', 'item', 'state', 'unit', 'openedOn', 'deadline', 'effortDays', 'measure'],
  workplan: ['id', 'name', 'number', 'issuer', 'issuedOn', 'region'],
  goal: ['id', 'name', 'target', 'due', 'tasks', 'roster', 'denominator'],
  task: ['id', 'name', 'levels', 'lead', 'verification', 'dependsOn', 'dependsOnInferred'],
  milestone: ['id', 'task', 'date', 'kind', 'scope'],
  mention: ['id', 'name', 'kind', 'levels', 'system', 'owners', 'ownerBasis'],
  progress: ['id', 'subject', 'at', 'kind', 'to', 'by', 'text'],
  claim: ['id', 'subject', 'kind', 'value', 'at', 'by', 'unit', 'withdrawn.at'],
  roster: ['id', 'name', 'of', 'effectiveOn', 'count', 'source'],
  cloud: ['id', 'name', 'networks', 'unit'],
  wave: ['id', 'name', 'startsOn', 'endsOn', 'capacity', 'unit'],
  migration: ['id', 'state', 'wave', 'decision', 'unit', 'dependsOn', 'newEndpoints'],
  readiness: ['id', 'by', 'on', 'answers'],
  bulletin: ['id', 'kind', 'period', 'unit', 'issuedAt', 'issuedBy', 'corrects'],
  maintenance: ['id', 'name', 'startsAt', 'endsAt', 'targets', 'regions', 'why'],
  exception: ['id', 'rule', 'target', 'approver', 'expiresOn', 'why'],
  duty: ['id', 'startsAt', 'endsAt', 'contacts', 'escalation'],
}

const unknownColumn = (name: string, headers: readonly string[]): Problem => {
  const meant = nearest(name, headers)
  const suggestion = meant === undefined ? `one of ${headers.join(', ')}` : `did you mean ${meant}?`
  return { where: '--columns', message: `there is no column ${name}`, suggestion }
}

const choose = (available: readonly Column[], names: readonly string[]): readonly Column[] => {
  const byHeader = new Map(available.map((column) => [column.header, column]))
  const unknown = names.filter((name) => !byHeader.has(name))
  if (unknown.length > 0)
    throw new UsageFault(unknown.map((name) => unknownColumn(name, [...byHeader.keys()])))
  return names.flatMap((name) => byHeader.get(name) ?? [])
}

/** `yiwang <collection> list` with selectors, as table, CSV or JSON. */
export const listCommand = (collection: Collection): typeof Command =>
  class ListCommand extends YiwangCommand {
    static override readonly summary = `list ${collection}s`
    static override readonly examples = [
      `<%= config.bin %> ${collection} list`,
      `<%= config.bin %> ${collection} list --region 410202 --json`,
      `<%= config.bin %> ${collection} list --csv > ${collection}s.csv`,
    ]
    static override readonly flags = {
      ...selectorFlags,
      kind: kindFlag(kindsOf(collection)),
      columns: Flags.string({
        summary: 'columns to show, by comma; `all` for every one',
        helpValue: 'NAMES',
      }),
      csv: Flags.boolean({
        summary: 'print CSV, every column unless --columns names some',
        exclusive: ['json'],
      }),
    }

    async run(): Promise<unknown> {
      const { flags } = await this.parse(ListCommand)
      await using store = await this.openInventory(this.configuration(flags))
      const records = select(await store.read(), collection, flags)
      if (this.jsonEnabled()) return records
      const available = columnsOf(collection, records)
      const everything = flags.columns === 'all' || (flags.csv === true && flags.columns === undefined)
      const columns = everything
        ? available
        : choose(available, flags.columns?.split(',') ?? usualColumns[collection])
      const headers = columns.map(({ header }) => header)
      this.line(
        flags.csv
          ? stringify([
              headers,
              ...records.map((record) => columns.map(({ read }) => read(record))),
            ]).trimEnd()
          : table(
              columns.map((column, at) => ({
                header: column.header,
                read: column.show,
                ...(at > 0 && { least: 12 }),
                ...(at > 1 && { optional: flags.columns === undefined }),
              })),
              records,
            ),
      )
      return records
    }
  }
