import { EnvironmentFault } from '../../core/fault.ts'
import { type DatabaseFault, databaseFaultOf } from '../../database/sqlite.ts'

interface Words {
  readonly what: string
  readonly suggestion?: string
}

const words: Readonly<Record<DatabaseFault, Words>> = {
  DISK_FULL: {
    what: 'no room for the history',
    suggestion: 'free space on that disk; agents keep their observations meanwhile',
  },
  STORE_BROKEN: {
    what: 'not a readable history database',
    suggestion: 'move the file away; a new one is begun, and agents deliver what they still hold',
  },
  FILE_UNREADABLE: {
    what: 'cannot be opened',
    suggestion: 'check that folder and file belong to the user that runs yiwang',
  },
  STORE_LOCKED: { what: 'another process writes to it' },
}

/** What an error of the database says about the surroundings; any other error as it is: our bug. */
export const historyFault = (file: string, error: unknown): Error => {
  const code = databaseFaultOf(error)
  if (code === undefined) return error instanceof Error ? error : new Error(String(error))
  const { what, suggestion } = words[code]
  return new EnvironmentFault(code, `${file}: ${what}`, {
    cause: error,
    ...(suggestion !== undefined && { suggestion }),
  })
}
