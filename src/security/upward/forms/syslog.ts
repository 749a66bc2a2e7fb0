import type { Severity } from '../../events.ts'
import type { Mapping } from '../mapping.ts'
import { type Presented, toldField, toldSeverity } from '../present.ts'

/** RFC 5424 messages and the frames in which RFC 5425 carries them. */

const severities: Readonly<Record<Severity, number>> = { critical: 2, high: 3, medium: 4, low: 5 }
const informational = 6

/** Control characters may be there (§6.3.3), and are better not. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')

/** §6.3.3: these three are escaped. */
const parameter = (text: string): string => oneLine(text).replaceAll(/["\\\]]/gu, (found) => `\\${found}`)

/** What a message says beside its structured data; undefined: its title. */
export type Saying = (presented: Presented) => string

export interface SyslogForm {
  /** As the host name: this platform. */
  readonly source: string
  readonly mapping: Mapping
  /** In place of structured data and title. */
  readonly say?: Saying | undefined
}

const byteOrderMark = '\u{FEFF}'

const structured = ({ entries }: Presented, enterprise: number): string => {
  const parameters = entries.map(({ theirs, value }) => ` ${theirs}="${parameter(String(value))}"`)
  return `[yiwang@${enterprise}${parameters.join('')}]`
}

export const syslogOf = (presented: Presented, { source, mapping, say }: SyslogForm): string => {
  const { facility, enterprise } = mapping.syslog
  const severity = toldSeverity(presented)
  const priority = facility * 8 + (severity === undefined ? informational : severities[severity])
  const { message, name } = presented
  const head = [`<${priority}>1`, new Date(message.at).toISOString(), source, 'yiwang', '-', message.kind]
  const said =
    say === undefined
      ? [structured(presented, enterprise), byteOrderMark + oneLine(toldField(presented, 'title') ?? name)]
      : // Receivers look for what it begins with.
        ['-', oneLine(say(presented))]
  return [...head, ...said].join(' ')
}

/** Octet counting: lengths are of bytes. */
export const framed = (message: string): Buffer => {
  const bytes = Buffer.from(message)
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes])
}
