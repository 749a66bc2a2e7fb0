import type { Endpoint, Engine } from './engine-state.ts'
import { libc } from './libc.ts'
import { stopSender } from './sender.ts'

/**
 * The first answer after a silence wakes the event loop; while answers keep coming they are read every so often
 * instead. The kernel has stamped them, so that a round trip is not longer for it.
 */
const pauseMs = { few: 40, many: 10, burst: 1 } as const
/** From so many on the receive buffer might not hold what a longer pause brings. */
const manyMessages = 16

const stop = (endpoint: Endpoint): void => {
  if (endpoint.isWatched) endpoint.watch?.stop()
  endpoint.isWatched = false
}

const start = (endpoint: Endpoint): void => {
  if (!endpoint.isWatched) endpoint.watch?.start()
  endpoint.isWatched = true
}

/** Lets the event loop watch the socket, which does not keep the process alive. */
export const prepareWatch = (endpoint: Endpoint, onReadable: () => void): void => {
  const readable = { readable: true }
  const handle = libc().poll(endpoint.fd, readable, onReadable)
  handle.unref()
  endpoint.isWatched = true
  endpoint.watch = {
    start: () => {
      handle.start(readable, onReadable)
    },
    stop: () => {
      handle.stop()
    },
    close: () => {
      handle.close()
    },
  }
}

/** Nobody waits for an answer. */
export const stopWatching = (engine: Engine): void => {
  engine.drainAt = Infinity
  for (const endpoint of engine.endpoints.values()) stop(endpoint)
}

const pauseAfter = (messages: number, isBurst: boolean): number => {
  if (isBurst) return pauseMs.burst
  return messages < manyMessages ? pauseMs.few : pauseMs.many
}

/**
 * After a look that found answers, or while a thread sends, the next one comes by itself; after one that found none,
 * with the next answer.
 */
export const watchAfter = (engine: Engine, messages: number, isBurst: boolean): void => {
  if (messages > 0 || isBurst) {
    stopWatching(engine)
    engine.drainAt = performance.now() + pauseAfter(messages, isBurst)
    return
  }
  engine.drainAt = Infinity
  for (const endpoint of engine.endpoints.values()) start(endpoint)
}

/** Closes the sockets, and ends the thread. */
export const close = (engine: Engine): void => {
  if (engine.sender) stopSender(engine.sender)
  engine.sender = undefined
  for (const endpoint of engine.endpoints.values()) {
    endpoint.watch?.close()
    endpoint.watch = undefined
    libc().close(endpoint.fd)
  }
  engine.endpoints.clear()
}
