import { isIP, isIPv4, isIPv6 } from 'node:net'
import { z } from 'zod'
import { askable, bodyLimitBytes, isAskable, patience, site, userAgent } from '../net/http/site.ts'

// The kind looks over both families, whatever one would choose.
const { address, port, scheme, host, path } = site

const options = z.strictObject({
  address,
  port,
  scheme,
  host,
  path,
  ...patience,
  timeoutSeconds: patience.timeoutSeconds.default(60),
  userAgent,
  bodyLimitBytes,
  v4Address: z
    .string()
    .refine(isIPv4, 'expected an IPv4 address')
    .optional()
    .describe('IPv4 address of the site, instead of what its name resolves to'),
  v6Address: z
    .string()
    .refine(isIPv6, 'expected an IPv6 address')
    .optional()
    .describe('IPv6 address of the site, instead of what its name resolves to'),
  nameServer: z
    .string()
    .regex(
      /^(?:\[[0-9a-fA-F:.]+\]|[0-9.]+)(?::\d{1,5})?$|^[0-9a-fA-F:.]+$/u,
      'expected an address, with or without port',
    )
    .refine(
      (text) => isIP(text.replace(/^\[([^\]]*)\].*$/u, '$1').replace(/^([\d.]+):\d+$/u, '$1')) !== 0,
      'expected an address',
    )
    .optional()
    .describe('DNS server to ask for addresses and delegation (default: those of this machine)'),
  delegation: z
    .boolean()
    .default(true)
    .describe('whether to ask which name servers of the zone have IPv6 addresses'),
  tries: z.int().min(1).max(10).default(3).describe('looks at the home page over each family'),
  sampleLinks: z
    .int()
    .min(0)
    .max(30)
    .default(8)
    .describe('links of the second and of the third level to ask for over IPv6, each'),
})

/** The options of the kind `ipv6-ready`. */
export const readinessSpec = options.refine(isAskable, askable)
export type ReadinessSpec = z.output<typeof options>
