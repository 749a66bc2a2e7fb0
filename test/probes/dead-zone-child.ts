import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import packet from 'dns-packet'
import { lookupOnce } from '../../probes/net/lookup.ts'

/** Run in a namespace whose resolver is 127.0.0.1: one that knows `live.test` and never answers for other names. */

const socket = createSocket('udp4').bind(53, '127.0.0.1')
socket.on('message', (bytes, { port, address }) => {
  const { id, questions } = packet.decode(bytes)
  if (questions[0]?.name !== 'live.test') return
  const answers =
    questions[0].type === 'A' ? [{ type: 'A' as const, name: 'live.test', data: '192.0.2.1' }] : []
  socket.send(packet.encode({ type: 'response', id, questions, answers }), port, address)
})
await once(socket, 'listening')

/** How many dead names had been given up when the live one was known, of how many that were asked for before it. */
const round = async () => {
  let givenUp = 0
  const dead = Array.from({ length: 20 }, (_, index) =>
    lookupOnce(`h${String(index)}.dead.test`, 4).catch(() => (givenUp += 1)),
  )
  // What may be asked now is being asked.
  await setImmediate()
  const live = await lookupOnce('live.test', 4)
  const seen = { asked: dead.length, givenUp, live: live[0]?.address }
  await Promise.all(dead)
  return seen
}

await round()
process.stdout.write(JSON.stringify(await round()), () => process.exit())
