import { z } from 'zod'
import { askable, bodyLimitBytes, isAskable, patience, site, userAgent } from '../net/http/site.ts'

/** What a page may name, in the words of `types`. */
export const linkTypes = ['link', 'image', 'script', 'style', 'frame'] as const

const options = z.strictObject({
  ...site,
  ...patience,
  timeoutSeconds: patience.timeoutSeconds.default(60),
  userAgent,
  bodyLimitBytes,
  types: z
    .array(z.enum(linkTypes))
    .min(1)
    .max(linkTypes.length)
    .default([...linkTypes])
    .describe('what to ask for: link, image, script, style, frame'),
  external: z.boolean().default(false).describe('whether to ask other hosts too'),
  maxLinks: z.int().min(1).max(500).default(100).describe('how many links to ask for'),
  concurrency: z.int().min(1).max(4).default(2).describe('requests under way at once'),
  gapSeconds: z
    .number()
    .min(0)
    .max(5)
    .default(0.05)
    .describe('pause before each link, in seconds, so that the site is not pressed'),
})

/** The options of the kind `links`. */
export const linksSpec = options.refine(isAskable, askable)
export type LinksSpec = z.output<typeof options>
