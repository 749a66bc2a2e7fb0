import type { Cause } from '../core/outcome.ts'
import { listed } from './listed.ts'
import { type Facts, factsAt, factsIn, numberAt, textAt } from './read.ts'

/** A look that failed: why, and what came with it. */
export interface Failed {
  readonly cause?: Cause | undefined
  /** Empty where the history no longer holds them. */
  readonly facts: Facts
}

/** OpenSSL's words for what is wrong with a certificate, and ours for a name that differs. */
const certificateProblems: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: '已过期',
  CERT_NOT_YET_VALID: '尚未生效',
  CERT_REVOKED: '已吊销',
  CERT_SIGNATURE_FAILURE: '签名不符',
  CERT_UNTRUSTED: '根证书不受信任',
  DEPTH_ZERO_SELF_SIGNED_CERT: '自签名',
  HOSTNAME_MISMATCH: '与域名不符',
  INVALID_CA: '签发机构无权签发',
  INVALID_PURPOSE: '用途不符',
  SELF_SIGNED_CERT_IN_CHAIN: '根证书不受信任',
  UNABLE_TO_GET_ISSUER_CERT: '缺少签发机构的证书',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: '缺少签发机构的证书',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: '缺少中间证书',
}

/** What keeps a certificate from being trusted; one that has no word here by its code. */
export const certificateProblem = (facts: Facts): string => {
  const code = textAt(facts, 'authorizationError') ?? ''
  return certificateProblems[code] ?? (/^[A-Z][A-Z0-9_]*$/u.test(code) ? code : '未说明原因')
}

const dnsText = (rcode: string, facts: Facts): string => {
  if (rcode !== 'NOERROR') return `域名服务器答 ${rcode}`
  const answers = factsIn(facts, 'answers').map((answer) => textAt(answer, 'data') ?? '')
  return answers.length === 0 ? '没有解析记录' : `解析为 ${listed(answers)}`
}

const pageText = (status: number, facts: Facts): string => {
  if (status >= 400) return `HTTP ${status}`
  const title = textAt(facts, 'title')
  return `HTTP ${status}${title === undefined ? '' : `，标题“${title}”`}，状态码或内容与登记的不符`
}

/** It answered, and not as it should: what it answered. */
const unexpectedText = (facts: Facts): string => {
  const status = numberAt(facts, 'status')
  if (status !== undefined) return pageText(status, facts)
  const rcode = textAt(facts, 'rcode')
  if (rcode !== undefined) return dnsText(rcode, facts)
  const session = factsAt(facts, 'tls') ?? facts
  return textAt(session, 'authorizationError') === undefined
    ? '应答与登记的不符'
    : `证书不受信任：${certificateProblem(session)}`
}

const refusedText = (facts: Facts): string => {
  const kissCode = textAt(facts, 'kissCode')
  return kissCode === undefined ? '连接被拒绝或断开' : `时间服务器拒绝服务（${kissCode}）`
}

const words: Readonly<Record<Cause, string | ((facts: Facts) => string)>> = {
  timeout: '超时',
  refused: refusedText,
  unreachable: '网络不可达',
  unresolved: '域名无法解析',
  tls: 'TLS 握手失败',
  protocol: (facts) => (factsIn(facts, 'redirects').length > 0 ? '重定向过多或去向不当' : '应答不合协议'),
  assertion: unexpectedText,
  permission: '探针没有所需的权限',
  resource: '探针不具备探测条件',
  resolver: '探针所用的域名服务器无应答',
  credential: '探针缺少可用的凭据',
  cancelled: '探测被中止',
}

/**
 * Why a look failed, in the words of officials, from its cause and the facts that came with it. The detail of a look is
 * English and for engineers: it is never read here.
 */
export const failureText = ({ cause, facts }: Failed): string => {
  if (cause === undefined) return '原因没有记录'
  const word = words[cause]
  return typeof word === 'string' ? word : word(facts)
}
