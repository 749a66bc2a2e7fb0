import { workerData } from 'node:worker_threads'
import { monotonicOriginMs } from './clock.ts'
import { libc } from './libc.ts'
import { counter, ringIn, slotOf, thread } from './ring.ts'
import type { SenderData } from './sender.ts'

/** The thread that only sends: it waits for the next batch, gives it to the kernel, and writes down when. */
const { memory, originMs } = workerData as SenderData
const dontWait = 0x40
const { counts, sockets, lengths, headers, begunAt, doneAt, taken } = ringIn(memory)
const { sendmmsg } = libc()
const shiftMs = monotonicOriginMs() - originMs

const send = (slot: number, length: number): void => {
  begunAt[slot] = performance.now() + shiftMs
  Atomics.add(counts, counter.begun, 1)
  taken[slot] = sendmmsg(sockets[slot] ?? -1, headers[slot] ?? 0n, length, dontWait)
  doneAt[slot] = performance.now() + shiftMs
  Atomics.add(counts, counter.done, 1)
}

const nextLength = (number: number): number => {
  while (Atomics.load(counts, counter.handedOver) === number) Atomics.wait(counts, counter.handedOver, number)
  return lengths[slotOf(number)] ?? 0
}

Atomics.store(counts, counter.thread, thread.isReady)
let number = 0
for (let length = nextLength(number); length > 0; length = nextLength(number)) {
  send(slotOf(number), length)
  number = (number + 1) | 0
}
Atomics.store(counts, counter.thread, thread.hasEnded)
Atomics.notify(counts, counter.thread)
