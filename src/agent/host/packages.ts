import { compareVersions } from './debian-version.ts'
import type { Found, Machine } from './machine.ts'

export interface Package {
  readonly name: string
  readonly version: string
  readonly architecture: string
}

/** Lists that can be read whole, and those that cannot. */
export interface SecurityLists {
  readonly packages: readonly Package[]
  readonly read: number
  readonly unread: readonly string[]
  /** When the oldest of them was made. */
  readonly madeAt: number | undefined
}

const mostBytes = 32 * 1024 * 1024
const folder = '/var/lib/apt/lists'

const field = (paragraph: string, name: string): string =>
  new RegExp(`^${name}: *(.*)$`, 'mu').exec(paragraph)?.[1]?.trim() ?? ''

const packageIn = (paragraph: string): Package => ({
  name: field(paragraph, 'Package'),
  version: field(paragraph, 'Version'),
  architecture: field(paragraph, 'Architecture'),
})

const isInstalled = (paragraph: string): boolean => / installed$/u.test(field(paragraph, 'Status'))

/** What dpkg holds for installed; undefined where its file is not there or could not be read to its end. */
export const installedPackages = async (machine: Machine): Promise<readonly Package[] | undefined> => {
  const status = await machine.read('/var/lib/dpkg/status', mostBytes)
  if (status.state !== 'read' || status.isCut) return undefined
  return status.text.split('\n\n').filter(isInstalled).map(packageIn)
}

const textOfList = async (machine: Machine, path: string): Promise<string | undefined> => {
  if (!path.endsWith('_Packages')) return machine.live?.run('/usr/lib/apt/apt-helper', ['cat-file', path])
  const found: Found = await machine.read(path, mostBytes)
  return found.state === 'read' && !found.isCut ? found.text : undefined
}

/** What apt has been told of the security suites, and only of those: `bookworm-security`, `jammy-security`. */
export const securityLists = async (machine: Machine): Promise<SecurityLists> => {
  const paths = (await machine.list(folder))
    .filter((name) => /[_-]security_.*_Packages(?:\.\w+)?$/u.test(name))
    .map((name) => `${folder}/${name}`)
  const texts: string[] = []
  const unread: string[] = []
  for (const path of paths) {
    const text = await textOfList(machine, path)
    if (text === undefined) unread.push(path)
    else texts.push(text)
  }
  const states = await Promise.all(paths.map(machine.state))
  const times = states.flatMap((state) => (state === undefined ? [] : [state.modifiedAt]))
  return {
    packages: texts.flatMap((text) => text.split('\n\n').filter(Boolean).map(packageIn)),
    read: texts.length,
    unread,
    madeAt: times.length === 0 ? undefined : Math.min(...times),
  }
}

const keyOf = ({ name, architecture }: Package): string => `${name} ${architecture}`

/** Installed packages of which the lists have a newer version. */
export const outdated = (installed: readonly Package[], offered: readonly Package[]): readonly Package[] => {
  const newest = new Map<string, string>()
  for (const each of offered) {
    const known = newest.get(keyOf(each))
    if (known === undefined || compareVersions(known, each.version) < 0) newest.set(keyOf(each), each.version)
  }
  return installed.filter((each) => {
    const version = newest.get(keyOf(each))
    return version !== undefined && compareVersions(each.version, version) < 0
  })
}
