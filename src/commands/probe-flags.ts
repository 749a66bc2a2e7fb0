import { Flags, type Interfaces } from '@oclif/core'
import { z } from 'zod'
import { UsageFault } from '../core/fault.ts'
import type { Probe } from '../core/probe.ts'

interface Property {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly isRequired?: boolean
}

/** The address is the command's argument, not a flag. */
const argumentNames = new Set(['address'])

const propertiesOf = (probe: Probe): readonly (readonly [string, Property])[] => {
  const schema = z.toJSONSchema(probe.schema, { io: 'input', unrepresentable: 'any' })
  const { properties = {}, required = [] } = schema
  return Object.entries(properties as Record<string, Property>)
    .filter(([name]) => !argumentNames.has(name))
    .map(([name, property]) => [name, { ...property, isRequired: required.includes(name) }])
}

const kebab = (name: string): string => name.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)

const summaryOf = ({ description, default: fallback, isRequired }: Property): string =>
  [
    isRequired === true ? '(required)' : undefined,
    description,
    fallback === undefined ? undefined : `(default: ${JSON.stringify(fallback)})`,
  ]
    .filter((part) => part !== undefined)
    .join(' ')

/** The options of a probe kind as command flags, derived from its schema: `timeoutSeconds` → `--timeout-seconds`. */
export const probeFlags = (probe: Probe): Interfaces.FlagInput =>
  Object.fromEntries(
    propertiesOf(probe).map(([name, property]) => {
      const summary = summaryOf(property)
      return [
        kebab(name),
        property.type === 'boolean' ? Flags.boolean({ summary, allowNo: true }) : Flags.string({ summary }),
      ]
    }),
  )

const asJson = (flag: string, text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new UsageFault([{ where: `--${flag}`, message: `expected JSON, got ${text}` }], { cause })
  }
}

const valueOf = (flag: string, { type }: Property, text: string): unknown => {
  if (type === 'string') return text
  if (type === 'array' && !text.startsWith('[')) return text.split(',').map((part) => numberOr(part))
  if (type === 'array' || type === 'object') return asJson(flag, text)
  return numberOr(text)
}

const numberOr = (text: string): number | string => {
  const value = Number(text)
  return text.trim() === '' || Number.isNaN(value) ? text : value
}

/** Flags given on the command line → the probe's options; the schema judges them. */
export const probeOptions = (
  probe: Probe,
  flags: Readonly<Record<string, unknown>>,
): Record<string, unknown> =>
  Object.fromEntries(
    propertiesOf(probe).flatMap(([name, property]) => {
      const given = flags[kebab(name)]
      if (given === undefined) return []
      return [[name, typeof given === 'string' ? valueOf(kebab(name), property, given) : given]]
    }),
  )

/** `tcp.port` → `--port`: what a person typed. */
const flagOf = (where: string): string => {
  const [, first = '', ...rest] = where.split('.')
  return [argumentNames.has(first) ? first.toUpperCase() : `--${kebab(first)}`, ...rest].join('.')
}

/** Binds the probe; what is wrong with its options is said of the flags that gave them. */
export const bindFlags = (
  probe: Probe,
  options: Readonly<Record<string, unknown>>,
): ReturnType<Probe['bind']> => {
  try {
    return probe.bind(options)
  } catch (error) {
    if (!(error instanceof UsageFault)) throw error
    const suggestion = `yiwang probe ${probe.kind} --help`
    const problems = error.problems.map((problem, at, { length }) => ({
      ...(at === length - 1 && { suggestion }),
      ...problem,
      where: flagOf(problem.where),
    }))
    throw new UsageFault(problems, { cause: error })
  }
}
