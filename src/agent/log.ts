export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Writes one line. Fields never hold a secret. */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void
