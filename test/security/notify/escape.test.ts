import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainLine } from '../../../src/core/plain-line.ts'
import { htmlText, literalText, markdownText } from '../../../src/security/notify/escape.ts'
import type { Notice } from '../../../src/security/notify/notice.ts'
import { composeMessage, composeSms } from '../../../src/security/notify/messengers.ts'
import {
  type Bundle,
  headline,
  htmlOf,
  markdownLines,
  withinBytes,
} from '../../../src/security/notify/text.ts'

const hostile =
  '[点我](https://evil.example/x) **加粗** <@all> <font color="red">\r\nBcc: a@b.c\n# 标题 `x` {token} \u{202E}txt'

const notice = (title: string, text = title): Notice => ({
  id: 'n',
  at: 0,
  severity: 'high',
  isGood: false,
  title,
  lines: [{ label: '影响', text }],
})

const bundle = (...notices: readonly Notice[]): Bundle => ({ notices, time: String })

describe('text of a target', () => {
  test('is no mark-up, no link, no mention in Markdown', () => {
    expect(markdownText(hostile)).toBe(
      '［点我］(https：//evil.example/x) ＊＊加粗＊＊ ＜＠all＞ ＜font color="red"＞ Bcc: a＠b.c ＃ 标题 ｀x｀ {token}  txt',
    )
    expect(markdownText('- a')).toBe('· a')
    expect(markdownText('1. a')).toBe('· a')
  })

  test.each([
    ['plain', plainLine, /[\p{Cc}\u{202A}-\u{202E}]/u],
    ['literal', literalText, /[\p{Cc}\u{202A}-\u{202E}]|:\/\//u],
    ['Markdown', markdownText, /[\p{Cc}\\`*_[\]<>#~|!@]|:\/\//u],
    ['HTML', htmlText, /[\p{Cc}<>"']|:\/\/|&(?!amp;|lt;|gt;|quot;|#39;)/u],
  ] as const)('in %s holds nothing that has a meaning there, whatever it was', (_, escape, forbidden) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escape(text)).not.toMatch(forbidden)
      }),
    )
    expect(escape(hostile)).not.toMatch(forbidden)
  })

  test('cannot break a subject, nor HTML', () => {
    const told = bundle(notice(hostile))
    expect(headline(told)).not.toMatch(/[\r\n]/u)
    expect(htmlOf(told)).not.toMatch(/<font|<@all|href/u)
    expect(markdownLines(told)).toHaveLength(4)
  })

  test('cannot name another field of an SMS template, nor leave its own', () => {
    const channel = {
      kind: 'sms',
      url: 'https://sms.example',
      encoding: 'json',
      fields: { mobile: '{phones}', content: '【一网】{text}', key: '{token}' },
      accepted: 'ok',
      phones: ['13800000000'],
      maxCharacters: 60,
      severity: 'low',
      perMinute: 5,
    } as const
    const json = composeSms(channel, bundle(notice('"},{token}{phones}&key=x')), 'secret')
    expect(JSON.parse(json.body)).toEqual({
      mobile: '13800000000',
      content: '【一网】【高】"},{token}{phones}&key=x；影响："},{token}{phones}&key=x',
      key: 'secret',
    })
    const form = composeSms({ ...channel, encoding: 'form' }, bundle(notice('a&key=x')), 'secret')
    expect(Object.fromEntries(new URLSearchParams(form.body))).toMatchObject({
      key: 'secret',
      content: '【一网】【高】a&key=x；影响：a&key=x',
    })
  })
})

test('a message keeps within the bytes of its channel, and says that it was cut', () => {
  const lines = Array.from({ length: 100 }, (_, at) => `${at} ${'中'.repeat(100)}`)
  const text = withinBytes(lines, 4096)
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096)
  expect(text).toMatch(/\n……$/u)
  const many = bundle(...Array.from({ length: 50 }, () => notice('中'.repeat(300))))
  const { body } = composeMessage(
    { kind: 'wecom', credential: 'c', severity: 'low', perMinute: 5 },
    { kind: 'endpoint', url: 'https://x.example' },
    many,
    0,
  )
  const { markdown } = JSON.parse(body) as { markdown: { content: string } }
  expect(Buffer.byteLength(markdown.content)).toBeLessThanOrEqual(4096)
})
