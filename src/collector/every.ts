/** Runs `work` every so often, never twice at once; it has noted its own troubles when it rejects. */
export const every = (milliseconds: number, work: () => Promise<void>): Disposable => {
  let running = false
  const turn = async (): Promise<void> => {
    if (running) return
    running = true
    try {
      await work()
    } catch {
      // The next turn comes all the same.
    } finally {
      running = false
    }
  }
  const timer = setInterval(() => void turn(), milliseconds).unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
