import { plainLine } from '../../core/plain-line.ts'

/** Text of a target, made harmless for a channel. What a target says must not become a link, a mark-up or a header. */

const fullWidth: Readonly<Record<string, string>> = {
  '\\': '＼',
  '`': '｀',
  '*': '＊',
  _: '＿',
  '[': '［',
  ']': '］',
  '<': '＜',
  '>': '＞',
  '#': '＃',
  '~': '～',
  '|': '｜',
  '!': '！',
  '@': '＠',
  '&': '＆',
}

/**
 * For the Markdown of WeCom and DingTalk, neither of which documents an escape: what has a meaning there becomes its
 * full-width twin, and an address is not one any more.
 */
export const markdownText = (text: string): string =>
  plainLine(text)
    .replaceAll(/[\\`*_[\]<>#~|!@&]/gu, (found) => fullWidth[found] ?? '')
    .replaceAll('://', '：//')
    .replace(/^(\s*)([-+>]|\d+\.)(?=\s)/u, '$1·')

/** As it is, for forms that interpret nothing but make links of addresses. */
export const literalText = (text: string): string => plainLine(text).replaceAll('://', '：//')

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const htmlText = (text: string): string =>
  literalText(text).replaceAll(/[&<>"']/gu, (found) => entities[found] ?? '')
