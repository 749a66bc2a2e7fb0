import { z } from 'zod'
import { areas } from '../core/target.ts'
import { type Plan, expectations } from '../plan/plan.ts'

/** More than three nations' townships: a plan beyond it is a mistake, not work. */
const maxJobs = 200_000

// Unknown fields are dropped, not refused: a collector may be one version ahead.
const job = z.object({
  id: z.string().min(1).max(300),
  target: z.string().min(1).max(200),
  kind: z.string().min(1).max(40),
  spec: z.record(z.string(), z.unknown()),
  intervalSeconds: z.number().min(1).max(86_400),
  vantage: z.enum(areas),
  expect: z.enum(expectations),
})

/** The wire form of a plan, as `GET /v1/plan` answers it and as the agent caches it. */
export const planDocument: z.ZodType<Plan> = z.object({
  revision: z.int().min(0),
  digest: z.string().regex(/^[0-9a-f]{64}$/u),
  jobs: z.array(job).max(maxJobs),
})
