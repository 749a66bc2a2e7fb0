import { z } from 'zod'
import { isHost } from '../../src/core/network.ts'

/** Options that every probe kind has. */
export const common = {
  address: z
    .string()
    .max(253)
    .refine(isHost, 'expected a host name or an address, and nothing else')
    .describe('IPv4 or IPv6 address, or a host name'),
  timeoutSeconds: z.number().positive().max(120).default(5).describe('deadline of the run, in seconds'),
}

export const port = z.int().min(1).max(65535)

export const family = z
  .literal([4, 6])
  .optional()
  .describe('address family to use where the name has both (default: what the resolver gives first)')
