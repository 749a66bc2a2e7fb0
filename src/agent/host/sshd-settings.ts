import type { Machine } from './machine.ts'
import { linesOf, withoutRemark } from './texts.ts'

/** What sshd goes by. */
export interface SshdSettings {
  /** `effective`: its own dump; `file`: its files as we read them, without the defaults of the build. */
  readonly source: 'effective' | 'file'
  readonly values: ReadonlyMap<string, string>
  /** Keywords that a Match block sets for some: the values above are not everybody's. */
  readonly matched: ReadonlySet<string>
}

interface Setting {
  readonly keyword: string
  readonly value: string
  readonly inMatch: boolean
}

const mostDepth = 4
const mainFile = '/etc/ssh/sshd_config'

const settingOf = (line: string): Omit<Setting, 'inMatch'> => {
  const [, keyword = '', value = ''] = /^(\w+)(?:\s*=\s*|\s+)(.*)$/u.exec(withoutRemark(line)) ?? []
  return { keyword: keyword.toLowerCase(), value: value.replaceAll('"', '').trim() }
}

/** Wildcards in the last part only, as the packages write them. */
const nameFits = (pattern: string, name: string): boolean => {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.at(-1) ?? ''
  return rest.length === 0 ? name === first : name.startsWith(first) && name.endsWith(last)
}

const filesFor = async (machine: Machine, pattern: string): Promise<readonly string[]> => {
  const file = pattern.startsWith('/') ? pattern : `/etc/ssh/${pattern}`
  if (!file.includes('*')) return [file]
  const [folder, name] = [file.slice(0, file.lastIndexOf('/')), file.slice(file.lastIndexOf('/') + 1)]
  return (await machine.list(folder))
    .filter((each) => nameFits(name, each))
    .map((each) => `${folder}/${each}`)
}

/** The settings in the order in which sshd sees them. A Match block ends with its file (sshd_config(5)). */
const settingsIn = async (
  machine: Machine,
  file: string,
  inherited: boolean,
  depth: number,
): Promise<readonly Setting[]> => {
  const found = await machine.read(file)
  if (found.state !== 'read' || depth > mostDepth) return []
  const settings: Setting[] = []
  let inMatch = inherited
  for (const { keyword, value } of linesOf(found.text).map(settingOf)) {
    if (keyword === 'match') inMatch = inherited || value.toLowerCase() !== 'all'
    else if (keyword !== 'include') settings.push({ keyword, value, inMatch })
    else
      for (const pattern of value.split(/\s+/u))
        for (const each of await filesFor(machine, pattern))
          settings.push(...(await settingsIn(machine, each, inMatch, depth + 1)))
  }
  return settings
}

/** The first value counts, both in the files and in the dump, where a few keywords come again. */
const firstOfEach = (settings: readonly Omit<Setting, 'inMatch'>[]): ReadonlyMap<string, string> =>
  new Map(settings.toReversed().map(({ keyword, value }) => [keyword, value]))

/** Of sshd(8) as of OpenSSH 7.0 and later; what differs from build to build (algorithms) is not here. */
const defaults: Readonly<Record<string, string>> = {
  permitrootlogin: 'prohibit-password',
  permitemptypasswords: 'no',
  maxauthtries: '6',
  clientaliveinterval: '0',
  clientalivecountmax: '3',
  logingracetime: '120',
  x11forwarding: 'no',
  hostbasedauthentication: 'no',
  ignorerhosts: 'yes',
  loglevel: 'INFO',
  permituserenvironment: 'no',
}

/** What sshd says of itself where it can be asked, else its files; undefined where there is no sshd. */
export const readSshdSettings = async (machine: Machine): Promise<SshdSettings | undefined> => {
  const main = await machine.read(mainFile)
  if (main.state !== 'read') return undefined
  const settings = await settingsIn(machine, mainFile, false, 0)
  const matched = new Set(settings.filter(({ inMatch }) => inMatch).map(({ keyword }) => keyword))
  const dump = await machine.live?.run('sshd', ['-T'])
  if (dump !== undefined)
    return { source: 'effective', values: firstOfEach(linesOf(dump).map(settingOf)), matched }
  const own = firstOfEach(settings.filter(({ inMatch }) => !inMatch))
  return { source: 'file', values: new Map([...Object.entries(defaults), ...own]), matched }
}

const unitSeconds: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** `90`, `2m`, `1h30m` (sshd_config(5), time formats). */
export const secondsOf = (text: string): number | undefined => {
  if (!/^(?:\d{1,9}[smhdw]?)+$/iu.test(text)) return undefined
  return [...text.toLowerCase().matchAll(/(\d+)([smhdw]?)/gu)].reduce(
    (sum, [, count = '0', unit = '']) => sum + Number(count) * (unitSeconds[unit] ?? 1),
    0,
  )
}
