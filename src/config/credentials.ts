import { inspect } from 'node:util'
import { z } from 'zod'
import type { Credential } from '../core/credential.ts'
import { expectation, nextStep } from '../core/expectation.ts'
import { type Problem, UsageFault } from '../core/fault.ts'
import { jsonOf } from '../core/json.ts'
import type { Environment } from './environment.ts'
import { credentialName, nameRule, safeUrl } from './forms.ts'
import { readPrivateFile } from './private-file.ts'
import { type YamlSource, parseYaml } from './yaml-source.ts'

export type CredentialResolver = (name: string) => Credential | undefined

const secret = z.string().min(1).max(4096)

/** RFC 3414 §11.2: at least eight characters. */
const password = z.string().min(8).max(256)

const credential = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('snmp-community'), community: z.string().min(1).max(255) }),
  z.strictObject({
    kind: z.literal('snmp-user'),
    user: z.string().min(1).max(32),
    authProtocol: z.enum(['sha1', 'sha256']).default('sha256'),
    authPassword: password,
    privProtocol: z.enum(['aes128']).default('aes128'),
    privPassword: password,
  }),
  z.strictObject({ kind: z.literal('bearer'), token: secret }),
  z.strictObject({
    kind: z.literal('endpoint'),
    url: safeUrl.max(4096),
    secret: secret.optional(),
  }),
  z.strictObject({ kind: z.literal('smtp'), user: secret, password: secret }),
])

/**
 * The same values, readable by those who know the field, but shown to nobody: not by `inspect`, not as JSON,
 * not by spreading or listing keys.
 */
const sealed = (values: Credential): Credential => {
  const shown = Object.freeze({ kind: values.kind })
  const hidden = { ...values, toJSON: () => shown, [inspect.custom]: () => shown }
  const result = {}
  for (const key of Reflect.ownKeys(hidden))
    Object.defineProperty(result, key, { value: Reflect.get(hidden, key) as unknown })
  return Object.freeze(result) as Credential
}

type Parsed =
  | { readonly credential: Credential; readonly problems: readonly [] }
  | { readonly credential?: never; readonly problems: readonly Problem[] }

const problem = (where: string, message: string): Parsed => ({ problems: [{ where, message }] })

const kinds = 'snmp-community, snmp-user, bearer, endpoint or smtp'

/** Keys are not repeated here: in a file gone wrong a secret may stand where a key should. */
const messageOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'invalid_union') return `expected kind to be ${kinds}`
  if (issue.code === 'unrecognized_keys') return 'unknown key'
  return expectation(issue)
}

const parseCredential = (value: unknown, where: (keys: readonly PropertyKey[]) => string): Parsed => {
  const parsed = credential.safeParse(value)
  if (parsed.success) return { credential: sealed(parsed.data), problems: [] }
  return {
    problems: parsed.error.issues.map((issue) => ({
      where: where(issue.path),
      message: messageOf(issue),
      ...nextStep(issue),
    })),
  }
}

const fromEntry = (source: YamlSource, name: string, value: unknown): Parsed => {
  if (!credentialName.test(name)) return problem(source.placeOf([name]), nameRule)
  return parseCredential(
    value,
    (keys) => `${source.placeOf([name, ...keys])} ${[name, ...keys].map(String).join('.')}`,
  )
}

const prefix = 'YIWANG_SECRET_'

/** `core-switches` → `YIWANG_SECRET_CORE_SWITCHES`. */
const secretVariableOf = (name: string): string => prefix + name.toUpperCase().replaceAll(/[^A-Z0-9]/gu, '_')

/** `community:…`, `bearer:…` or the fields of the file as a JSON object; undefined where it is none of these. */
const readVariable = (text: string): unknown => {
  const { scheme, rest } = /^(?<scheme>community|bearer):(?<rest>.*)$/su.exec(text)?.groups ?? {}
  if (scheme === 'community') return { kind: 'snmp-community', community: rest }
  if (scheme === 'bearer') return { kind: 'bearer', token: rest }
  return jsonOf(text)
}

const fromVariable = (variable: string, text: string): Parsed => {
  const value = readVariable(text)
  return value === undefined
    ? problem(`$${variable}`, 'expected community:…, bearer:… or a JSON object')
    : parseCredential(value, (keys) => [`$${variable}`, ...keys.map(String)].join('.'))
}

const fromSource = (source: YamlSource): readonly (readonly [string, Parsed])[] => {
  const value = source.value ?? {}
  if (typeof value !== 'object' || Array.isArray(value))
    throw new UsageFault([{ where: source.file, message: 'expected names, each with a credential' }])
  return Object.entries(value).map(([name, entry]) => [name, fromEntry(source, name, entry)])
}

/**
 * Reads the named credentials: from `YIWANG_SECRET_<NAME>`, else from the file (mode 0600), which may be missing.
 * Throws `UsageFault` with every problem; no value of a secret is ever in it.
 */
export const loadCredentials = (file: string, env: Environment): CredentialResolver => {
  const text = readPrivateFile(file)
  const entries = text === undefined ? [] : fromSource(parseYaml(file, text, { quiet: true }))
  const variables = Object.keys(env)
    .filter((variable) => variable.startsWith(prefix))
    .map((variable) => [variable, fromVariable(variable, env[variable] ?? '')] as const)
  const all = new Map([...entries, ...variables])
  const problems = [...all.values()].flatMap((parsed) => parsed.problems)
  if (problems.length > 0) throw new UsageFault(problems)
  return (name) => (all.get(secretVariableOf(name)) ?? all.get(name))?.credential
}
