import cliProgress from 'cli-progress'

/** Progress of a long work. Silent where standard error is no terminal, or one that cannot move its cursor. */
export interface Progress extends Disposable {
  advance(): void
  /** It has come so far, of the total. */
  reach(value: number): void
}

/** How far it has come, in words: so many of so many, or a share where nobody counts in what it is measured. */
const figures = { count: '{value}/{total}', share: '{percentage} %' } as const

export const startProgress = (
  total: number,
  what: string,
  stream: NodeJS.WriteStream,
  figure: keyof typeof figures = 'count',
): Progress => {
  if (!stream.isTTY || process.env['TERM'] === 'dumb' || total === 0) {
    const silently = (): void => undefined
    return { advance: silently, reach: silently, [Symbol.dispose]: silently }
  }
  const bar = new cliProgress.SingleBar(
    {
      stream,
      format: `${what} {bar} ${figures[figure]} {eta_formatted}`,
      clearOnComplete: true,
      hideCursor: true,
      etaBuffer: 100,
      // Until something was done, nobody knows.
      formatTime: (seconds, options, step) =>
        Number.isFinite(seconds) ? cliProgress.Format.TimeFormat(seconds, options, step) : '',
    },
    cliProgress.Presets.shades_classic,
  )
  bar.start(total, 0)
  return {
    advance: () => bar.increment(),
    reach: (value) => bar.update(value),
    [Symbol.dispose]: () => bar.stop(),
  }
}
