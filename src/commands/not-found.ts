import type { Hook } from '@oclif/core'
import { nearest } from '../core/nearest.ts'
import { exitCodes } from '../core/fault.ts'
import { printable } from '../terminal/printable.ts'

const nextStep = (given: string, known: readonly string[]): string => {
  if (given.startsWith('-')) return 'flags stand after the command: yiwang node list --data DIR'
  const similar = nearest(given, known)
  if (similar !== undefined) return `did you mean: yiwang ${similar}`
  const [topic = ''] = given.split(' ')
  return known.some((command) => command.startsWith(`${topic} `))
    ? `yiwang ${topic} --help lists them`
    : 'yiwang --help lists them'
}

const maxShown = 100

/** A mistyped command ends with the nearest one. */
const notFound: Hook.CommandNotFound = ({ id, config }) => {
  const given = id.replaceAll(':', ' ')
  const known = config.commandIDs.map((command) => command.replaceAll(':', ' '))
  process.stderr.write(
    `yiwang: there is no command ${printable(given.slice(0, maxShown))}\n  → ${nextStep(given, known)}\n`,
  )
  process.exit(exitCodes.usage)
}

export default notFound
