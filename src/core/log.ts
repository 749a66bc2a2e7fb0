/** Levels of a log line; `debug` is for development. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Writes one line. Fields never hold a secret: no key, no header, no body. */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void

const plain = (value: unknown): unknown =>
  value instanceof Error
    ? { name: value.name, message: value.message, ...('code' in value && { code: value.code }) }
    : value

/** One JSON object a line. `write` gets the line with its newline; `now` is milliseconds since the epoch. */
export const jsonLog =
  (write: (line: string) => void, now: () => number): Log =>
  (level, message, fields = {}) => {
    const rest = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]))
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...rest })}\n`)
  }
