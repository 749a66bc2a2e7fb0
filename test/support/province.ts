import { writeFile } from 'node:fs/promises'
import https from 'node:https'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { TLSSocket } from 'node:tls'
import { type CertificateWorkshop, certificateWorkshop, type KeyPair } from './certificates.ts'
import { listening, type Peer } from './peers.ts'

type Message = Readonly<Record<string, unknown>> & { readonly id: string }

/** What the province does with one request. */
export type Behaviour =
  | 'takes'
  /** Hangs up, having taken nothing. */
  | 'drops'
  /** Takes them, and the answer is lost. */
  | 'loses the answer'
  /** Answers when it is told to, or never. */
  | 'hangs'
  /** Gives a receipt for the first half only. */
  | 'takes half'
  /** Takes them and says nothing of them. */
  | 'gives no receipt'
  | 'talks garbage'
  /** Answers so where one of the messages is such a one; default: whatever they are. */
  | { readonly status: number; readonly where?: (message: Message) => boolean; readonly location?: string }
  /** Refuses these by receipt, takes the others. */
  | { readonly refuses: (message: Message) => boolean }

export interface Province extends Peer {
  readonly url: string
  /** In the order of their first arrival. */
  readonly got: readonly Message[]
  /** How often each arrived. */
  readonly copies: ReadonlyMap<string, number>
  /** Ids that arrived with other contents than before. */
  readonly altered: readonly string[]
  readonly attempts: () => number
  /** Names in the certificates of the senders. */
  readonly senders: ReadonlySet<string>
}

export interface Papers extends AsyncDisposable {
  readonly workshop: CertificateWorkshop
  readonly authority: KeyPair
  readonly server: KeyPair
  readonly client: KeyPair
  /** Paths of the sender's, as settings name them. */
  readonly files: { readonly certificate: string; readonly key: string; readonly ca: string }
}

/** Certificates of a province and of who reports to it. Needs `openssl`. */
export const papers = async (): Promise<Papers> => {
  const workshop = await certificateWorkshop()
  const authority = await workshop.issue({ commonName: 'province-ca', isAuthority: true })
  const server = await workshop.issue(
    { commonName: 'province', names: 'IP:127.0.0.1,DNS:localhost' },
    authority,
  )
  const client = await workshop.issue({ commonName: 'city-410200' }, authority)
  const files = {
    certificate: path.join(workshop.folder, 'client.pem'),
    key: path.join(workshop.folder, 'client.key'),
    ca: path.join(workshop.folder, 'ca.pem'),
  }
  await writeFile(files.certificate, client.cert)
  await writeFile(files.key, client.key, { mode: 0o600 })
  await writeFile(files.ca, authority.cert)
  const dispose = () => workshop[Symbol.asyncDispose]()
  return { workshop, authority, server, client, files, [Symbol.asyncDispose]: dispose }
}

const receiptFor = ({ id }: Message, result = 'accepted') => ({ id, result, receipt: `HZ-${id.slice(-6)}` })

const createBook = () => {
  const got: Message[] = []
  const copies = new Map<string, number>()
  const known = new Map<string, string>()
  const altered: string[] = []
  return {
    ...{ got, copies, altered },
    /** Whether it was there before. */
    take: (message: Message): boolean => {
      const content = JSON.stringify(message)
      const before = known.get(message.id)
      copies.set(message.id, (copies.get(message.id) ?? 0) + 1)
      if (before === undefined) {
        known.set(message.id, content)
        got.push(message)
      } else if (before !== content) altered.push(message.id)
      return before !== undefined
    },
  }
}

/** A platform above that behaves so, request by request; it asks for a certificate of its authority. */
export const province = async (
  { server: own, authority }: Papers,
  behave: (attempt: number) => Behaviour,
  port = 0,
): Promise<Province> => {
  const book = createBook()
  const senders = new Set<string>()
  let attempts = 0
  const server = https.createServer(
    { cert: own.cert, key: own.key, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      void text(request)
        .then((body) => {
          const { socket } = request
          if (socket instanceof TLSSocket) senders.add(String(socket.getPeerCertificate().subject.CN))
          const { messages } = JSON.parse(body) as { readonly messages: readonly Message[] }
          const behaviour = behave((attempts += 1))
          const answer = (receipts: readonly object[]) => response.end(JSON.stringify({ receipts }))
          const takeAll = (some: readonly Message[]) =>
            some.map((message) => receiptFor(message, book.take(message) ? 'duplicate' : 'accepted'))
          if (typeof behaviour === 'object' && 'status' in behaviour) {
            const { status, where = () => true, location } = behaviour
            if (messages.some(where))
              response.writeHead(status, location === undefined ? {} : { location }).end('not now')
            else answer(takeAll(messages))
          } else if (typeof behaviour === 'object')
            answer(
              messages.map((message) =>
                behaviour.refuses(message)
                  ? { ...receiptFor(message, 'refused'), reason: '字段不合规' }
                  : takeAll([message])[0]!,
              ),
            )
          else if (behaviour === 'takes') answer(takeAll(messages))
          else if (behaviour === 'takes half')
            answer(takeAll(messages.slice(0, Math.ceil(messages.length / 2))))
          else if (behaviour === 'hangs') return
          else if (behaviour === 'drops') socket.destroy()
          else {
            takeAll(messages)
            if (behaviour === 'loses the answer') socket.destroy()
            else response.end(behaviour === 'talks garbage' ? '<html>' : '{"receipts":[]}')
          }
        })
        .catch(() => request.socket.destroy())
    },
  )
  const peer = await listening(server, '127.0.0.1', port)
  return {
    ...peer,
    ...{ got: book.got, copies: book.copies, altered: book.altered, senders },
    attempts: () => attempts,
    url: `https://127.0.0.1:${peer.port}/api/upward`,
  }
}
