import { parseArgs } from 'node:util'
import { table } from '../../src/terminal/table.ts'
import { temporaryFolder } from '../collector/support.ts'
import { requires } from '../support/services.ts'
import {
  type Packing,
  type Peer,
  batchesTo,
  nodes,
  scrape,
  seriesOf,
  startCollector,
} from './ingest/collector.ts'
import { type Figures, pushAll, pushPaced } from './ingest/load.ts'
import { endlessly, groupsOf, startPushgateway } from './ingest/pushgateway.ts'
import { load, median } from './process.ts'

/**
 * A collector with 41,000 nodes takes batches, each on disk before it is acknowledged; pushgateway takes pushes into
 * its memory: of as many samples as a batch yields series in `/metrics`, into as many groups as there are batches of
 * different jobs. Ours and theirs in turn, both filled before, over 16 keep-alive connections. Then what packing
 * costs, and the collector at the pace of a nation. Ratios above 1 are to our credit. `--json` prints figures only.
 */
const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(flags.rounds)
const seconds = Number(flags.seconds)
/** More than a collector takes in a second: what is pushed is made before the clock runs. */
const enoughASecond = (perBatch: number): number => Math.ceil(80_000 / perBatch)

interface Comparison {
  readonly name: string
  readonly observations: number
  readonly samples: number
}

const medianOf = (runs: readonly Figures[]): Figures => {
  const of = (read: (figures: Figures) => number): number => median(runs.map(read))
  return {
    pushes: of(({ pushes }) => pushes),
    pushesPerSecond: of(({ pushesPerSecond }) => pushesPerSecond),
    cpuMilliseconds: of(({ cpuMilliseconds }) => cpuMilliseconds),
    p50Milliseconds: of(({ p50Milliseconds }) => p50Milliseconds),
    p99Milliseconds: of(({ p99Milliseconds }) => p99Milliseconds),
    bodyBytes: of(({ bodyBytes }) => bodyBytes),
  }
}

const withCollector = async <Value>(work: (collector: Peer) => Promise<Value>): Promise<Value> => {
  using folder = temporaryFolder()
  await using collector = await startCollector(folder.path)
  return await work(collector)
}

const compare = ({ name, observations, samples }: Comparison, seriesALook: number) =>
  withCollector(async (collector) => {
    const groups = Math.floor(nodes / observations)
    const batches = batchesTo(collector.url, observations)
    await pushAll(collector.pid, batches.take(groups).values())
    await using unchecked = await startPushgateway('--push.disable-consistency-check')
    await using checked = await startPushgateway()
    const payload = { groups, samples, families: seriesALook }
    const [theirs, theirsChecked] = [unchecked, checked].map(({ url }) => groupsOf(url, payload))
    await pushAll(unchecked.pid, theirs!.values())
    const runs = { ours: [], unchecked: [], checked: [] } as Record<string, Figures[]>
    for (let round = 0; round < rounds; round += 1) {
      const own = batches.take(enoughASecond(observations) * seconds)
      runs['ours']!.push(await pushAll(collector.pid, own.values(), seconds))
      runs['unchecked']!.push(await pushAll(unchecked.pid, endlessly(theirs!), seconds))
      runs['checked']!.push(await pushAll(checked.pid, endlessly(theirsChecked!), seconds))
    }
    const [ours, ...rivals] = ['ours', 'unchecked', 'checked'].map((peer) => medianOf(runs[peer]!))
    return {
      name,
      ...{ observations, samples, groups },
      ours: ours!,
      rivals: ['check off', 'check on'].map((setting, at) => {
        const figures = rivals[at]!
        return {
          setting,
          ...figures,
          rateRatio: ours!.pushesPerSecond / figures.pushesPerSecond,
          cpuRatio: figures.cpuMilliseconds / ours!.cpuMilliseconds,
        }
      }),
    }
  })

const packings: readonly Packing[] = ['none', { gzipLevel: 1 }, { gzipLevel: 6 }]

const comparePackings = () =>
  withCollector(async ({ pid, url }) => {
    await pushAll(
      pid,
      batchesTo(url, 100)
        .take(nodes / 100)
        .values(),
    )
    const rows = []
    for (const packing of packings) {
      const batches = batchesTo(url, 100)
      const figures = await pushAll(pid, batches.take(400, packing).values())
      const name = packing === 'none' ? packing : `gzip ${String(packing.gzipLevel)}`
      rows.push({ packing: name, senderMilliseconds: batches.packingMilliseconds(), ...figures })
    }
    return rows
  })

const lagOf = (exposition: string): number =>
  Number(/^nodejs_eventloop_lag_p99_seconds (?<value>\S+)$/mu.exec(exposition)?.groups?.['value'])

/** 41,352 nodes a minute, in batches of 100. */
const nationalPace = () =>
  withCollector(async ({ pid, url }) => {
    const batches = batchesTo(url, 100)
    await pushAll(pid, batches.take(nodes / 100).values())
    await scrape(url)
    const perSecond = 41_352 / 60 / 100
    const figures = await pushPaced(pid, batches.take(Math.round(perSecond * 10)), perSecond)
    const eventLoopP99Milliseconds = lagOf(await scrape(url)) * 1000
    const coreShare = (figures.cpuMilliseconds * perSecond) / 1000
    return { ...figures, coreShare, eventLoopP99Milliseconds }
  })

/** By asking: one node is looked at, one scrape. */
const countSeries = () =>
  withCollector(async ({ pid, url }) => {
    await pushAll(pid, batchesTo(url, 1, Date.now()).take(1).values())
    return seriesOf(await scrape(url), 'n0')
  })

const text = (value: number, digits = 0): string => value.toFixed(digits)

const seriesALook = await countSeries()
const comparisons: readonly Comparison[] = [
  { name: 'equal samples', observations: 100, samples: 100 * seriesALook },
  { name: 'equal samples, the reference payload', observations: Math.floor(100 / seriesALook), samples: 100 },
  { name: 'unequal: the reference payload', observations: 100, samples: 100 },
]
const { skip } = requires('prometheus-pushgateway')
const compared = []
if (!skip) for (const comparison of comparisons) compared.push(await compare(comparison, seriesALook))
const figures = {
  seriesALook,
  compared,
  packings: await comparePackings(),
  national: await nationalPace(),
  load: load(),
}

type Line = Figures & { readonly peer: string; readonly ratio?: string }

const lines = compared.flatMap(({ name, observations, samples, groups, ours, rivals }): readonly Line[] => [
  {
    peer: `${name}: ${String(observations)} observations, ${String(groups)} batches of different jobs`,
    ...ours,
  },
  ...rivals.map((rival) => ({
    peer: `  pushgateway, ${rival.setting}: ${String(samples)} samples`,
    ratio: `${text(rival.rateRatio, 2)} / ${text(rival.cpuRatio, 2)}`,
    ...rival,
  })),
])

const print = (): void => {
  console.log(`an ICMP look is ${String(seriesALook)} series; load ${figures.load}`)
  const columns = [
    { header: 'a second', read: (line: Figures) => text(line.pushesPerSecond) },
    { header: 'CPU ms each', read: (line: Figures) => text(line.cpuMilliseconds, 2) },
    { header: 'p50 ms', read: (line: Figures) => text(line.p50Milliseconds, 1) },
    { header: 'p99 ms', read: (line: Figures) => text(line.p99Milliseconds, 1) },
    { header: 'bytes', read: (line: Figures) => text(line.bodyBytes) },
  ].map((column) => ({ ...column, align: 'right' as const }))
  const ratio = {
    header: 'rate / CPU ratio',
    read: (line: Line) => line.ratio ?? '',
    align: 'right' as const,
  }
  const show = (rows: readonly Line[]): void =>
    console.log(table([{ header: 'peer', read: ({ peer }: Line) => peer }, ...columns, ratio], rows, 200))
  if (lines.length > 0) show(lines)
  show(
    figures.packings.map((each) => ({
      ...each,
      peer: `${each.packing}, ${text(each.senderMilliseconds, 2)} ms to pack`,
    })),
  )
  const { coreShare, eventLoopP99Milliseconds } = figures.national
  const shares = `${text(coreShare * 100, 1)} % of a core, event loop p99 ${text(eventLoopP99Milliseconds, 1)} ms`
  show([{ peer: `a nation's ICMP: ${shares}`, ...figures.national }])
}

if (flags.json) console.log(JSON.stringify(figures))
else print()
