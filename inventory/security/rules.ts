import type { Problem } from '../../src/core/fault.ts'
import type { Duty, Exception, Maintenance } from './model.ts'

const span = (where: string, { startsAt, endsAt }: Pick<Duty, 'startsAt' | 'endsAt'>): readonly Problem[] =>
  Date.parse(startsAt) < Date.parse(endsAt)
    ? []
    : [{ where: `${where}.endsAt`, message: `expected an instant after ${startsAt}, got ${endsAt}` }]

/** What is wrong in a maintenance window by itself. */
export const maintenanceProblems = (record: Maintenance): readonly Problem[] => [
  ...span(`maintenance/${record.id}`, record),
  ...(record.targets.length + record.regions.length === 0
    ? [{ where: `maintenance/${record.id}.targets`, message: 'expected targets or regions, got none' }]
    : []),
]

export const dutyProblems = (record: Duty): readonly Problem[] => span(`duty/${record.id}`, record)

export const exceptionProblems = ({ id, approvedOn, expiresOn }: Exception): readonly Problem[] =>
  approvedOn <= expiresOn
    ? []
    : [
        {
          where: `exception/${id}.expiresOn`,
          message: `expected a day from ${approvedOn} on, got ${expiresOn}`,
        },
      ]
