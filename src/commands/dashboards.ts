import { existsSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Flags } from '@oclif/core'
import { boards, defaultPlaces, deployFolder, deploymentFiles } from '../../dashboards/index.ts'
import { UsageFault } from '../core/fault.ts'
import { checkedGrafana, pushBoards, type Pushed } from '../service/grafana.ts'
import { untilStopped, YiwangCommand } from './base.ts'

const checkedWebhook = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href
  throw new UsageFault([{ where: '--webhook', message: `expected a URL of http or https, got ${text}` }])
}

/** Says where the collector is: whoever deploys has written that into it. */
const theirOwn = path.join('prometheus', 'prometheus.yml')

const isOurs = (source: string, target: string): boolean =>
  path.relative(deployFolder, source) !== theirOwn || !existsSync(target)

/** What deploys is copied, what is made is written over it. */
const writeAll = async (folder: string, files: Readonly<Record<string, string>>): Promise<void> => {
  try {
    await cp(deployFolder, folder, { recursive: true, filter: isOurs })
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(folder, name)
      await mkdir(path.dirname(file), { recursive: true })
      await writeFile(file, text)
    }
  } catch (error) {
    const { message } = error as Error
    throw new UsageFault([{ where: '--out', message: `expected a folder to write to, got ${message}` }], {
      cause: error,
    })
  }
}

export class DashboardsBuild extends YiwangCommand {
  static override readonly summary =
    'write dashboards, rules, routes and what deploys them (Grafana, Prometheus, Alertmanager) to a folder'
  static override readonly description =
    'Files of the same names are replaced, but for prometheus/prometheus.yml, which is yours; others in the folder are left alone. What each file is for: dashboards/README.md.'
  static override readonly examples = [
    '<%= config.bin %> dashboards build --out /etc/yiwang/monitoring --runbooks https://wiki.example/runbooks',
  ]
  static override readonly flags = {
    out: Flags.string({ summary: 'folder to write to', helpValue: 'DIR', required: true }),
    runbooks: Flags.string({
      summary: 'address under which the files of docs/runbooks can be read',
      helpValue: 'URL',
      default: defaultPlaces.runbooks,
    }),
    webhook: Flags.string({
      summary: 'where Alertmanager sends its notifications',
      helpValue: 'URL',
      default: defaultPlaces.webhook,
    }),
  }

  async run(): Promise<{ readonly files: readonly string[] }> {
    const { flags } = await this.parse(DashboardsBuild)
    const webhook = checkedWebhook(flags.webhook)
    const files = deploymentFiles({ runbooks: flags.runbooks.replace(/\/+$/u, ''), webhook })
    await writeAll(flags.out, files)
    for (const name of Object.keys(files)) this.line(path.join(flags.out, name))
    this.note(`${boards.length} dashboards, rules, routes, and what deploys them in ${flags.out}`)
    return { files: Object.keys(files) }
  }
}

const tokenVariable = 'GRAFANA_TOKEN'

export class DashboardsPush extends YiwangCommand {
  static override readonly summary = 'put the dashboards into a running Grafana'
  static override readonly description = `The token of a service account with the role Editor is read from the environment variable ${tokenVariable}. Dashboards of the same uid are replaced.`
  static override readonly examples = [
    '<%= config.bin %> dashboards push --grafana-url https://grafana.example',
  ]
  static override readonly flags = {
    'grafana-url': Flags.string({ summary: 'address of Grafana', helpValue: 'URL', required: true }),
    folder: Flags.string({
      summary: 'uid of the folder; made where it is not there',
      helpValue: 'UID',
      default: 'yiwang',
    }),
  }

  async run(): Promise<{ readonly pushed: readonly Pushed[] }> {
    const { flags } = await this.parse(DashboardsPush)
    const url = checkedGrafana(flags['grafana-url'])
    if (!/^[\w-]{1,40}$/u.test(flags.folder))
      throw new UsageFault([
        { where: '--folder', message: `expected 1 to 40 letters, digits, - and _, got ${flags.folder}` },
      ])
    const token = process.env[tokenVariable] ?? ''
    if (!/^[\x21-\x7e]+$/u.test(token))
      throw new UsageFault([
        {
          where: tokenVariable,
          message: 'expected the token of a service account of Grafana in the environment, got none',
          suggestion: 'Grafana: Administration, Service accounts; role Editor; add a token',
        },
      ])
    const made = boards.map(({ uid, json }) => ({ uid, json: json() }))
    const pushed = await pushBoards({ url, token, signal: untilStopped() }, flags.folder, made)
    for (const { path: at, version } of pushed) this.line(`${new URL(at, url).href}  version ${version}`)
    return { pushed }
  }
}
