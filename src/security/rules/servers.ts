import { topics } from '../../compliance/evidence/topics.ts'
import { listed } from '../../facts/listed.ts'
import { pageMismatch } from '../../facts/page.ts'
import { factsAt, factsIn, flagAt, numberAt, textAt, type Facts } from '../../facts/read.ts'
import { brokenAmong } from '../../facts/ssh.ts'
import { accepted, oldVersions, weakFor } from '../../facts/tls.ts'
import { isPage, signOfLogin } from '../../facts/web.ts'
import { atOnce, hitIf, type LookRule, type Scope, twice } from '../rule.ts'

const common = { from: 'look', category: 'hazard', policy: twice } as const
const audited = { ...common, kinds: ['tls-audit'], policy: atOnce } as const

const oldVersion: LookRule = {
  ...audited,
  id: 'tls.old-version',
  title: '接受过时的 TLS 版本',
  severity: 'medium',
  clauses: [...topics.networkSecrecy, ...topics.transferSecrecy],
  why: 'SSL 3.0、TLS 1.0、TLS 1.1 已被弃用（RFC 7568、RFC 8996），有公开的攻击方法。',
  remedy: '在服务器上只启用 TLS 1.2 与 TLS 1.3（以及国密 TLCP）。',
  judge: ({ observation: { status, facts } }) => {
    if (status !== 'up') return undefined
    const old = accepted(facts).filter((version) => oldVersions.has(version))
    return hitIf(old.length > 0, `接受 ${listed(old)}`)
  },
}

const weakCipher: LookRule = {
  ...audited,
  id: 'tls.weak-cipher',
  title: '接受弱加密套件',
  severity: 'medium',
  clauses: [...topics.networkSecrecy, ...topics.transferSecrecy],
  why: '不加密、不鉴别、出口级、RC4、DES、3DES 的套件可被读出或冒充。',
  remedy: '只保留 AEAD 套件（AES-GCM、ChaCha20、SM4-GCM）并要求前向安全。',
  judge: ({ observation: { status, facts } }) => {
    if (status !== 'up') return undefined
    const weak = weakFor(facts, ['null', 'anonymous', 'export', 'rc4', 'rc2', 'des', '3des'])
    return hitIf(weak.length > 0, `接受 ${listed(weak)}`)
  },
}

/** The highest level at which a system is assessed; 0: it is not, or it is no system. */
const levelOf = (target: string, { inventory }: Scope): number =>
  Math.max(
    0,
    ...inventory.assessment
      .values()
      .filter(({ system }) => system === target)
      .map(({ level }) => level),
  )

const noTlcp: LookRule = {
  ...audited,
  id: 'tls.no-national',
  title: '未提供国密（TLCP、RFC 8998）',
  severity: 'low',
  clauses: topics.cryptographyStandards,
  why: '该系统的等级要求开展密码应用安全性评估，通信宜支持国家商用密码算法。握手探测的结果，不代表密评结论。',
  remedy: '部署支持 TLCP（GB/T 38636-2020）的网关或服务器与双证书；是否必须使用以密码应用方案为准。',
  judge: ({ observation: { status, target, facts } }, scope) => {
    const offered = flagAt(facts, 'tlcpOffered')
    if (status !== 'up' || offered === undefined) return undefined
    const level = levelOf(target, scope)
    if (level < scope.thresholds.tlcpFromLevel) return undefined
    return hitIf(!offered && flagAt(facts, 'tls13SmOffered') !== true, `${level} 级系统，握手未见国密套件`)
  },
}

const plainLogin: LookRule = {
  ...common,
  kinds: ['http'],
  id: 'web.plain-login',
  title: '以明文登录',
  severity: 'high',
  clauses: [...topics.remoteSecrecy, ...topics.transferSecrecy],
  why: '口令与会话在线路上可被读出和冒用。',
  remedy: '启用 HTTPS，把 HTTP 全部重定向到 HTTPS，会话 Cookie 设 Secure。',
  judge: ({ observation: { facts } }) => {
    if (!isPage(numberAt(facts, 'status'))) return undefined
    const url = textAt(facts, 'url') ?? ''
    const sign = signOfLogin(facts)
    return hitIf(sign !== undefined && url.startsWith('http:'), `${url} ${sign ?? ''}，经明文 HTTP`)
  },
}

const noRedirect: LookRule = {
  ...common,
  kinds: ['http-audit'],
  id: 'web.no-redirect',
  policy: atOnce,
  title: 'HTTP 未转到 HTTPS',
  severity: 'low',
  clauses: [...topics.networkIntegrity, ...topics.networkSecrecy],
  why: '用户以 http:// 进入时内容可被读出和篡改。',
  remedy: '让 80 端口只应答重定向（301、308）到 https://，或关闭它。',
  judge: ({ observation: { facts } }) => {
    const plain = factsAt(facts, 'plainHttp')
    if (plain === undefined) return undefined
    const isServed = flagAt(plain, 'redirectsToHttps') !== true && isPage(numberAt(plain, 'status'))
    return hitIf(isServed, `${numberAt(plain, 'port') ?? 80} 端口以明文 HTTP 提供页面`)
  },
}

const missingHeaders = (headers: Facts, isSecure: boolean, { thresholds }: Scope): readonly string[] => {
  const maxAge = numberAt(factsAt(headers, 'hsts') ?? {}, 'maxAgeSeconds') ?? 0
  const policy = factsAt(headers, 'csp')
  const isFramed =
    textAt(headers, 'xFrameOptions') === undefined && textAt(policy ?? {}, 'frameAncestors') === undefined
  return [
    ...(isSecure && maxAge < thresholds.hstsSeconds ? ['Strict-Transport-Security'] : []),
    ...(policy === undefined ? ['Content-Security-Policy'] : []),
    ...(isFramed ? ['X-Frame-Options'] : []),
    ...(textAt(headers, 'xContentTypeOptions') === undefined ? ['X-Content-Type-Options'] : []),
  ]
}

const headers: LookRule = {
  ...common,
  kinds: ['http-audit'],
  policy: atOnce,
  id: 'web.missing-headers',
  title: '缺少安全响应头',
  severity: 'low',
  clauses: topics.vulnerabilities,
  why: '缺少这些响应头时，降级、点击劫持、跨站脚本、类型混淆的攻击更容易成功。',
  remedy: '在服务器或网关上添加所列响应头；先以 Report-Only 试行内容安全策略。',
  judge: ({ observation: { status, facts } }, scope) => {
    const sent = factsAt(facts, 'headers')
    if (status !== 'up' || sent === undefined) return undefined
    const missing = missingHeaders(sent, (textAt(facts, 'url') ?? '').startsWith('https:'), scope)
    return hitIf(missing.length > 0, `缺少 ${listed(missing)}`)
  },
}

const ssh: LookRule = {
  ...common,
  kinds: ['ssh'],
  id: 'ssh.weak',
  title: 'SSH 协议版本或算法过弱',
  severity: 'medium',
  clauses: [...topics.remoteSecrecy, ...topics.managementChannel],
  why: '已被攻破的算法使管理会话可被读出或篡改。',
  remedy: '停用 SSH 第 1 版，只保留 AES-GCM、ChaCha20、SHA-2 等算法，升级 SSH 软件。',
  judge: ({ observation: { status, facts } }) => {
    const version = textAt(facts, 'protocolVersion')
    if (status !== 'up' || version === undefined) return undefined
    const weak = [...(version === '2.0' ? [] : [`协议版本 ${version}`]), ...brokenAmong(facts)]
    if (weak.length === 0 && facts['ciphers'] === undefined) return undefined
    return hitIf(weak.length > 0, `提供 ${listed(weak)}`)
  },
}

const listing: LookRule = {
  ...common,
  kinds: ['http-audit'],
  policy: atOnce,
  id: 'web.listing',
  title: '目录可被列出',
  severity: 'medium',
  clauses: topics.vulnerabilities,
  why: '备份、配置、源码等本不公开的文件会被发现和下载。',
  remedy: '关闭目录列表（nginx autoindex off，Apache Options -Indexes），移走不应公开的文件。',
  judge: ({ observation: { status, facts } }) => {
    if (status !== 'up') return undefined
    const folders = factsIn(facts, 'folders')
      .filter((folder) => textAt(folder, 'listing') !== undefined)
      .map((folder) => textAt(folder, 'path') ?? '')
    return hitIf(folders.length > 0, `可列出 ${listed(folders)}`)
  },
}

const changed: LookRule = {
  ...common,
  kinds: ['page'],
  id: 'web.page-changed',
  title: '网页与批准的基线不符',
  severity: 'high',
  category: 'content',
  clauses: topics.storageIntegrity,
  why: '网页可能被篡改；也可能是未登记的正常更新。',
  remedy: '与批准的版本逐项比对；被篡改的立即下线、留证、恢复并查找入口；正常更新的重新登记基线。',
  judge: ({ observation: { facts } }) => {
    const matches = flagAt(facts, 'matchesBaseline')
    return matches === undefined ? undefined : hitIf(!matches, pageMismatch(facts))
  },
}

const hidden: LookRule = {
  ...common,
  kinds: ['page'],
  id: 'web.hidden-words',
  title: '网页含有隐藏的违规词（疑似暗链）',
  severity: 'high',
  category: 'content',
  clauses: topics.storageIntegrity,
  why: '赌博、色情等词藏在页面中，通常是网站已被入侵、植入暗链。',
  remedy: '取证后清除植入内容，查找并封堵入侵入口，更换口令。',
  judge: ({ observation: { facts } }) => {
    if (facts['keywords'] === undefined) return undefined
    const found = factsIn(facts, 'keywords').filter((each) => (numberAt(each, 'hidden') ?? 0) > 0)
    return hitIf(found.length > 0, `隐藏 ${listed(found.map((each) => textAt(each, 'keyword') ?? ''))}`)
  },
}

const dead: LookRule = {
  ...common,
  kinds: ['links'],
  policy: atOnce,
  id: 'web.dead-links',
  title: '外部链接失效',
  severity: 'low',
  category: 'content',
  clauses: topics.regularChecks,
  why: '失效的域名可被他人注册，政府网站上的链接便指向其内容。',
  remedy: '删除或更正所列链接，定期复查。',
  judge: ({ observation: { status, facts } }, { thresholds: { deadLinks } }) => {
    const count = numberAt(facts, 'deadCount')
    if (status !== 'up' || count === undefined) return undefined
    const urls = factsIn(facts, 'dead').map((link) => textAt(link, 'url') ?? '')
    return hitIf(count >= deadLinks, `${count} 个失效：${listed(urls)}`)
  },
}

export const serverRules = [
  oldVersion,
  weakCipher,
  noTlcp,
  plainLogin,
  noRedirect,
  headers,
  ssh,
  listing,
  changed,
  hidden,
  dead,
] as const
