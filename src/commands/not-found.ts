import type { Hook } from '@oclif/core'
import { nearest } from '../core/nearest.ts'
import { exitCodes } from '../core/fault.ts'

const nextStep = (given: string, known: readonly string[]): string => {
  if (given.startsWith('-')) return 'flags stand after the command: yiwang node list --data DIR'
  const similar = nearest(given, known)
  return similar === undefined ? 'yiwang --help lists them' : `did you mean: yiwang ${similar}`
}

/** A mistyped command ends with the nearest one. */
const notFound: Hook.CommandNotFound = ({ id, config }) => {
  const given = id.replaceAll(':', ' ')
  const known = config.commandIDs.map((command) => command.replaceAll(':', ' '))
  process.stderr.write(`yiwang: there is no command ${given}\n  → ${nextStep(given, known)}\n`)
  process.exit(exitCodes.usage)
}

export default notFound
