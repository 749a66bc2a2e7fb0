import type { LogLine, Transport } from './blocks.ts'
import { type SyslogMessage, type SyslogSeverity, parseSyslog, severities } from './message.ts'

/** A stored line with what it says. */
export interface LogEntry extends SyslogMessage {
  readonly receivedAt: number
  readonly source: string
  readonly transport: Transport
  readonly isCut: boolean
}

export interface LogQuery {
  /** Anywhere in the line, whatever its case. */
  readonly text?: string
  /** This grave, or graver. */
  readonly severity?: SyslogSeverity
  /** The newest so many. */
  readonly limit: number
  /** Of senders whose messages name none. */
  readonly timezone: string
}

/** The entries that match, the oldest first. `lines` come newest first, and no further than is needed. */
export const searchLog = (lines: Iterable<LogLine>, query: LogQuery): readonly LogEntry[] => {
  const { text = '', severity = 'debug', limit, timezone } = query
  const sought = text.toLowerCase()
  const gravity = severities.indexOf(severity)
  const found: LogEntry[] = []
  for (const { receivedAt, source, transport, isCut, line } of lines) {
    if (found.length >= limit) break
    if (!line.toLowerCase().includes(sought)) continue
    const message = parseSyslog(line, { receivedAt, timezone })
    if (severities.indexOf(message.severity) <= gravity)
      found.push({ receivedAt, source, transport, isCut, ...message })
  }
  return found.toReversed()
}
