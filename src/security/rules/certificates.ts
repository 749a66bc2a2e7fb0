import { topics } from '../../compliance/evidence/topics.ts'
import { listed } from '../../facts/listed.ts'
import { type Facts, factsIn, flagAt, numberAt, textAt } from '../../facts/read.ts'
import type { Severity } from '../events.ts'
import { clear, type Hit, hitIf, type Look, type LookRule, type Scope, twice } from '../rule.ts'

const dayMs = 86_400_000

const common = {
  from: 'look',
  kinds: ['tls'],
  category: 'hazard',
  policy: twice,
  clauses: [...topics.transferSecrecy, ...topics.transferIntegrity],
} as const

/** The leaf as it was sent, and the facts beside it. */
interface Sent {
  readonly leaf: Facts
  readonly facts: Facts
}

/** Judges the leaf that was sent; what one certificate on many hosts has in common is the cause of each hit. */
const onLeaf =
  (judge: (sent: Sent, look: Look, scope: Scope) => readonly Hit[] | undefined): LookRule['judge'] =>
  (look, scope) => {
    const { facts } = look.observation
    const [leaf] = factsIn(facts, 'chain')
    const fingerprint = leaf && textAt(leaf, 'fingerprintSha256')
    if (leaf === undefined || fingerprint === undefined) return undefined
    return judge({ leaf, facts }, look, scope)?.map((hit) => ({
      ...hit,
      cause: `certificate:${fingerprint}`,
    }))
  }

const nameOf = (certificate: Facts): string => textAt(certificate, 'subject') ?? '（无主体）'

/** Days until a certificate ends; negative: since. */
const daysLeft = (certificate: Facts, { observation: { observedAt } }: Look): number | undefined => {
  const end = Date.parse(textAt(certificate, 'validTo') ?? '')
  return Number.isNaN(end) ? undefined : (end - observedAt) / dayMs
}

const expired: LookRule = {
  ...common,
  id: 'tls.expired',
  title: '证书已过期',
  severity: 'high',
  category: 'failure',
  why: '浏览器与客户端拒绝过期证书，用户无法访问，或被迫忽略告警而失去对冒名网站的防护。',
  remedy: '更换证书并重新加载服务；把到期日登记入台账，提前 30 天续签。',
  judge: onLeaf(({ leaf }, look) => {
    const left = daysLeft(leaf, look)
    return left === undefined ? undefined : hitIf(left < 0, `${nameOf(leaf)} 已过期 ${Math.ceil(-left)} 天`)
  }),
}

const steps = ({ thresholds }: Scope): readonly (readonly [number, Severity])[] => [
  [thresholds.certificateUrgentDays, 'high'],
  [thresholds.certificateSoonDays, 'medium'],
  [thresholds.certificateDays, 'low'],
]

const expiring: LookRule = {
  ...common,
  id: 'tls.expiring',
  title: '证书即将到期',
  severity: 'low',
  why: '到期后用户无法访问；续签、审批、部署都需要时间。',
  remedy: '申请新证书，在到期前更换并重新加载服务。',
  judge: onLeaf(({ leaf }, look, scope) => {
    const left = daysLeft(leaf, look)
    if (left === undefined) return undefined
    const step = steps(scope).find(([days]) => left <= days)
    if (left < 0 || step === undefined) return clear
    const [days, severity] = step
    return [{ saw: `${nameOf(leaf)} 还有 ${Math.floor(left)} 天到期`, place: `${days}d`, severity }]
  }),
}

const ownSignature: ReadonlySet<string> = new Set(['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT'])

const selfSigned: LookRule = {
  ...common,
  id: 'tls.self-signed',
  title: '自签名证书',
  severity: 'medium',
  why: '谁都能签发同样的证书，用户无法分辨真伪。',
  remedy: '改用受信任的机构（或本单位内部机构）签发的证书。',
  judge: onLeaf(({ leaf, facts }) => {
    const isOwn =
      flagAt(leaf, 'selfSigned') === true || ownSignature.has(textAt(facts, 'authorizationError') ?? '')
    return hitIf(isOwn, `${nameOf(leaf)} 由自己签发`)
  }),
}

const wrongName: LookRule = {
  ...common,
  id: 'tls.wrong-name',
  title: '证书与域名不符',
  severity: 'medium',
  why: '浏览器告警；用户习惯忽略告警后，冒名网站也不再被发现。',
  remedy: '签发包含该域名（或地址）的证书，或改用证书所列的名称访问。',
  judge: onLeaf(({ leaf, facts }) => {
    const matches = flagAt(facts, 'nameMatches')
    return matches === undefined ? undefined : hitIf(!matches, `${nameOf(leaf)} 不是所访问的名称`)
  }),
}

const isWeakKey = (certificate: Facts, { thresholds: { rsaBits, ecBits } }: Scope): boolean => {
  const bits = numberAt(certificate, 'keyBits')
  if (bits === undefined) return false
  const type = textAt(certificate, 'keyType') ?? ''
  return (/^(?:rsa|dsa)/u.test(type) && bits < rsaBits) || (type === 'ec' && bits < ecBits)
}

const weaknesses = (certificate: Facts, scope: Scope): readonly string[] => [
  ...(isWeakKey(certificate, scope)
    ? [`${textAt(certificate, 'keyType') ?? ''} ${numberAt(certificate, 'keyBits') ?? 0} 位密钥`]
    : []),
  // Nobody relies on what a root says of itself.
  ...(flagAt(certificate, 'selfSigned') !== true &&
  /md5|sha-?1(?!\d)/iu.test(textAt(certificate, 'signatureAlgorithm') ?? '')
    ? [`${textAt(certificate, 'signatureAlgorithm') ?? ''} 签名`]
    : []),
]

const weak: LookRule = {
  ...common,
  id: 'tls.weak-certificate',
  title: '证书密钥或签名过弱',
  severity: 'medium',
  clauses: [...topics.transferSecrecy, ...topics.cryptographyStandards],
  why: '弱密钥可被分解，MD5、SHA-1 签名可被伪造，他人可以冒充该站点。',
  remedy: '以足够长度的新密钥（RSA 2048 位以上、256 位椭圆曲线或 SM2）重新签发。',
  judge: onLeaf(({ facts }, _look, scope) => {
    const all = factsIn(facts, 'chain').flatMap((certificate) => weaknesses(certificate, scope))
    const found = [...new Set(all)]
    return hitIf(found.length > 0, `证书链中有 ${listed(found)}`)
  }),
}

const missingIssuer: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
])

const incomplete: LookRule = {
  ...common,
  id: 'tls.incomplete-chain',
  title: '证书链不完整',
  severity: 'medium',
  why: '服务器没有送出中间证书，部分客户端无法验证而拒绝连接。',
  remedy: '在服务器上配置完整的证书链（服务器证书之后依次附上中间证书）。',
  judge: onLeaf(({ leaf, facts }) => {
    const isAlone = factsIn(facts, 'chain').length === 1 && flagAt(leaf, 'selfSigned') !== true
    return hitIf(
      isAlone && missingIssuer.has(textAt(facts, 'authorizationError') ?? ''),
      `只送出服务器证书，签发者“${textAt(leaf, 'issuer') ?? ''}”不在其中，也不为本机所知`,
    )
  }),
}

export const certificateRules = [expired, expiring, selfSigned, wrongName, weak, incomplete] as const
