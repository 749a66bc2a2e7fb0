import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'vitest'
import { type Child, runYiwang, startChild } from './child.ts'

export const edit = async (
  file: string,
  ...changes: readonly (readonly [RegExp, string])[]
): Promise<void> => {
  const text = await readFile(file, 'utf8')
  await writeFile(
    file,
    changes.reduce((now, [from, to]) => {
      expect(now).toMatch(from)
      return now.replaceAll(from, to)
    }, text),
  )
}

/** Where Debian’s Prometheus or Alertmanager says that it listens. */
export const addressIn = async (child: Child): Promise<string> =>
  /address=(\S+)/u.exec(await child.said(/msg="?Listening on"?/u))?.[1] ?? ''

/** As delivered, but for haste: who is scraped probes each few seconds, so that ten are as good as minutes. */
export const deploy = async (
  folder: string,
  places: { collector: string; webhook: string; token: string },
): Promise<void> => {
  await runYiwang(['dashboards', 'build', '--out', folder, '--webhook', places.webhook])
  await edit(path.join(folder, 'prometheus/rules.yml'), [/^( +(?:keep_firing_)?for:) \S+$/gmu, '$1 10s'])
  await writeFile(path.join(folder, 'alertmanager/webhook-token'), places.token, { mode: 0o600 })
  await edit(path.join(folder, 'alertmanager/alertmanager.yml'), [
    /(group_wait|group_interval): \S+/gu,
    '$1: 3s',
  ])
  await edit(
    path.join(folder, 'prometheus/prometheus.yml'),
    [/(scrape|evaluation)_interval: 15s/gu, '$1_interval: 1s'],
    [/127\.0\.0\.1:9410/gu, places.collector],
  )
}

export const startAlertmanager = (folder: string): Child =>
  startChild([
    'prometheus-alertmanager',
    `--config.file=${folder}/alertmanager/alertmanager.yml`,
    `--storage.path=${folder}/alertmanager-data`,
    '--web.listen-address=127.0.0.1:0',
    '--cluster.listen-address=',
  ])

export const startPrometheus = (folder: string): Child =>
  startChild([
    'prometheus',
    `--config.file=${folder}/prometheus/prometheus.yml`,
    `--storage.tsdb.path=${folder}/prometheus-data`,
    '--web.listen-address=127.0.0.1:0',
  ])
