import { type ChildProcess, type SpawnOptions, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { createNetwork, requiresRoot } from '../support/netns.ts'
import { type Dialogue, dialogueWith } from './dialogue.ts'
import type { Cost, Order } from './icmp-sweeper.ts'
import { load, median } from './process.ts'

/**
 * Sweeps by the `icmp` probe, facts and all, and by fping in turn, on the same targets: on loopback and across a
 * veth pair. fping is a process for each sweep, as it is used; ours is one process that stays, as an agent is, and
 * its first sweep, before anything is compiled, is shown apart, and it is compared from its tenth on. Ratios are ours : fping. `--json` prints figures only.
 */
const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } },
})
const rounds = Number(flags.rounds)
const targets = 41_000
/** An agent that sweeps each minute is compiled for good after so many. */
const warmUps = 9
const execute = promisify(execFile)
const sweeperPath = path.join(import.meta.dirname, 'icmp-sweeper.ts')

type Figures = Pick<Cost, 'wallSeconds' | 'cpuSeconds'> & { readonly alive: number }
type Run = (command: string, ...args: readonly string[]) => Promise<string>
type Spawn = (command: readonly [string, ...string[]], options: SpawnOptions) => ChildProcess

interface Place {
  readonly run: Run
  readonly spawn: Spawn
}

const here: Place = {
  run: async (command, ...args) => (await execute(command, args)).stdout,
  spawn: ([command, ...args], options) => spawn(command, args, options),
}

const startSweeper = (place: Place): Dialogue<Order, Cost> =>
  dialogueWith(place.spawn([process.execPath, sweeperPath], { stdio: ['pipe', 'pipe', 'inherit'] }))

/** `-r0 -i0`: one packet each, as fast as it can. What bash's `time` says is the command's own, to a millisecond. */
const fping = async (place: Place, listFile: string): Promise<Figures> => {
  const command = `TIMEFORMAT='%R %U %S'; time fping -q -s -r0 -i0 -t1000 -f ${listFile} 2>&1; true`
  const text = await place.run('bash', '-c', `{ ${command}; } 2>&1`)
  const [wall = NaN, user = NaN, system = NaN] = (text.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
  const alive = Number(/(\d+) alive/u.exec(text)?.[1])
  return { wallSeconds: wall, cpuSeconds: user + system, alive }
}

interface Row {
  readonly name: string
  readonly [column: string]: string | number
}

const rounded = (value: number): number => Number(value.toPrecision(3))

const compare = async (name: string, place: Place, addresses: readonly string[]): Promise<readonly Row[]> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-bench-'))
  const listFile = path.join(folder, 'targets')
  await writeFile(listFile, addresses.join('\n'))
  await using sweeper = startSweeper(place)
  const order = { count: 1 }
  const first = await sweeper.ask({ ...order, addresses })
  for (let round = 1; round < warmUps; round += 1) await sweeper.ask(order)
  const ours: Cost[] = []
  const theirs: Figures[] = []
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await sweeper.ask(order))
    theirs.push(await fping(place, listFile))
  }
  await rm(folder, { recursive: true })
  const [wall, cpu] = [
    median(ours.map((cost) => cost.wallSeconds)),
    median(ours.map((cost) => cost.cpuSeconds)),
  ]
  const theirWall = median(theirs.map(({ wallSeconds }) => wallSeconds))
  const theirCpu = median(theirs.map(({ cpuSeconds }) => cpuSeconds))
  return [
    {
      name,
      wall: rounded(wall),
      cpu: rounded(cpu),
      'fping wall': rounded(theirWall),
      'fping cpu': rounded(theirCpu),
      'wall ratio': rounded(wall / theirWall),
      'cpu ratio': rounded(cpu / theirCpu),
      alive: ours.at(-1)!.complete,
      'fping alive': theirs.at(-1)!.alive,
      'loop delay max ms': rounded(Math.max(...ours.map(({ delayMaxMs }) => delayMaxMs))),
      MB: rounded(ours.at(-1)!.residentMegabytes),
    },
    { name: `${name}, first sweep`, wall: rounded(first.wallSeconds), cpu: rounded(first.cpuSeconds) },
  ]
}

const alone = async (name: string, order: Order): Promise<Row> => {
  await using sweeper = startSweeper(here)
  const cost = await sweeper.ask(order)
  return {
    name,
    wall: rounded(cost.wallSeconds),
    cpu: rounded(cost.cpuSeconds),
    'cpu % of a core': rounded((cost.cpuSeconds / cost.wallSeconds) * 100),
    alive: cost.complete,
    ...(order.periodSeconds === undefined && { 'loop delay max ms': rounded(cost.delayMaxMs) }),
    MB: rounded(cost.residentMegabytes),
  }
}

const addressesOf = (first: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => {
    const host = index + 2
    return `${first}.${98 + (host >> 16)}.${(host >> 8) & 255}.${host & 255}`
  })

/** The far side holds these; 2,048 of the targets are not among them, which it drops. */
const held = ['11.98.0.0/18', '11.98.72.0/21', '11.98.80.0/20', '11.98.96.0/19', '11.98.128.0/17']
const dropped = '11.98.64.0/21'

const acrossVeth = async (): Promise<readonly Row[]> => {
  if (requiresRoot().skip) return []
  await using network = await createNetwork([{ upper: 'near', lower: 'far' }])
  const ipAtFar = (...args: readonly string[]) => network.run('far', 'ip', ...args)
  await network.run('near', 'ip', 'route', 'add', '11.0.0.0/8', 'via', network.address('far'))
  for (const prefix of [...held, dropped]) await ipAtFar('route', 'add', 'local', prefix, 'dev', 'lo')
  const place: Place = {
    run: (command, ...args) => network.run('near', command, ...args),
    spawn: (command, options) => network.spawn('near', command, options),
  }
  const addresses = addressesOf(11, targets)
  const alive = await compare('41,000 × 1, veth', place, addresses)
  await ipAtFar('route', 'del', 'local', dropped, 'dev', 'lo', 'table', 'local')
  await ipAtFar('route', 'add', 'blackhole', dropped)
  return [...alive, ...(await compare('41,000 × 1, veth, 5 % dead', place, addresses))]
}

const loopback = addressesOf(127, targets)
const rows = [
  ...(await compare('41,000 × 1, loopback', here, loopback)),
  await alone('41,000 × 3, loopback', { addresses: loopback, count: 3 }),
  ...(await acrossVeth()),
  await alone('1,700 × 3 each 30 s', { addresses: loopback.slice(0, 1700), count: 3, periodSeconds: 30 }),
]
console.log(
  flags.json
    ? JSON.stringify(rows)
    : `load ${load()}, ${rounds} rounds, seconds\n${rows.map((row) => JSON.stringify(row)).join('\n')}`,
)
