import { z } from 'zod'
import { port } from '../net/spec.ts'
import { askable, isAskable, patience, site, userAgent } from '../net/http/site.ts'

const path = z.string().max(500).startsWith('/')

const options = z.strictObject({
  ...site,
  ...patience,
  userAgent,
  httpPort: port.default(80).describe('port on which plain HTTP is asked for its redirect to HTTPS'),
  listingPaths: z
    .array(path)
    .max(5)
    .default(['/images/', '/js/', '/upload/'])
    .describe('folders to ask for directory listings, beside the page itself'),
})

/** The options of the kind `http-audit`. */
export const auditSpec = options.refine(isAskable, askable)
export type AuditSpec = z.output<typeof options>
