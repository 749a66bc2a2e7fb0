import { certificateProblem } from '../../../facts/failure.ts'
import { accepted, oldVersions, weakFor } from '../../../facts/tls.ts'
import { isPage, namesOf, sessionCookies, signOfLogin } from '../../../facts/web.ts'
import { listed } from '../../../facts/listed.ts'
import { type Facts, factsAt, factsIn, flagAt, numberAt, textAt, textsIn } from '../../../facts/read.ts'
import {
  anything,
  cannotTell,
  contradicts,
  faultOnly,
  type Judged,
  type ProbeRule,
  supports,
  yesOrNo,
} from '../rule.ts'
import { topics } from '../topics.ts'

/** What a server takes, against what it must not take. */
const judgeAudit = (facts: Facts, reasons: readonly string[]): Judged => {
  const versions = accepted(facts)
  const old = versions.filter((version) => oldVersions.has(version))
  const weak = weakFor(facts, reasons)
  if (old.length + weak.length > 0)
    return contradicts(
      [old.length > 0 && `接受 ${listed(old)}`, weak.length > 0 && `接受弱套件 ${listed(weak)}`]
        .filter(Boolean)
        .join('；'),
    )
  if (versions.length === 0) return cannotTell('未见其接受任何 TLS 版本')
  return flagAt(facts, 'complete') === true
    ? supports(`只接受 ${listed(versions)}，未见弱套件`)
    : cannotTell(`接受 ${listed(versions)}，但部分询问没有得到答复`)
}

const tlsSecrecy: ProbeRule = {
  id: 'tls.secrecy',
  title: 'TLS 审计：所接受的协议版本与加密套件',
  from: 'probe',
  kinds: ['tls-audit'],
  items: [...topics.networkSecrecy, ...topics.transferSecrecy],
  says: anything,
  judge: ({ observation: { status, facts } }) =>
    status === 'up'
      ? judgeAudit(facts, ['null', 'anonymous', 'export', 'rc4', 'rc2', 'des', '3des'])
      : undefined,
}

const tlsIntegrity: ProbeRule = {
  ...tlsSecrecy,
  id: 'tls.integrity',
  title: 'TLS 审计：所接受的协议版本，是否有不鉴别服务器的套件',
  items: [...topics.networkIntegrity, ...topics.transferIntegrity],
  judge: ({ observation: { status, facts } }) =>
    status === 'up' ? judgeAudit(facts, ['anonymous']) : undefined,
}

const handshake: ProbeRule = {
  id: 'tls.session',
  title: '一次 TLS 握手：协商出的版本，证书是否可信',
  from: 'probe',
  kinds: ['tls'],
  items: [
    ...topics.networkIntegrity,
    ...topics.networkSecrecy,
    ...topics.transferIntegrity,
    ...topics.transferSecrecy,
  ],
  says: anything,
  judge: ({ observation: { facts } }) => {
    const protocol = textAt(facts, 'protocol')
    if (protocol === undefined) return undefined
    const words = `协商出 ${protocol}，套件 ${textAt(facts, 'cipher') ?? '未知'}`
    if (oldVersions.has(protocol)) return contradicts(words)
    return flagAt(facts, 'authorized') === true
      ? supports(`${words}，证书可信`)
      : cannotTell(`${words}，但证书不可信（${certificateProblem(facts)}）`)
  },
}

const plainHttp: ProbeRule = {
  id: 'http.plain',
  title: '网页最终是经 HTTP 明文还是 HTTPS 送达',
  from: 'probe',
  kinds: ['http', 'page'],
  items: [...topics.networkIntegrity, ...topics.networkSecrecy],
  says: yesOrNo,
  judge: ({ observation: { facts } }) => {
    const url = textAt(facts, 'url') ?? ''
    const status = numberAt(facts, 'status')
    if (!isPage(status)) return undefined
    return url.startsWith('https:')
      ? supports(`${url} 经 HTTPS 应答 ${String(status)}`)
      : contradicts(`${url} 经明文 HTTP 应答 ${String(status)}，没有转到 HTTPS`)
  },
}

const plainLogin: ProbeRule = {
  id: 'http.plain-login',
  title: '登录页面或会话是否经 HTTP 明文传送',
  from: 'probe',
  kinds: ['http'],
  items: [...topics.remoteSecrecy, ...topics.transferIntegrity, ...topics.transferSecrecy],
  says: yesOrNo,
  judge: ({ observation: { facts } }) => {
    const url = textAt(facts, 'url') ?? ''
    const sign = signOfLogin(facts)
    if (sign === undefined || !isPage(numberAt(facts, 'status'))) return undefined
    return url.startsWith('https:')
      ? supports(`${url} ${sign}，经 HTTPS`)
      : contradicts(`${url} ${sign}，经明文 HTTP`)
  },
}

const auditPlain: ProbeRule = {
  id: 'http.plain-door',
  title: '同一站点的 HTTP 端口是否仍以明文提供页面',
  from: 'probe',
  kinds: ['http-audit'],
  items: [...topics.networkIntegrity, ...topics.networkSecrecy],
  says: anything,
  judge: ({ observation: { facts } }) => {
    const plain = factsAt(facts, 'plainHttp')
    if (plain === undefined) return undefined
    const where = `${String(numberAt(plain, 'port') ?? 80)} 端口`
    if (flagAt(plain, 'redirectsToHttps') === true) return supports(`${where}转到 HTTPS`)
    if (isPage(numberAt(plain, 'status'))) return contradicts(`${where}以明文 HTTP 提供页面`)
    return textAt(plain, 'failure') === 'refused'
      ? supports(`${where}不开放 HTTP`)
      : cannotTell(`${where}没有给出页面，也没有转到 HTTPS`)
  },
}

const cookies: ProbeRule = {
  id: 'http.cookies',
  title: '会话 Cookie 是否限于加密连接',
  from: 'probe',
  kinds: ['http-audit'],
  items: topics.transferSecrecy,
  says: yesOrNo,
  judge: ({ observation: { facts } }) => {
    const all = sessionCookies(facts)
    if (all.length === 0) return undefined
    const open = all.filter((cookie) => flagAt(cookie, 'secure') === false)
    return open.length > 0
      ? contradicts(`会话 Cookie ${namesOf(open)} 未设 Secure，可经明文连接送出`)
      : supports(`会话 Cookie ${namesOf(all)} 设有 Secure`)
  },
}

const legacy: ProbeRule = {
  id: 'tls.known-attacks',
  title: 'TLS 审计：SSLv3、出口级、RC4、3DES 等已有公开攻击的选项',
  from: 'probe',
  kinds: ['tls-audit'],
  items: topics.vulnerabilities,
  says: faultOnly,
  judge: ({ observation: { status, facts } }) => {
    if (status !== 'up') return undefined
    const found = [
      ...accepted(facts).filter((version) => version === 'SSLv3'),
      ...weakFor(facts, ['export', 'rc4', 'des', '3des']),
    ]
    return found.length > 0
      ? contradicts(`接受 ${listed(found)}，均有公开攻击方法`)
      : cannotTell('未见已有公开攻击的 TLS 选项；其他漏洞不在此列')
  },
}

const national: ProbeRule = {
  id: 'tls.national',
  title: 'TLS 审计：是否提供国密套件（TLCP、RFC 8998），证书是否用已弃用的散列',
  from: 'probe',
  kinds: ['tls-audit'],
  items: topics.cryptographyStandards,
  says: anything,
  judge: ({ observation: { status, facts } }) => {
    if (status !== 'up') return undefined
    // Nobody relies on what a root says of itself.
    const digests = factsIn(facts, 'chain')
      .filter((certificate) => flagAt(certificate, 'selfSigned') !== true)
      .map((certificate) => textAt(certificate, 'signatureAlgorithm') ?? '')
      .filter((algorithm) => /md5|sha1/iu.test(algorithm))
    if (digests.length > 0) return contradicts(`证书链中有 ${listed([...new Set(digests)])} 签名`)
    const offered = [...textsIn(facts, 'tlcpCiphers'), ...textsIn(facts, 'tls13SmCiphers')]
    return flagAt(facts, 'tlcpOffered') === true || flagAt(facts, 'tls13SmOffered') === true
      ? supports(`提供国密套件 ${listed(offered)}`)
      : cannotTell('未见国密套件；是否必须使用取决于密码应用要求')
  },
}

export const transportRules = [
  tlsSecrecy,
  tlsIntegrity,
  handshake,
  plainHttp,
  plainLogin,
  auditPlain,
  cookies,
  legacy,
  national,
] as const
