import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { problemsOf } from '../../config/problems.ts'
import { parseYaml, readYaml, type YamlSource } from '../../config/yaml-source.ts'
import { valueAt } from '../../core/expectation.ts'
import { EnvironmentFault, UsageFault } from '../../core/fault.ts'
import { categoryLabels, gradeLabels, severityLabels } from '../events.ts'
import { fieldLabels, isTimeField, type UpwardKind, upwardKinds } from './message.ts'

/** How a receiver calls what we tell it: data, so that another receiver is another file. */

/** Fit for a key of JSON and of CEF, a parameter of syslog and an attribute of XML alike. */
const outerName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,31}$/u, 'expected up to 32 of a-z, A-Z, 0-9, _, dot and hyphen')

const fieldsOf = (kind: UpwardKind) =>
  z.strictObject({
    ...Object.fromEntries(Object.keys(fieldLabels[kind]).map((field) => [field, outerName.optional()])),
    // It makes repeating harmless.
    id: outerName,
  })

const kindSchema = (kind: UpwardKind) =>
  z.strictObject({
    /** What the kind is called there. */
    name: z.string().min(1).max(60),
    /** Ours → theirs; what is not named is not sent. */
    fields: fieldsOf(kind),
  })

const value = z.string().max(60)
const tableOf = (labels: Readonly<Record<string, string>>) =>
  z.strictObject(Object.fromEntries(Object.keys(labels).map((key) => [key, value.optional()]))).optional()

const plainFields = upwardKinds.flatMap((kind) =>
  Object.keys(fieldLabels[kind]).filter((field) => !isTimeField(field)),
)

const schema = z
  .strictObject({
    version: z.literal(1),
    /** 2026-11-26T08:00:00.000Z, 2026-11-26 16:00:00 in the time zone of the settings, or milliseconds. */
    times: z.enum(['utc', 'local', 'epoch']).default('utc'),
    /** Sent with each message. */
    constants: z.record(outerName, z.string().max(120)).default({}),
    /** What values of ours are called there: `severity: { critical: '1' }`. */
    values: z
      .strictObject({
        ...Object.fromEntries(plainFields.map((field) => [field, z.record(value, value).optional()])),
        severity: tableOf(severityLabels),
        category: tableOf(categoryLabels),
        grade: tableOf(gradeLabels),
      })
      .prefault({}),
    syslog: z
      .strictObject({
        /** RFC 5424, table 1; 16 is local use 0. */
        facility: z.int().min(0).max(23).default(16),
        /** Private enterprise number behind the name of the structured data; 32473 is that of examples (RFC 5612). */
        enterprise: z.int().min(1).max(4_294_967_295).default(32_473),
      })
      .prefault({}),
    kinds: z.strictObject({
      asset: kindSchema('asset').optional(),
      status: kindSchema('status').optional(),
      risk: kindSchema('risk').optional(),
      alert: kindSchema('alert').optional(),
      incident: kindSchema('incident').optional(),
    }),
  })
  .superRefine(({ constants, kinds }, context) => {
    for (const kind of upwardKinds) {
      const taken = new Set(Object.keys(constants))
      for (const [ours, theirs] of Object.entries(kinds[kind]?.fields ?? {})) {
        if (taken.has(theirs))
          context.addIssue({
            code: 'custom',
            path: ['kinds', kind, 'fields', ours],
            message: 'expected a name that nothing else of the message has',
          })
        taken.add(theirs)
      }
    }
  })
export type Mapping = z.output<typeof schema>

interface Node {
  readonly properties?: Readonly<Record<string, Node>>
}

const keysAt = (path: readonly PropertyKey[]): readonly string[] => {
  const root = z.toJSONSchema(schema, { io: 'input' }) as Node
  const node = path.reduce<Node | undefined>((at, key) => at?.properties?.[String(key)], root)
  return Object.keys(node?.properties ?? {})
}

const parseMapping = ({ value: given, placeOf }: YamlSource): Mapping => {
  const { success, data, error } = schema.safeParse(given)
  if (success) return data
  const where = (path: readonly PropertyKey[]): string =>
    `${placeOf(path)} ${path.map(String).join('.')}`.trimEnd()
  throw new UsageFault(problemsOf(error, { where, valueAt: (path) => valueAt(given, path), keysAt }), {
    cause: error,
  })
}

/** Reads a mapping. Throws `UsageFault` with every problem and its line, `EnvironmentFault` FILE_UNREADABLE. */
export const readMapping = (file: string): Mapping => {
  const source = readYaml(file)
  if (source === undefined) throw new EnvironmentFault('FILE_UNREADABLE', `there is no mapping ${file}`)
  return parseMapping(source)
}

export const shippedMappings = ['plain', 'cef'] as const
export type ShippedMapping = (typeof shippedMappings)[number]

/** The text of a mapping that comes with yiwang. */
export const shippedText = (name: ShippedMapping): string =>
  readFileSync(new URL(`mappings/${name}.yaml`, import.meta.url), 'utf8')

export const shippedMapping = (name: ShippedMapping): Mapping =>
  parseMapping(parseYaml(`${name}.yaml`, shippedText(name)))
