import { Presets, SingleBar } from 'cli-progress'

/** Progress of a long work. Silent where standard error is no terminal, or one that cannot move its cursor. */
export interface Progress extends Disposable {
  advance(): void
  /** It has come so far, of the total. */
  reach(value: number): void
}

export const startProgress = (total: number, what: string, stream: NodeJS.WriteStream): Progress => {
  if (!stream.isTTY || process.env['TERM'] === 'dumb' || total === 0) {
    const silently = (): void => undefined
    return { advance: silently, reach: silently, [Symbol.dispose]: silently }
  }
  const bar = new SingleBar(
    {
      stream,
      format: `${what} {bar} {value}/{total} {eta_formatted}`,
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.shades_classic,
  )
  bar.start(total, 0)
  return {
    advance: () => bar.increment(),
    reach: (value) => bar.update(value),
    [Symbol.dispose]: () => bar.stop(),
  }
}
