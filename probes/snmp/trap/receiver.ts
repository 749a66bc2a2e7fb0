import type { RemoteInfo } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Incoming, decodeMessage } from '../message/incoming.ts'
import { type Bucket, createBucket } from './bucket.ts'
import type { Drop } from './drops.ts'
import { type TrapFacts, factsOf } from './facts.ts'
import { judge } from './judge.ts'
import { countedAs } from './names.ts'
import { type Notification, readNotification } from './notification.ts'
import { type OwnEngine, type RunningEngine, longestNotification, startEngine } from './own-engine.ts'
import { type Repeats, createRepeats } from './repeats.ts'
import type { CredentialOf, Judged } from './security.ts'
import { type Sender, type Senders, type Source, type TrapJob, createSenders } from './senders.ts'
import { type TrapSocket, openTrapSocket } from './socket.ts'

export interface TrapReceiverOptions {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  readonly engine: OwnEngine
  readonly credential: CredentialOf
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Told of an error of ours: one datagram must not end the reception of others. */
  readonly onBug: (error: unknown) => void
}

/** Takes a trap. Resolves when it is known whether it was kept: then an inform may be acknowledged. */
export type TakeTrap = (job: TrapJob['id'], facts: TrapFacts) => Promise<boolean>

/** Listens to the devices of a plan, and to nobody else. */
export interface TrapReceiver extends AsyncDisposable {
  readonly port: number
  /** From now on these are the devices. */
  readonly follow: (jobs: readonly TrapJob[]) => void
  /** Takes what comes until the signal aborts. */
  readonly receive: (take: TakeTrap, signal: AbortSignal) => Promise<void>
  /** Datagrams that did not become observations, by reason. */
  readonly dropped: () => Readonly<Partial<Record<Drop, number>>>
}

interface Reception {
  readonly socket: TrapSocket
  readonly options: TrapReceiverOptions
  readonly engine: RunningEngine
  readonly senders: Senders
  readonly total: Bucket
  readonly repeats: Repeats
  readonly take: TakeTrap
  readonly drop: (reason: Drop) => void
  readonly signal: AbortSignal
  /** Informs that wait until they are kept. */
  unacknowledged: number
}

/** What a whole county's devices say at once when its power comes back. */
const totalRate = { burst: 1000, perSecond: 200 }
const mostUnacknowledged = 1000
const namesAgainMs = 300_000

const countRateLimited = ({ senders }: Source): void => {
  for (const { history } of senders) history.rateLimited += 1
}

/** Where a datagram comes from; undefined where it is not looked at any further. */
const admit = (datagram: Buffer, from: RemoteInfo, reception: Reception): Source | undefined => {
  const { senders, total, drop } = reception
  const now = performance.now()
  const source = senders.at(from.address, from.family === 'IPv6' ? 6 : 4)
  if (source === undefined) drop('stranger')
  else if (!source.bucket.take(now)) {
    countRateLimited(source)
    drop('sourceRate')
  } else if (!total.take(now)) drop('totalRate')
  else if (datagram.length > longestNotification) drop('tooLong')
  else return source
  return undefined
}

const factsFrom = (
  { history }: Sender,
  message: Incoming,
  notification: Notification,
  receivedAtSeconds: number,
): TrapFacts => {
  const name = countedAs(notification.oid)
  history.received.set(name, (history.received.get(name) ?? 0) + 1)
  return {
    version: message.version,
    ...factsOf(notification),
    receivedAtSeconds,
    received: Object.fromEntries(history.received),
    rateLimited: history.rateLimited,
  }
}

/** What a device said, taken once however often it comes; whether it was kept. */
const keep = (
  message: Incoming,
  { sender, pdu }: Admitted,
  notification: Notification,
  { repeats, take, drop, options }: Reception,
): Promise<boolean> => {
  const boots = message.version === 'v3' ? message.clock.boots : 0
  const said = { device: sender.job.id, boots, pdu }
  const earlier = repeats.earlier(said)
  if (earlier !== undefined) {
    drop('repeated')
    return earlier
  }
  const facts = factsFrom(sender, message, notification, options.now() / 1000)
  const kept = take(sender.job.id, facts)
  repeats.remember(said, kept)
  return kept
}

type Admitted = Exclude<Judged, { readonly drop: Drop }>

const acknowledge = async (
  kept: Promise<boolean>,
  answer: () => Buffer,
  from: RemoteInfo,
  reception: Reception,
): Promise<void> => {
  if (reception.unacknowledged >= mostUnacknowledged) return
  reception.unacknowledged += 1
  const isKept = await kept
  reception.unacknowledged -= 1
  if (isKept) reception.socket.send(answer(), from)
}

const accept = async (
  message: Incoming,
  judged: Admitted,
  from: RemoteInfo,
  reception: Reception,
): Promise<void> => {
  const notification = readNotification(judged.pdu)
  const { answer } = judged
  if (notification === undefined || (notification.isInform && answer === undefined)) {
    reception.drop('malformed')
    return
  }
  const kept = keep(message, judged, notification, reception)
  void kept.then((isKept) => {
    if (!isKept) reception.drop('notKept')
  })
  if (notification.isInform && answer !== undefined) await acknowledge(kept, answer, from, reception)
}

const handle = async (datagram: Buffer, from: RemoteInfo, reception: Reception): Promise<void> => {
  const source = admit(datagram, from, reception)
  if (source === undefined) return
  const message = decodeMessage(datagram)
  if (message === undefined || (message.version === 'v3' && message.id < 0)) {
    reception.drop('malformed')
    return
  }
  const { engine, signal, options, socket } = reception
  const judged = await judge(message, datagram, source, { engine, signal, credential: options.credential })
  if (!('drop' in judged)) return accept(message, judged, from, reception)
  reception.drop(judged.drop)
  if (judged.reply !== undefined) socket.send(judged.reply, from)
}

/** Resolves names when the plan changes, and now and then. */
const createNameKeeper = (senders: Senders) => {
  let changed = new AbortController()
  return {
    change: () => changed.abort(),
    run: async (signal: AbortSignal): Promise<void> => {
      while (!signal.aborted) {
        changed = new AbortController()
        await senders.resolveNames(signal)
        const ended = AbortSignal.any([signal, changed.signal])
        await sleep(namesAgainMs, undefined, { signal: ended }).catch(() => undefined)
      }
    },
  }
}

/** Binds the port. Rejects with the system's error. */
export const openTrapReceiver = async (options: TrapReceiverOptions): Promise<TrapReceiver> => {
  const dropped = new Map<Drop, number>()
  const drop = (reason: Drop): void => void dropped.set(reason, (dropped.get(reason) ?? 0) + 1)
  const socket = await openTrapSocket(options.host, options.port, () => drop('flood'))
  const engine = startEngine(options.engine)
  const senders = createSenders()
  const names = createNameKeeper(senders)
  const common = { socket, options, engine, senders, drop, total: createBucket(totalRate) }
  return {
    port: socket.port,
    follow: (jobs) => {
      senders.follow(jobs)
      names.change()
    },
    receive: async (take, signal) => {
      const reception = { ...common, take, signal, repeats: createRepeats(), unacknowledged: 0 }
      socket.onDatagram((datagram, from) => {
        if (!signal.aborted) handle(datagram, from, reception).catch(options.onBug)
      })
      await names.run(signal)
    },
    dropped: () => Object.fromEntries(dropped),
    [Symbol.asyncDispose]: () => socket.close(),
  }
}
