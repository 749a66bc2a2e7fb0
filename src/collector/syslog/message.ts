import { startOfDay } from '../../core/day.ts'

/** RFC 5424 §6.2.1, the gravest first. */
export const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const
export type SyslogSeverity = (typeof severities)[number]

export interface SyslogMessage {
  /** `none`: neither RFC; the whole line is the text. */
  readonly format: 'rfc5424' | 'rfc3164' | 'none'
  /** 0 to 23, RFC 5424 §6.2.1. */
  readonly facility: number
  readonly severity: SyslogSeverity
  /** By the clock of the sender, which nobody vouches for. */
  readonly sentAt?: number
  readonly host?: string
  readonly app?: string
  readonly messageId?: string
  readonly text: string
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const gb18030 = new TextDecoder('gb18030')

/** UTF-8, or else GB 18030, in which older devices of Chinese makers log. */
export const decode = (bytes: Buffer): string => {
  try {
    return utf8.decode(bytes)
  } catch {
    return gb18030.decode(bytes)
  }
}

/** RFC 3164 §4.3.3: what has no priority is user.notice. */
const defaultPriority = 13

const priorityPattern = /^<(0|[1-9]\d{0,2})>/u
const field = '([!-~]{1,255})'
const headerPattern = new RegExp(
  `^1 (?<at>${field}) (?<host>${field}) (?<app>${field}) (?<process>${field}) (?<id>${field}) (?<rest>[^]*)$`,
  'u',
)
/** Either nothing, or elements whose values escape `"`, `\` and `]` (RFC 5424 §6.3). */
const structuredPattern = /^(?:-|(?:\[(?:[^"\]]|"(?:[^"\\]|\\[^])*")*\])+)(?: |$)/u

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** With a year before or after the time, as Huawei and H3C write it, or without, as RFC 3164 §4.1.2 has it. */
const oldPattern =
  /^(?:\d+: )?[*.]?(?<month>[A-Z][a-z]{2}) {1,2}(?<day>\d{1,2}) (?:(?<before>\d{4}) )?(?<time>\d{2}:\d{2}:\d{2})(?:\.\d{1,6})?(?: (?<after>\d{4}))?:? (?<rest>[^]*)$/u
const oldRest = /^(?<host>[^\s:[\]]{1,255}) (?<rest>[^]*)$/u
const tagPattern = /^(?:%%\d\d)?(?<app>[\w./%-]{1,64})(?:\(\w\))?(?:\[[^\]]{0,32}\])?:/u

const orNone = (text: string | undefined): string | undefined => (text === '-' ? undefined : text)

const instant = (text: string | undefined): number | undefined => {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? undefined : at
}

type Head = Omit<SyslogMessage, 'facility' | 'severity'>

const modern = (body: string): Head | undefined => {
  const parts = headerPattern.exec(body)?.groups
  const structured = structuredPattern.exec(parts?.['rest'] ?? '')
  if (parts === undefined || structured === null) return undefined
  const [sentAt, host] = [instant(orNone(parts['at'])), orNone(parts['host'])]
  const [app, messageId] = [orNone(parts['app']), orNone(parts['id'])]
  return {
    format: 'rfc5424',
    ...(sentAt !== undefined && { sentAt }),
    ...(host !== undefined && { host }),
    ...(app !== undefined && { app }),
    ...(messageId !== undefined && { messageId }),
    // The elements carry what the text leaves out: they stay in sight.
    text: (parts['rest'] ?? '').replace(/^- ?/u, '').replace(/^\u{FEFF}/u, ''),
  }
}

interface When {
  readonly receivedAt: number
  /** Of the senders, whose clocks name none. */
  readonly timezone: string
}

const dayMs = 86_400_000

const wallClock = (parts: Readonly<Record<string, string | undefined>>, when: When): number | undefined => {
  const month = months.indexOf(parts['month'] ?? '') + 1
  const year = parts['before'] ?? parts['after']
  const now = new Date(when.receivedAt).getUTCFullYear()
  const inYear = (each: number): number | undefined => {
    const day = `${String(each).padStart(4, '0')}-${String(month).padStart(2, '0')}-${(parts['day'] ?? '').padStart(2, '0')}`
    const time = Date.parse(`1970-01-01T${parts['time'] ?? ''}Z`)
    return Number.isNaN(Date.parse(day) + time) ? undefined : startOfDay(when.timezone, day) + time
  }
  if (year !== undefined) return inYear(Number(year))
  // Without a year, that which comes nearest: a message of December may arrive in January.
  const candidates = [now - 1, now, now + 1].flatMap((each) => inYear(each) ?? [])
  const distance = (at: number): number => Math.abs(at - when.receivedAt) / dayMs
  return candidates.toSorted((one, other) => distance(one) - distance(other))[0]
}

const old = (body: string, when: When): Head | undefined => {
  const parts = oldPattern.exec(body)?.groups
  if (parts === undefined) return undefined
  const { rest = '' } = parts
  const named = tagPattern.test(rest) ? undefined : oldRest.exec(rest)?.groups
  const text = named?.['rest'] ?? rest
  const app = tagPattern.exec(text)?.groups?.['app']
  const sentAt = wallClock(parts, when)
  return {
    format: 'rfc3164',
    ...(sentAt !== undefined && { sentAt }),
    ...(named?.['host'] !== undefined && { host: named['host'] }),
    ...(app !== undefined && { app }),
    text,
  }
}

/** What a line says. Never throws: a line of no known form is its own text. */
export const parseSyslog = (line: string, when: When): SyslogMessage => {
  const found = priorityPattern.exec(line)
  const given = Number(found?.[1] ?? defaultPriority)
  const hasPriority = found !== null && given <= 191
  const priority = hasPriority ? given : defaultPriority
  const body = hasPriority ? line.slice(found[0].length) : line
  return {
    facility: priority >> 3,
    severity: severities[priority & 7] ?? 'notice',
    ...((hasPriority ? modern(body) : undefined) ?? old(body, when) ?? { format: 'none', text: body }),
  }
}
