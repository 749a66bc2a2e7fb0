import type { Hook } from '@oclif/core'
import { nearest } from '../core/nearest.ts'
import { exitCodes } from '../core/fault.ts'

/** A mistyped command ends with the nearest one. */
const notFound: Hook.CommandNotFound = ({ id, config }) => {
  const given = id.replaceAll(':', ' ')
  const known = config.commandIDs.map((command) => command.replaceAll(':', ' '))
  const similar = nearest(given, known)
  process.stderr.write(
    `yiwang: there is no command ${given}\n  → ${similar === undefined ? 'yiwang --help lists them' : `did you mean: yiwang ${similar}`}\n`,
  )
  process.exit(exitCodes.usage)
}

export default notFound
