import { z } from 'zod'
import { lineTypes } from '../net/html/outline.ts'
import { askable, bodyLimitBytes, isAskable, patience, site, userAgent } from '../net/http/site.ts'
import { defaultKeywords } from './spam.ts'

const marker = z.string().min(3).max(200)
const attributeName = z.string().regex(/^[a-z][\w:.-]{0,60}$/u, 'expected an attribute name in lower case')

/** A fragment that may differ from run to run. */
const fragment = z.union([
  z.strictObject({ start: marker, end: marker }),
  z.strictObject({ id: z.string().min(1).max(200) }),
  z.strictObject({ class: z.string().regex(/^\S{1,200}$/u, 'expected one class name') }),
  z.strictObject({ attribute: attributeName, value: z.string().max(500).optional() }),
])
export type Fragment = z.output<typeof fragment>

const line = z
  .string()
  .max(700)
  .regex(new RegExp(`^(?:${lineTypes.join('|')}) .`, 'su'), 'expected a line as --capture shows it')

const baseline = z
  .strictObject({
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/u, 'expected 64 hexadecimal digits in lower case')
      .optional(),
    lines: z.array(line).min(1).max(5000).optional(),
  })
  .refine(
    ({ sha256, lines }) => sha256 !== undefined || lines !== undefined,
    'expected sha256, lines or both',
  )
  .refine(
    ({ lines = [] }) => lines.reduce((sum, { length }) => sum + length, 0) <= 256 * 1024,
    'expected lines of at most 262144 characters together',
  )

const options = z.strictObject({
  ...site,
  timeoutSeconds: patience.timeoutSeconds.default(10),
  userAgent,
  followRedirects: z.int().min(0).max(20).default(5).describe('how many redirects to follow'),
  bodyLimitBytes,
  ignore: z
    .array(fragment)
    .max(50)
    .default([])
    .describe(
      'fragments that may differ: {"start","end"} source text, {"id"}, {"class"} or {"attribute","value"} elements',
    ),
  ignoreParameters: z
    .array(z.string().min(1).max(60))
    .max(20)
    .default([])
    .describe('parameters to leave out of URLs, such as jsessionid or t'),
  baseline: baseline
    .optional()
    .describe('the approved page: {"sha256"} its fingerprint, {"lines"} its normal form'),
  capture: z.boolean().default(false).describe('show the normal form, to approve it as the baseline'),
  keywords: z
    .array(z.string().min(2).max(50))
    .max(100)
    .default([...defaultKeywords])
    .describe('words to count that do not belong on the page'),
})

/** The options of the kind `page`. */
export const pageSpec = options.refine(isAskable, askable)
export type PageSpec = z.output<typeof options>
