import { z } from 'zod'
import { askable, isAskable, site } from '../net/http/site.ts'

const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/u, 'expected a header name')
const headerValue = z
  .string()
  .max(2000)
  .regex(/^[\t\x20-\x7e]*$/u, 'expected printable ASCII')

/** Set by the probe itself, or secrets: those come from a named credential. */
const reserved = new Set([
  'authorization',
  'connection',
  'content-length',
  'cookie',
  'host',
  'proxy-authorization',
  'transfer-encoding',
  'upgrade',
])

const isPattern = (source: string): boolean => {
  try {
    return new RegExp(source, 'u') instanceof RegExp
  } catch {
    return false
  }
}

const statusCode = z.int().min(100).max(599)
const statusRange = z.string().regex(/^[1-5]\d\d-[1-5]\d\d$/u, 'expected a range such as 200-399')

const options = z.strictObject({
  ...site,
  method: z.enum(['GET', 'HEAD']).default('GET').describe('GET or HEAD'),
  headers: z
    .record(headerName, headerValue)
    .default({})
    .refine((headers) => Object.keys(headers).length <= 20, 'expected at most 20 headers')
    .refine(
      (headers) => !Object.keys(headers).some((name) => reserved.has(name.toLowerCase())),
      `expected none of ${[...reserved].join(', ')}; secrets are named by "credential"`,
    )
    .describe('headers to send'),
  credential: z.string().min(1).max(64).optional().describe('name of the bearer token to send'),
  followRedirects: z
    .int()
    .min(0)
    .max(20)
    .default(5)
    .describe('how many redirects to follow; 0: the redirect is the answer'),
  expectStatus: z
    .array(z.union([statusCode, statusRange]))
    .min(1)
    .max(20)
    .default(['200-399'])
    .describe('status codes and ranges that count as up'),
  expectText: z.string().min(1).max(1000).optional().describe('text that the body must contain'),
  expectBody: z
    .string()
    .min(1)
    .max(500)
    .refine(isPattern, 'expected a regular expression')
    .optional()
    .describe('regular expression that the first 64 KiB of the body must match'),
  bodyLimitBytes: z
    .int()
    .min(0)
    .max(16 * 1024 * 1024)
    .default(1024 * 1024)
    .describe('how much of the body to read'),
  requireTrusted: z
    .boolean()
    .default(false)
    .describe('down where the certificate is not trusted; nothing is sent to it then'),
})

/** The options of the kind `http`. */
export const httpSpec = options.refine(isAskable, askable)
export type HttpSpec = z.output<typeof options>
