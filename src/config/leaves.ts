import { z } from 'zod'
import { settings } from './settings.ts'

/** One setting, as schema, environment and reference know it. */
export interface Leaf {
  readonly path: readonly string[]
  /** Environment variable that sets it. */
  readonly variable: string
  /** `array`: of text; in the environment separated by commas. `object`: entries by name; there as JSON. */
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object'
  readonly isFile: boolean
  readonly default?: string | number | boolean | readonly string[]
  readonly description: string
  readonly choices?: readonly string[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
}

interface Node {
  readonly type: Leaf['type']
  readonly description?: string
  readonly default?: string | number | boolean | readonly string[]
  readonly format?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Node>>
}

const root = z.toJSONSchema(settings, { io: 'input' }) as unknown as Node

const words = (key: string): string =>
  key
    .replaceAll(/[A-Z]/gu, (letter) => `_${letter}`)
    .replaceAll('-', '_')
    .toUpperCase()

/** `collector.tls.clientCa` → `YIWANG_COLLECTOR_TLS_CLIENT_CA`. */
export const variableOf = (path: readonly string[]): string => ['YIWANG', ...path.map(words)].join('_')

const leafOf = (path: readonly string[], { type, format, enum: choices, ...node }: Node): Leaf => ({
  ...node,
  path,
  variable: variableOf(path),
  type,
  isFile: format === 'path',
  description: node.description ?? '',
  ...(choices && { choices }),
})

const leavesIn = (node: Node, path: readonly string[]): readonly Leaf[] =>
  node.properties === undefined
    ? [leafOf(path, node)]
    : Object.entries(node.properties).flatMap(([key, child]) => leavesIn(child, [...path, key]))

/** Every setting there is, in the order of the schema. */
export const leaves: readonly Leaf[] = leavesIn(root, [])

const nodeAt = (path: readonly PropertyKey[]): Node | undefined =>
  path.reduce<Node | undefined>((node, key) => node?.properties?.[String(key)], root)

/** The keys that the section at `path` may have. */
export const keysAt = (path: readonly PropertyKey[]): readonly string[] =>
  Object.keys(nodeAt(path)?.properties ?? {})

export const descriptionAt = (path: readonly PropertyKey[]): string => nodeAt(path)?.description ?? ''
