import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { type Asset, catalogue } from '../../inventory/mlps/index.ts'
import { walkScreen, type WalkView } from '../../src/commands/mlps-walk-screen.ts'

const item = catalogue(3).find(({ id }) => id === 'L3-CES1-01')!
const asset: Asset = {
  id: 'net.fw',
  assessment: 'net',
  name: '核心\u001b[2J防火墙',
  kind: 'security-device',
  results: { 'L3-CES1-01': { result: 'partial', evidence: '六位', carriedFrom: 'net-2025' } },
}
const view: WalkView = {
  item,
  asset,
  officialWording: '用户自己的原文',
  evidence: ['probe ssh 2026-11-26: 口令登录开启'],
  progress: { at: 0, of: 51, untested: 48 },
  notice: 'no space left',
}

test('a screen has everything that is known of the item, and what our words are', () => {
  const text = walkScreen(view, { columns: 100, rows: 40 }).join('\n')
  for (const part of [
    'net  1/51  未测评 48',
    'L3-CES1-01  8.1.4.1 a',
    '要求（本产品释义，未经官方审定）',
    item.requirement,
    '用户自己的原文',
    '账户清单',
    'A-18',
    '〔未查到来源〕',
    'probe ssh 2026-11-26',
    '部分符合  沿用自 net-2025',
    '结果记录：六位',
    '! no space left',
    '3 不符合',
  ])
    expect(text).toContain(part)
  expect(text).not.toContain('\u001b')
})

test('whatever the window, result and keys stay, and no line is too wide', () => {
  const size = fc.record({
    columns: fc.integer({ min: 40, max: 200 }),
    rows: fc.integer({ min: 22, max: 60 }),
  })
  fc.assert(
    fc.property(size, (screen) => {
      const lines = walkScreen(view, screen)
      expect(lines.length).toBeLessThan(screen.rows)
      expect(lines.every((line) => stringWidth(line) <= screen.columns)).toBe(true)
      expect(lines.join('')).toContain('结果：部分符合')
      expect(lines.join('')).toContain('q 退出')
    }),
  )
})
