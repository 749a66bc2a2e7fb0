import stringWidth from 'string-width'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { yiwang, yiwangJson } from '../support/cli.ts'
import { expectRefusal } from './data-folder.ts'

const catalog = (...args: readonly string[]) => yiwang(['mlps', 'catalog', ...args])
const notice = '本产品释义，未经官方审定'

interface Shown {
  readonly level: number
  readonly notice: string
  readonly items: readonly { readonly id: string; readonly category: string; readonly auto?: unknown }[]
}
const catalogJson = (...args: readonly string[]) => yiwangJson(['mlps', 'catalog', ...args]) as Promise<Shown>

describe('mlps catalog', () => {
  test('a card of one item: our words as such, scenarios with their confidence, rules of evidence', async () => {
    const { code, stdout } = await catalog('L3-CNS1-02')
    expect(code).toBe(0)
    expect(stdout).toContain(`要求（${notice}）：`)
    expect(stdout).toMatch(/^取证规则：snmp\.peak-load /mu)
    expect(Math.max(...stdout.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(80)
    expect((await catalog('L3-CES1-04')).stdout).toMatch(/^高风险情形：A-19 .*〔单一来源〕$/mu)
    expect(await catalogJson('L3-CNS1-02')).toMatchObject({ notice, item: { id: 'L3-CNS1-02' } })
    expectRefusal(await catalog('L3-CES1-99'), 2, /did you mean L3-CES1-09\?/u)
  })

  test('level 3 by default, as a table whose columns stand below each other', async () => {
    const { code, stdout, stderr } = await catalog()
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: '211 items, 86 of which can be shown automatically in whole or in part\n',
    })
    const [header = '', ...rows] = stdout.trimEnd().split('\n')
    expect(header).toContain(`要求（${notice}）`)
    expect(rows).toHaveLength(211)
    const columnAt = (line: string, text: string): number => stringWidth(line.slice(0, line.indexOf(text)))
    const first = rows.find((line) => line.startsWith('L3-CES1-01')) ?? ''
    expect(columnAt(first, '身份鉴别')).toBe(columnAt(header, '控制点'))
    expect(columnAt(first, '访谈、')).toBe(columnAt(header, '测评方法'))
  })

  test.each([
    { args: ['--level', '2'], count: 135 },
    { args: ['--level', '2', '--cloud'], count: 164 },
    { args: ['--cloud'], count: 257 },
    { args: ['--auto'], count: 86 },
    { args: ['--cloud', '--auto'], count: 94 },
    { args: ['--category', 'SMC'], count: 12 },
    { args: ['--category', 'SMC', '--category', 'PES', '--cloud'], count: 39 },
    { args: ['--level', '2', '--cloud', '--category', 'CES', '--auto'], count: 21 },
  ])('$args: $count items', async ({ args, count }) => {
    const { items, notice: shown } = await catalogJson(...args)
    expect(items).toHaveLength(count)
    expect(shown).toBe(notice)
  })

  test('CSV has every column, and says what the texts are', async () => {
    const { code, stdout } = await catalog('--cloud', '--csv')
    expect(code).toBe(0)
    const rows = parse<Record<string, string>>(stdout, { columns: true })
    expect(rows).toHaveLength(257)
    expect(rows.find((row) => row['编号'] === 'L3-ABS1-05')).toMatchObject({
      编号依据: '见于公开清单',
      条款: '8.1.3.2 a',
      类别: '安全区域边界',
      控制点: '访问控制',
      [`要求（${notice}）`]: expect.stringMatching(/。$/u) as unknown,
      适用对象: '网络设备、安全设备',
      自动取证: '全部',
      高风险情形: 'A-11 HR2020-16 HR2025-6.3.2.1',
    })
  })

  test.each([
    ['--level', '4'],
    ['--category', 'XXX'],
  ])('%s %s is refused', async (...args) => {
    expectRefusal(await catalog(...args), 2, /--(level|category)/u)
  })
})
