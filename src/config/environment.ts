import path from 'node:path'
import type { Problem } from '../core/fault.ts'
import { type Leaf, leaves } from './leaves.ts'
import { nearest } from '../core/nearest.ts'
import { withValue } from './tree.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const booleans: Readonly<Record<string, boolean>> = { true: true, false: false }

const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** What a variable says, in the setting's type; text that does not fit is left for the schema to refuse. */
const parseVariable = ({ type, isFile }: Leaf, text: string): unknown => {
  if (type === 'boolean') return booleans[text] ?? text
  if (type === 'array') return text.split(',').map((part) => part.trim())
  if (type === 'object') return parsedJson(text)
  if (type === 'string') return isFile ? path.resolve(text) : text
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)
}

/** Whether the environment sets `leaf`; an empty variable counts as unset. */
export const isSet = (env: Environment, { variable }: Leaf): boolean => (env[variable] ?? '') !== ''

/** `value` with the settings of the environment laid over it. */
export const withEnvironment = (value: unknown, env: Environment): unknown =>
  leaves
    .filter((leaf) => isSet(env, leaf))
    .reduce<unknown>(
      (merged, leaf) => withValue(merged, leaf.path, parseVariable(leaf, env[leaf.variable] ?? '')),
      value,
    )

const known: ReadonlySet<string> = new Set(leaves.map(({ variable }) => variable))

const sections: ReadonlySet<string> = new Set(
  leaves.filter(({ path: keys }) => keys.length > 1).map(({ path: keys }) => keys[0]?.toUpperCase() ?? ''),
)

const isInSection = (name: string): boolean => sections.has(/^YIWANG_([A-Z]+)_/u.exec(name)?.[1] ?? '')

/** Variables that begin like a setting of ours, but are none: misspelt. */
export const unknownVariables = (env: Environment): readonly Problem[] =>
  Object.keys(env)
    .filter((name) => isInSection(name) && !known.has(name))
    .map((name) => {
      const meant = nearest(name, [...known])
      return {
        where: `$${name}`,
        message: 'unknown setting',
        ...(meant !== undefined && { suggestion: `did you mean ${meant}?` }),
      }
    })
