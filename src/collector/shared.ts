/**
 * Shares one work among all who ask for it. Who asks while it runs gets its result where nothing has changed since
 * it began, by the key, and that of the next one else: one runs and one waits, however many ask.
 */
export const shared = <Result>(
  keyNow: () => readonly unknown[],
  work: () => Promise<Result>,
): (() => Promise<Result>) => {
  let last: { readonly key: readonly unknown[]; readonly result: Promise<Result> } | undefined
  let running = false
  let waiting: Promise<Result> | undefined
  const begin = (): Promise<Result> => {
    waiting = undefined
    running = true
    const key = keyNow()
    const result = work().finally(() => (running = false))
    last = { key, result }
    return result
  }
  return () => {
    const key = keyNow()
    if (last?.key.every((part, at) => part === key[at])) return last.result
    if (!running || last === undefined) return begin()
    waiting ??= last.result.then(begin, begin)
    return waiting
  }
}
