/**
 * Faults of the operator and of the surroundings. What a target does is never thrown: it is an `Outcome`.
 * Anything thrown that is neither class is our bug (exit 1, with its stack).
 */

/** Exit codes of every command; the README repeats this table and a test compares them. */
export const exitCodes = {
  ok: 0,
  bug: 1,
  usage: 2,
  targetFailed: 3,
  couldNotLook: 4,
} as const

/** One thing wrong with what the operator gave, and where. */
export interface Problem {
  /** `file:sheet!cell`, a flag, or a dotted path into a file. */
  readonly where: string
  /** Expected what, got what. */
  readonly message: string
  /** The next step to take, where there is an obvious one. */
  readonly suggestion?: string
}

const shortened = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most)}…`

/** What was given may be of any length. */
const bounded = (problem: Problem): Problem => ({
  ...problem,
  where: shortened(problem.where, 300),
  message: shortened(problem.message, 1000),
})

const problemLine = ({ where, message, suggestion }: Problem): string =>
  [where === '' ? message : `${where}: ${message}`, suggestion && `  → ${suggestion}`]
    .filter(Boolean)
    .join('\n')

/** Flag, file or inventory is wrong: carries every problem at once. Exit 2; nothing was written. */
export class UsageFault extends Error {
  override readonly name = 'UsageFault'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[] | string, options?: ErrorOptions) {
    const list = (typeof problems === 'string' ? [{ where: '', message: problems }] : problems).map(bounded)
    super(list.map(problemLine).join('\n'), options)
    this.problems = list
  }
}

export const environmentCodes = [
  'STORE_BROKEN',
  'STORE_LOCKED',
  'STORE_NEWER',
  'STORE_MISSING',
  'DISK_FULL',
  'PORT_IN_USE',
  'FILE_UNREADABLE',
  'COLLECTOR_UNREACHABLE',
  'COLLECTOR_REFUSED',
  'PROTOCOL_MISMATCH',
  'SOCKET_DENIED',
  'GRAFANA_UNREACHABLE',
  'GRAFANA_REFUSED',
] as const
export type EnvironmentCode = (typeof environmentCodes)[number]

/** Disk, port, store or peer is not as we need it. Exit 4. */
export class EnvironmentFault extends Error {
  override readonly name = 'EnvironmentFault'
  readonly code: EnvironmentCode
  readonly suggestion: string | undefined

  constructor(
    code: EnvironmentCode,
    message: string,
    options: { readonly cause?: unknown; readonly suggestion?: string } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.suggestion = options.suggestion
  }
}
