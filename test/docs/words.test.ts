import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')

/** One thing has one name, in whatever Chinese text of ours. */
const names = [
  {
    name: '探针',
    not: /代理/u,
    // What is no agent of ours.
    but: /SNMP 代理|入侵检测代理|堡垒机和代理|反向代理/gu,
  },
  // An import takes what others call a sheet.
  { name: '采集端', not: /汇聚服务|采集器/u, but: /agent: \['探针', '采集器', 'agents'\]/gu },
] as const

const texts = globSync(
  [
    '{src,probes,dashboards,inventory,scripts,docs}/**/*.{ts,md,yaml,yml}',
    'dashboards/generated/**/*.json',
    'inventory/mlps/*.json',
    'README.zh-CN.md',
  ],
  { cwd: root },
)

test.each(names)('$name is called so everywhere', ({ name, not, but }) => {
  const called = (line: string): string => line.replaceAll(but, '')
  const found = texts.flatMap((file) => {
    const lines = readFileSync(path.join(root, file), 'utf8').split('\n')
    return lines.flatMap((line, at) => (not.test(called(line)) ? [`${file}:${at + 1}: ${line.trim()}`] : []))
  })
  expect(found).toEqual([])
  expect(texts.filter((file) => readFileSync(path.join(root, file), 'utf8').includes(name))).not.toEqual([])
})
