import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, parseSyslog } from '../../../src/collector/syslog/message.ts'

const receivedAt = Date.parse('2026-11-26T16:00:00+08:00')
const parse = (line: string, at = receivedAt) =>
  parseSyslog(line, { receivedAt: at, timezone: 'Asia/Shanghai' })

describe('what a line says', () => {
  test.each([
    [
      'RFC 5424 with structured data',
      '<165>1 2026-11-26T08:00:00.003Z mx1 app 12 ID47 [ex@32473 a="b\\]c" d=""][x@1] \u{FEFF}hello',
      {
        format: 'rfc5424',
        facility: 20,
        severity: 'notice',
        sentAt: receivedAt + 3,
        host: 'mx1',
        app: 'app',
        messageId: 'ID47',
        text: '[ex@32473 a="b\\]c" d=""][x@1] \u{FEFF}hello',
      },
    ],
    [
      'RFC 5424 of nothing',
      '<0>1 - - - - - -',
      { format: 'rfc5424', facility: 0, severity: 'emerg', text: '' },
    ],
    [
      'RFC 3164',
      '<34>Nov 26 15:59:00 fw-1 su[77]: failed',
      {
        format: 'rfc3164',
        facility: 4,
        severity: 'crit',
        sentAt: receivedAt - 60_000,
        host: 'fw-1',
        app: 'su',
        text: 'su[77]: failed',
      },
    ],
    [
      'with the year before the time',
      '<190>Nov 26 2026 16:00:00 core %%01IFNET/4/LINK(l)[5]:down',
      {
        format: 'rfc3164',
        facility: 23,
        severity: 'info',
        sentAt: receivedAt,
        host: 'core',
        app: 'IFNET/4/LINK',
        text: undefined,
      },
    ],
    [
      'with the year after the time',
      '<190>Nov 26 16:00:00 2026 sw %%10SHELL/5/LOGIN: admin',
      {
        format: 'rfc3164',
        facility: 23,
        severity: 'info',
        sentAt: receivedAt,
        host: 'sw',
        app: 'SHELL/5/LOGIN',
        text: '%%10SHELL/5/LOGIN: admin',
      },
    ],
    [
      'with a sequence and no host',
      '<189>42: *Nov 26 16:00:00.123: %SYS-5-CONFIG_I: configured',
      {
        format: 'rfc3164',
        facility: 23,
        severity: 'notice',
        sentAt: receivedAt,
        app: '%SYS-5-CONFIG_I',
        text: '%SYS-5-CONFIG_I: configured',
      },
    ],
    ['no priority', 'plain', { format: 'none', facility: 1, severity: 'notice', text: 'plain' }],
    [
      'a priority that is none',
      '<999>x',
      { format: 'none', facility: 1, severity: 'notice', text: '<999>x' },
    ],
    [
      'a month that is none',
      '<13>Foo 26 16:00:00 h t: x',
      { format: 'rfc3164', facility: 1, severity: 'notice', host: 'h', app: 't', text: 't: x' },
    ],
  ])('%s', (_, line, { text, ...expected }) => {
    const message = parse(line)
    expect(message).toMatchObject(expected)
    if (text !== undefined) expect(message.text).toBe(text)
    expect('sentAt' in message).toBe('sentAt' in expected)
  })

  test('a message of December that arrives in January is of last year', () => {
    const january = Date.parse('2027-01-01T00:00:05+08:00')
    expect(parse('<13>Dec 31 23:59:59 h t: x', january).sentAt).toBe(january - 6000)
  })

  test('never throws, whatever comes, and ends in time', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (line) => void parse(`<13>${line}`)))
    const hostile = `<13>1 - - - - - ${'["'.repeat(30_000)}`
    expect(parse(hostile).format).toBe('none')
  })
})

test('text in UTF-8, or else in GB 18030', () => {
  expect(decode(Buffer.from('接口断开'))).toBe('接口断开')
  expect(decode(Buffer.from([0xbd, 0xd3, 0xbf, 0xda]))).toBe('接口')
})
