import type { DiscoveryReport, FoundDevice, Link } from '../discovery/report.ts'
import { table } from '../terminal/table.ts'
import { differenceTable } from './exchange.ts'

/** Of a network whose password was changed, a person wants to see a few. */
const mostRefusals = 20

const foundTable = (found: readonly FoundDevice[]): string =>
  table(
    [
      { header: 'ADDRESS', read: ({ address }) => address },
      { header: 'DEVICE', read: ({ device }) => device, least: 12 },
      { header: '', read: ({ standing }) => standing },
      { header: 'NODE', read: ({ node }) => node ?? '?' },
      { header: 'CREDENTIAL', read: ({ credential }) => credential, least: 10 },
      { header: 'IFS', read: ({ interfaceCount = '' }) => String(interfaceCount), align: 'right' },
      { header: 'MAKER', read: ({ maker = '' }) => maker },
      { header: 'SYSNAME', read: ({ sysName = '' }) => sysName, least: 10 },
      { header: 'SYSDESCR', read: ({ sysDescr = '' }) => sysDescr, least: 10, optional: true },
    ],
    found,
  )

const linkTable = (links: readonly Link[]): string =>
  table(
    [
      { header: 'DEVICE', read: ({ device }) => device },
      { header: 'PORT', read: ({ localPort }) => localPort, least: 8 },
      {
        header: 'NEIGHBOUR',
        read: ({ neighbour, sysName, chassis }) => neighbour ?? sysName ?? chassis,
        least: 10,
      },
      { header: 'ITS PORT', read: ({ port }) => port, least: 8 },
      { header: 'CHASSIS', read: ({ chassis }) => chassis, least: 10, optional: true },
      {
        header: 'ADDRESSES',
        read: ({ managementAddresses }) => managementAddresses.join(' '),
        least: 10,
        optional: true,
      },
    ],
    links,
  )

/** What was found, who hears whom, and what importing it would change. */
export const reportTables = ({ found, links, difference }: DiscoveryReport): readonly string[] => {
  const tables = [
    ...(found.length > 0 ? [foundTable(found)] : []),
    ...(links.length > 0 ? [linkTable(links)] : []),
    ...(difference.cells.length > 0 ? [differenceTable(difference.cells)] : []),
  ]
  return tables.map((text, at) => (at === 0 ? text : `\n${text}`))
}

const summary = (report: DiscoveryReport): string => {
  const { asked, addresses, found, silent, none, refused, difference, needNode } = report
  const missing = addresses - asked
  return [
    `${String(asked)} asked${missing > 0 ? `, ${String(missing)} not, since it was stopped` : ''}:`,
    `${String(found.length)} devices, ${String(refused.length)} refused, ${String(none)} without an agent, ${String(silent)} silent;`,
    `${String(difference.added + needNode.length)} new, ${String(difference.changed)} changed`,
  ].join(' ')
}

/** How much was asked, and what a person has to do about it. */
export const reportNotes = (report: DiscoveryReport): readonly string[] => {
  const { refused, failed, needNode } = report
  return [
    summary(report),
    ...refused.slice(0, mostRefusals).map(({ address, detail }) => `${address} refused us: ${detail}`),
    ...(refused.length > mostRefusals ? ['further refusals: --json has them all'] : []),
    ...failed.map(({ cause, detail, count }) => `${String(count)} could not be asked: ${cause}, ${detail}`),
    ...(needNode.length > 0 ? [`a person must say at which node they stand: ${needNode.join(', ')}`] : []),
  ]
}
