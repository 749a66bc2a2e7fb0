import { createPrivateKey, type KeyObject } from 'node:crypto'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { type Problem, UsageFault } from '../core/fault.ts'
import { newSigningKey, readPrivateKey } from '../core/signing-key.ts'
import { areas } from '../core/target.ts'
import { makeFolder, readIfThere, replaceFile } from './durable-file.ts'

/** Files of an agent's own folder. */
export const agentFiles = {
  identity: 'agent.json',
  key: 'key',
  signingKey: 'signing-key.pem',
  plan: 'plan.json',
  spool: 'spool.sqlite',
  engine: 'snmp-engine.json',
  facts: 'facts.sqlite',
} as const

const identitySchema = z.strictObject({
  id: z.string().min(1).max(64),
  collector: z.url({ protocol: /^https?$/u }),
  vantage: z.enum(areas),
  /** Certificates (PEM) that the collector's must be signed by; absent: the system's. */
  ca: z.string().max(1_000_000).optional(),
})

/** Who an agent is and whom it reports to. Its key is apart, in a file of its own. */
export type Identity = z.output<typeof identitySchema>

const keyPattern = /^[\x21-\x7e]{1,200}$/u

const notEnrolled = (folder: string): UsageFault =>
  new UsageFault([
    {
      where: folder,
      message: 'expected an enrolled agent, found none',
      suggestion: 'run `yiwang agent enroll` first',
    },
  ])

const parseIdentity = (file: string, text: string): Identity => {
  const refuse = (problems: readonly Problem[], cause: unknown): never => {
    throw new UsageFault(problems, { cause })
  }
  try {
    return Object.freeze(identitySchema.parse(JSON.parse(text)))
  } catch (error) {
    if (error instanceof z.ZodError)
      return refuse(
        error.issues.map((issue) => ({ where: [file, ...issue.path].join(': '), message: issue.message })),
        error,
      )
    return refuse([{ where: file, message: 'expected JSON, got something else' }], error)
  }
}

/** What a running agent is. Throws `UsageFault` where the folder holds no enrolled agent, or a broken one. */
export const loadIdentity = async (folder: string): Promise<Identity> => {
  const file = path.join(folder, agentFiles.identity)
  const text = await readIfThere(file)
  if (text === undefined) throw notEnrolled(folder)
  return parseIdentity(file, text)
}

const refuseOpenMode = async (file: string): Promise<void> => {
  const { mode } = await stat(file)
  if ((mode & 0o077) === 0) return
  const got = (mode & 0o777).toString(8)
  throw new UsageFault([
    {
      where: file,
      message: `expected mode 600, got ${got}: others may have read the key`,
      suggestion: `chmod 600 ${file}`,
    },
  ])
}

/** The agent's key. Throws `UsageFault` where it is missing, empty, or others may read it. */
export const loadKey = async (folder: string): Promise<string> => {
  const file = path.join(folder, agentFiles.key)
  const text = await readIfThere(file)
  if (text === undefined) throw notEnrolled(folder)
  await refuseOpenMode(file)
  const key = text.trim()
  if (!keyPattern.test(key))
    throw new UsageFault([{ where: file, message: 'expected one line with the key' }])
  return key
}

/** Replaces the key; durable when it resolves. Do so before the new key is first used. */
export const storeKey = (folder: string, key: string): Promise<void> =>
  replaceFile(path.join(folder, agentFiles.key), `${key}\n`, 0o600)

/**
 * The key that this agent signs evidence with; undefined where it was enrolled before there were such keys.
 * Throws `UsageFault` where it is no Ed25519 private key (PEM), or others may read it.
 */
export const loadSigningKey = async (folder: string): Promise<KeyObject | undefined> => {
  const file = path.join(folder, agentFiles.signingKey)
  const pem = await readIfThere(file)
  if (pem === undefined) return undefined
  await refuseOpenMode(file)
  const key = readPrivateKey(pem)
  if (key !== undefined) return key
  throw new UsageFault([
    {
      where: file,
      message: 'expected an Ed25519 private key (PEM), got something else',
      suggestion: 'have the agent invited again (yiwang agent invite) and enrol it anew',
    },
  ])
}

const storeSigningKey = async (folder: string, pem: string): Promise<void> => {
  await makeFolder(folder, 0o700)
  await replaceFile(path.join(folder, agentFiles.signingKey), pem, 0o600)
}

/** The same; one is made where there is none, and is durable before anybody hears of it. */
export const ensureSigningKey = async (folder: string): Promise<KeyObject> => {
  const known = await loadSigningKey(folder)
  if (known !== undefined) return known
  const { privatePem } = newSigningKey()
  await storeSigningKey(folder, privatePem)
  return createPrivateKey(privatePem)
}

export interface AgentKeys {
  /** Opens the collector to the agent. */
  readonly key: string
  /** Signs evidence: a private key as PEM. */
  readonly signingKey: string
}

/**
 * Makes the agent's folder (mode 700) and writes identity and keys into it; durable when it resolves.
 * Rejects with `EnvironmentFault`.
 */
export const storeIdentity = async (
  folder: string,
  identity: Identity,
  { key, signingKey }: AgentKeys,
): Promise<void> => {
  await storeSigningKey(folder, signingKey)
  await storeKey(folder, key)
  // Last, since it is what says that the folder is enrolled.
  await replaceFile(path.join(folder, agentFiles.identity), `${JSON.stringify(identity, null, 2)}\n`, 0o600)
}
