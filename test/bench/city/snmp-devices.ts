import dgram from 'node:dgram'
import { once } from 'node:events'
import { children, element, integer, octets, oid, pdu, sequence, tags, v2c } from '../../probes/snmp-ber.ts'
import { community, deviceAddress } from './design.ts'

/**
 * A process of its own: SNMP v2c for the devices of the benchmark, GET and GETBULK from a table made beforehand.
 * Prints `{"port": …}` once all of them listen. (`createAgent` of net-snmp counts max-repetitions in cells.)
 */

const [devices, interfaces] = process.argv.slice(2).map(Number) as [number, number]
const bulkRequest = 0xa5
const gauge32 = 0x42
const exceptions = { noSuchObject: element(0x80), endOfMibView: element(0x82) }

/** An object: its BER-encoded name without tag and length, and the whole varbind. */
interface Cell {
  readonly name: Buffer
  readonly varbind: Buffer
}

const content = (encoded: Buffer): Buffer => encoded.subarray(2)

const cell = (dotted: string, value: Buffer): Cell => ({
  name: content(oid(dotted)),
  varbind: sequence(oid(dotted), value),
})

const column = (dotted: string, read: (index: number) => Buffer): readonly Cell[] =>
  Array.from({ length: interfaces }, (_, at) => cell(`${dotted}.${String(at + 1)}`, read(at + 1)))

const ifEntry = '1.3.6.1.2.1.2.2.1'
const ifXEntry = '1.3.6.1.2.1.31.1.1.1'
const counter = (value: number) => (): Buffer => integer(value, tags.counter32)
const portName = (index: number): Buffer => octets(`GigabitEthernet0/0/${String(index)}`)

const cells: readonly Cell[] = [
  cell('1.3.6.1.2.1.1.1.0', octets('yiwang bench router')),
  cell('1.3.6.1.2.1.1.3.0', integer(123_456_789, tags.timeTicks)),
  cell('1.3.6.1.2.1.1.5.0', octets('bench')),
  ...column(`${ifEntry}.1`, (index) => integer(index)),
  ...column(`${ifEntry}.2`, portName),
  ...column(`${ifEntry}.5`, () => integer(1e9, gauge32)),
  ...column(`${ifEntry}.7`, () => integer(1)),
  ...column(`${ifEntry}.8`, () => integer(1)),
  ...column(`${ifEntry}.10`, counter(2 ** 31)),
  ...column(`${ifEntry}.13`, counter(0)),
  ...column(`${ifEntry}.14`, counter(12)),
  ...column(`${ifEntry}.16`, counter(2 ** 30)),
  ...column(`${ifEntry}.19`, counter(3)),
  ...column(`${ifEntry}.20`, counter(0)),
  ...column(`${ifXEntry}.1`, portName),
  ...column(`${ifXEntry}.6`, (index) => integer(1e12 + index, tags.counter64)),
  ...column(`${ifXEntry}.10`, (index) => integer(2e12 + index, tags.counter64)),
  ...column(`${ifXEntry}.15`, () => integer(1000, gauge32)),
  ...column(`${ifXEntry}.18`, (index) => octets(`to county ${String(index)}`)),
]
const keyOf = (name: Buffer): string => name.toString('latin1')
const placeByName = new Map(cells.map(({ name }, place) => [keyOf(name), place]))

/** Bytes order as the names do, since no arc here takes more than two of them. */
const placeAfter = (name: Buffer): number => {
  const exact = placeByName.get(keyOf(name))
  if (exact !== undefined) return exact + 1
  const next = cells.findIndex((each) => Buffer.compare(each.name, name) > 0)
  return next === -1 ? cells.length : next
}

const named = (name: Buffer, value: Buffer): Buffer => sequence(element(tags.oid, name), value)

const get = (names: readonly Buffer[]): readonly Buffer[] =>
  names.map((name) => {
    const found = cells[placeByName.get(keyOf(name)) ?? -1]
    return found?.varbind ?? named(name, exceptions.noSuchObject)
  })

/** RFC 3416 §4.2.3: row by row, each of them one cell of every column. */
const getBulk = (names: readonly Buffer[], repetitions: number): readonly Buffer[] => {
  const starts = names.map(placeAfter)
  return Array.from({ length: repetitions }, (_, row) =>
    starts.map(
      (start, at) =>
        cells[start + row]?.varbind ?? named(names[at] ?? Buffer.alloc(0), exceptions.endOfMibView),
    ),
  ).flat()
}

const numberIn = (part: { readonly content: Buffer } | undefined): number =>
  part === undefined ? 0 : part.content.readIntBE(0, part.content.length)

const answer = (request: Buffer): Buffer => {
  const requested = children(children(request)[0]?.content ?? request)[2]
  const [id, , repetitions, list] = children(requested?.content ?? request)
  const names = children(list?.content ?? request).flatMap(
    (varbind) => children(varbind.content)[0]?.content ?? [],
  )
  const varbinds = requested?.tag === bulkRequest ? getBulk(names, numberIn(repetitions)) : get(names)
  return v2c(community, pdu({ id: numberIn(id), varbinds }))
}

const listen = async (address: string, port: number): Promise<number> => {
  const socket = dgram.createSocket('udp4')
  socket.on('message', (request, peer) => socket.send(answer(request), peer.port, peer.address))
  socket.bind(port, address)
  await once(socket, 'listening')
  return socket.address().port
}

let port = 0
for (let device = 0; device < devices; device += 1) port = await listen(deviceAddress(device), port)
console.log(JSON.stringify({ port }))
