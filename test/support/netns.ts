import { type ChildProcess, type SpawnOptions, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { requires } from './services.ts'

const execute = promisify(execFile)
const ip = async (...args: readonly string[]): Promise<void> => {
  await execute('ip', args)
}

/** A place's line to the place above it, as a veth pair. */
export interface Link {
  readonly upper: string
  readonly lower: string
}

/** Places in network namespaces of their own, joined by real links. Disposing it ends what runs there, and removes them. */
export interface Network extends AsyncDisposable {
  /** The place's address on the line above it; of the topmost place: on its first line. */
  readonly address: (place: string) => string
  /** Takes the line above a place down at its far end: a cable that was cut. */
  readonly cut: (place: string) => Promise<void>
  readonly repair: (place: string) => Promise<void>
  /** Standard output of a command run at a place. Rejects when it fails. */
  readonly run: (place: string, command: string, ...args: readonly string[]) => Promise<string>
  /** Starts a process at a place; its pid is the command's own. */
  readonly spawn: (
    place: string,
    command: readonly [string, ...string[]],
    options?: SpawnOptions,
  ) => ChildProcess
}

const canMakeNamespaces = (): boolean => {
  const name = `yiwang-${process.pid}-trial`
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' })
    execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Whether a suite that makes network namespaces must be skipped: it needs root (CAP_SYS_ADMIN) and iproute2. */
export const requiresRoot = (): { readonly skip: boolean } => {
  if (requires('ip').skip) return { skip: true }
  if (canMakeNamespaces()) return { skip: false }
  if (process.env['YIWANG_REQUIRE_SERVICES'] === '1')
    throw new Error('expected root, to make network namespaces')
  process.stderr.write('skipped, needs root: network namespaces\n')
  return { skip: true }
}

/** A link with its addresses, numbered by its place in the list. */
interface Line extends Link {
  readonly upperAddress: string
  readonly lowerAddress: string
  readonly subnet: string
  /** Interface at the upper end; the lower end's is `uplink`. */
  readonly port: string
}

const linesOf = (links: readonly Link[]): readonly Line[] =>
  links.map((link, index) => ({
    ...link,
    upperAddress: `10.98.${index}.1`,
    lowerAddress: `10.98.${index}.2`,
    subnet: `10.98.${index}.0/30`,
    port: `port${index}`,
  }))

const below = (lines: readonly Line[], place: string): readonly Line[] =>
  lines.filter(({ upper }) => upper === place).flatMap((line) => [line, ...below(lines, line.lower)])

type NameOf = (place: string) => string

/** The lower end's default route goes when its interface does. */
const raise = async (line: Line, nameOf: NameOf): Promise<void> => {
  await ip('-n', nameOf(line.lower), 'link', 'set', 'uplink', 'up')
  await ip('-n', nameOf(line.lower), 'route', 'replace', 'default', 'via', line.upperAddress)
}

const lay = async (line: Line, lines: readonly Line[], nameOf: NameOf): Promise<void> => {
  const [upper, lower] = [nameOf(line.upper), nameOf(line.lower)]
  await ip('-n', upper, 'link', 'add', line.port, 'type', 'veth', 'peer', 'name', 'uplink', 'netns', lower)
  await ip('-n', upper, 'address', 'add', `${line.upperAddress}/30`, 'dev', line.port)
  await ip('-n', lower, 'address', 'add', `${line.lowerAddress}/30`, 'dev', 'uplink')
  await ip('-n', upper, 'link', 'set', line.port, 'up')
  await raise(line, nameOf)
  for (const { subnet } of below(lines, line.lower))
    await ip('-n', upper, 'route', 'add', subnet, 'via', line.lowerAddress)
}

const settle = async (name: string): Promise<void> => {
  await ip('netns', 'add', name)
  await ip('-n', name, 'link', 'set', 'lo', 'up')
  await ip('netns', 'exec', name, 'sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward')
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

const required = <Value>(value: Value | undefined, place: string): Value => {
  if (value === undefined) throw new Error(`no such place or line: ${place}`)
  return value
}

const lineAbove = (lines: readonly Line[], place: string): Line =>
  required(
    lines.find(({ lower }) => lower === place),
    place,
  )

const addressOf = (lines: readonly Line[], place: string): string =>
  lines.find(({ lower }) => lower === place)?.lowerAddress ??
  required(
    lines.find(({ upper }) => upper === place),
    place,
  ).upperAddress

/** Makes places and links; gives what removes them again. Nothing is left behind where it fails. */
const build = async (lines: readonly Line[], nameOf: NameOf): Promise<AsyncDisposableStack> => {
  await using undo = new AsyncDisposableStack()
  for (const place of new Set(lines.flatMap(({ upper, lower }) => [upper, lower]))) {
    await settle(nameOf(place))
    undo.defer(() => ip('netns', 'delete', nameOf(place)))
  }
  for (const line of lines) await lay(line, lines, nameOf)
  return undo.move()
}

const processes = (nameOf: NameOf): Pick<Network, 'run' | 'spawn' | typeof Symbol.asyncDispose> => {
  const children = new Set<ChildProcess>()
  const inside = (place: string): readonly string[] => ['netns', 'exec', nameOf(place)]
  return {
    run: async (place, command, ...args) =>
      (await execute('ip', [...inside(place), command, ...args])).stdout,
    spawn: (place, command, options = {}) => {
      const child = spawn('ip', [...inside(place), ...command], options)
      children.add(child)
      child.once('exit', () => children.delete(child))
      return child
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...children].map(end))
    },
  }
}

let networks = 0

/** Makes the places that the links name, their links (10.98.n.0/30) and the routes between them all. */
export const createNetwork = async (links: readonly Link[]): Promise<Network> => {
  const prefix = `yiwang-${process.pid}-${(networks += 1)}`
  const nameOf: NameOf = (place) => `${prefix}-${place}`
  const lines = linesOf(links)
  const undo = await build(lines, nameOf)
  const inside = processes(nameOf)
  undo.use(inside)
  return {
    address: (place) => addressOf(lines, place),
    cut: (place) => ip('-n', nameOf(lineAbove(lines, place).lower), 'link', 'set', 'uplink', 'down'),
    repair: (place) => raise(lineAbove(lines, place), nameOf),
    run: inside.run,
    spawn: inside.spawn,
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  }
}
