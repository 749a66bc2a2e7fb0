import { isIP } from 'node:net'
import type { Inventory } from '../../inventory/store.ts'
import { stateAt } from '../../inventory/migration/index.ts'
import { rollUpOf } from './progress.ts'

/**
 * The columns of the Migration Hub import template, in their order, as the user guide of AWS Application Discovery
 * Service lists them ("Importing data into Migration Hub"). What we do not know stays empty.
 */
export const awsColumns = [
  'ExternalId',
  'SMBiosId',
  'IPAddress',
  'MACAddress',
  'HostName',
  'VMware.MoRefId',
  'VMware.VCenterId',
  'CPU.NumberOfProcessors',
  'CPU.NumberOfCores',
  'CPU.NumberOfLogicalCores',
  'OS.Name',
  'OS.Version',
  'VMware.VMName',
  'RAM.TotalSizeInMB',
  'RAM.UsedSizeInMB.Avg',
  'RAM.UsedSizeInMB.Max',
  'CPU.UsagePct.Avg',
  'CPU.UsagePct.Max',
  'DiskReadsPerSecondInKB.Avg',
  'DiskWritesPerSecondInKB.Avg',
  'DiskReadsPerSecondInKB.Max',
  'DiskWritesPerSecondInKB.Max',
  'DiskReadsOpsPerSecond.Avg',
  'DiskWritesOpsPerSecond.Avg',
  'DiskReadsOpsPerSecond.Max',
  'DiskWritesOpsPerSecond.Max',
  'NetworkReadsPerSecondInKB.Avg',
  'NetworkWritesPerSecondInKB.Avg',
  'NetworkReadsPerSecondInKB.Max',
  'NetworkWritesPerSecondInKB.Max',
  'Applications',
  'ApplicationWave',
  'Tags',
  'ServerId',
] as const
export type AwsColumn = (typeof awsColumns)[number]
export type AwsRow = Readonly<Partial<Record<AwsColumn, string>>>

const hostOf = (endpoint: string): string => URL.parse(endpoint)?.hostname.replace(/^\[|\]$/gu, '') ?? ''

/** Colons and commas part tags and lists there; a leading sign would make a spreadsheet run it. */
const plain = (text: string): string => text.replace(/[,:"\r\n]+/gu, ' ').replace(/^[=+\-@\s]+/u, '')

/** One row a system, by the places that it moves from; the state as a tag, since the template has no field for it. */
export const awsRows = ({ migration, system, wave }: Inventory, at: number): readonly AwsRow[] =>
  [...migration.values()].map((record): AwsRow => {
    const hosts = [...new Set(record.oldEndpoints.map(hostOf))]
    const names = hosts.filter((host) => isIP(host) === 0)
    const tags = [
      `state:${stateAt(record, at)}`,
      `status:${rollUpOf(record, at)}`,
      ...(record.decision === undefined ? [] : [`decision:${record.decision}`]),
    ]
    return {
      ExternalId: record.id,
      IPAddress: hosts.filter((host) => isIP(host) > 0).join(', '),
      HostName: names[0] ?? '',
      Applications: plain(system.get(record.id)?.name ?? record.id),
      ApplicationWave: plain(wave.get(record.wave ?? '')?.name ?? ''),
      Tags: tags.join(', '),
    }
  })
