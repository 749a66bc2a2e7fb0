import http from 'node:http'
import { Gauge, Registry } from 'prom-client'
import { answerOrders } from './metrics-orders.ts'

/** The series of an exposition, held by prom-client as its README has it, in a process of its own. */
const [source = ''] = process.argv.slice(2)

const registry = new Registry()
const gauges = new Map<string, Gauge>()
const sample = /^(?<name>[a-zA-Z0-9_:]+)(?:\{(?<labels>.*)\})? (?<value>\S+)$/u

const gaugeOf = (name: string, labelNames: readonly string[]): Gauge => {
  const gauge =
    gauges.get(name) ?? new Gauge({ name, help: name, labelNames: [...labelNames], registers: [registry] })
  gauges.set(name, gauge)
  return gauge
}

const take = (line: string): void => {
  const { name = '', labels = '', value } = sample.exec(line)?.groups ?? {}
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/gu)].map(
    ([, key = '', text = '']) => [key, text] as const,
  )
  gaugeOf(
    name,
    pairs.map(([key]) => key),
  ).set(Object.fromEntries(pairs), Number(value))
}

let series = 0
let rest = ''
const reader = (await fetch(source)).body?.pipeThrough(new TextDecoderStream())
for await (const text of reader ?? []) {
  const lines = (rest + text).split('\n')
  rest = lines.pop() ?? ''
  for (const line of lines)
    if (!line.startsWith('#')) {
      take(line)
      series += 1
    }
}

const server = http.createServer((_request, response) => {
  void registry.metrics().then((text) => response.end(text))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(`http://127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''}`)
})
await answerOrders({ series: () => series })
server.close()
