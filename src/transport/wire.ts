import { z } from 'zod'
import { statuses, targetCauses, agentCauses } from '../core/outcome.ts'
import { publicKeyPattern } from '../core/signing-key.ts'
import { areas } from '../core/target.ts'

/**
 * What agent and collector say to each other. A peer states the protocol versions that it speaks;
 * one version apart still talk, further apart refuse with a clear word.
 */
export const protocol = { current: 1, oldest: 1 } as const
export const protocolHeader = 'yiwang-protocol'

const facts = z.record(z.string(), z.unknown())

export const observation = z.object({
  job: z.string().min(1).max(300),
  target: z.string().min(1).max(200),
  kind: z.string().min(1).max(40),
  vantage: z.enum(areas),
  planRevision: z.int().min(0),
  status: z.enum(statuses),
  cause: z.enum([...targetCauses, ...agentCauses]).optional(),
  detail: z.string().max(1000).optional(),
  observedAt: z.number().min(0),
  seconds: z.number().min(0),
  facts,
})

/**
 * Observations `firstSequence` … `firstSequence + observations.length - 1` of one spool.
 * A spool that was made anew has a new `stream`, so that its sequence may start again.
 */
export const batch = z.object({
  stream: z.uuid(),
  firstSequence: z.int().min(1),
  /** The agent's clock when it sent this, ms since the epoch: the collector shows the skew. */
  sentAt: z.number().min(0),
  /** Observations still waiting in the spool after this batch. */
  spooled: z.int().min(0),
  observations: z.array(observation).max(5000),
})
export type Batch = z.output<typeof batch>

export const acknowledgement = z.object({
  /** Everything up to and including this sequence is on the collector's disk. */
  acknowledged: z.int().min(0),
  /** How often the collector wants to hear of the agent at least; absent: as the agent likes. */
  heartbeatSeconds: z.number().min(1).max(3600).optional(),
})
export type Acknowledgement = z.output<typeof acknowledgement>

const signingKey = z.string().regex(publicKeyPattern)

export const enrolmentRequest = z.object({
  agent: z.string().min(1).max(64),
  invitation: z.string().min(1).max(200),
  /** What the agent's evidence will be signed with: its public half. */
  signingKey: signingKey.optional(),
})
export const enrolment = z.object({ agent: z.string(), key: z.string(), vantage: z.enum(areas) })
export type Enrolment = z.output<typeof enrolment>

/** From an agent that was enrolled without one: taken once. */
export const signingKeyRequest = z.object({ signingKey })
