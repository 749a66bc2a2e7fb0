import { createHmac } from 'node:crypto'
import type { HttpChannel, SmsChannel } from '../../config/notify-settings.ts'
import type { Endpoint } from '../../core/credential.ts'
import { type Bundle, headline, markdownLines, plainLines, shortText, withinBytes } from './text.ts'

/** A message as HTTP carries it, and how the answer tells that it was taken. */
export interface HttpMessage {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Undefined where it was taken; else what the other side said. */
  readonly complaint: (answer: string) => string | undefined
}

const hmac = (key: string, text: string, encoding: 'base64' | 'hex'): string =>
  createHmac('sha256', key).update(text).digest(encoding)

const json = { 'content-type': 'application/json; charset=utf-8' }

/** What a JSON answer says in a field that must be 0. */
const zeroIn =
  (field: string, wordsIn: string) =>
  (answer: string): string | undefined => {
    try {
      const said = JSON.parse(answer) as Readonly<Record<string, unknown>>
      return said[field] === 0 ? undefined : `${field} ${String(said[field])}: ${String(said[wordsIn])}`
    } catch {
      return `expected JSON, got ${answer.slice(0, 80)}`
    }
  }

type Compose = (bundle: Bundle, endpoint: Endpoint, now: number) => HttpMessage

/** Group robot of 企业微信: the key is in the address, Markdown of 4096 bytes at most. */
const wecom: Compose = (bundle, { url }) => ({
  url,
  headers: json,
  body: JSON.stringify({
    msgtype: 'markdown',
    markdown: { content: withinBytes(markdownLines(bundle), 4096) },
  }),
  complaint: zeroIn('errcode', 'errmsg'),
})

/** Group robot of 钉钉: milliseconds and secret, signed with the secret, go into the address. */
const dingtalk: Compose = (bundle, { url, secret }, now) => {
  const address = new URL(url)
  if (secret !== undefined) {
    address.searchParams.set('timestamp', String(now))
    address.searchParams.set('sign', hmac(secret, `${now}\n${secret}`, 'base64'))
  }
  return {
    url: address.href,
    headers: json,
    body: JSON.stringify({
      msgtype: 'markdown',
      // Its Markdown takes a single line's end for none.
      markdown: {
        title: headline(bundle),
        text: withinBytes(markdownLines(bundle), 18_000).replaceAll('\n', '\n\n'),
      },
    }),
    complaint: zeroIn('errcode', 'errmsg'),
  }
}

/** Group robot of 飞书: seconds and secret are the key that signs nothing; a post interprets no mark-up. */
const feishu: Compose = (bundle, { url, secret }, now) => {
  const timestamp = String(Math.floor(now / 1000))
  const signed =
    secret === undefined ? {} : { timestamp, sign: hmac(`${timestamp}\n${secret}`, '', 'base64') }
  const lines = withinBytes(plainLines(bundle), 10_000).split('\n')
  return {
    url,
    headers: json,
    body: JSON.stringify({
      ...signed,
      msg_type: 'post',
      content: {
        post: { zh_cn: { title: headline(bundle), content: lines.map((text) => [{ tag: 'text', text }]) } },
      },
    }),
    complaint: zeroIn('code', 'msg'),
  }
}

/** For programs: the notices as they are, signed over time and body. Any 2xx is a receipt. */
const webhook: Compose = ({ notices }, { url, secret }, now) => {
  const body = JSON.stringify({ version: 1, notices })
  const timestamp = String(Math.floor(now / 1000))
  return {
    url,
    headers: {
      ...json,
      'x-yiwang-timestamp': timestamp,
      ...(secret !== undefined && {
        'x-yiwang-signature': `sha256=${hmac(secret, `${timestamp}.${body}`, 'hex')}`,
      }),
    },
    body,
    complaint: () => undefined,
  }
}

const composers: Readonly<Record<HttpChannel['kind'], Compose>> = { wecom, dingtalk, feishu, webhook }

export const composeMessage = (
  { kind }: HttpChannel,
  endpoint: Endpoint,
  bundle: Bundle,
  now: number,
): HttpMessage => composers[kind](bundle, endpoint, now)

/** Placeholders are filled in one pass, in values only: what a target says cannot name another, nor leave its field. */
export const composeSms = (channel: SmsChannel, bundle: Bundle, token: string): HttpMessage => {
  const values: Readonly<Record<string, string>> = {
    phones: channel.phones.join(','),
    text: shortText(bundle, channel.maxCharacters),
    token,
  }
  const fill = (template: string): string =>
    template.replaceAll(/\{(phones|text|token)\}/gu, (_, name: string) => values[name] ?? '')
  const fields = Object.fromEntries(
    Object.entries(channel.fields).map(([name, value]) => [name, fill(value)]),
  )
  const isJson = channel.encoding === 'json'
  return {
    url: channel.url,
    headers: isJson ? json : { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: isJson ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
    complaint: (answer) => (answer.includes(channel.accepted) ? undefined : `said ${answer.slice(0, 200)}`),
  }
}
