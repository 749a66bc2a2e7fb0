import { listed } from '../../../facts/listed.ts'
import { pageMismatch } from '../../../facts/page.ts'
import type { Observation } from '../../../core/observation.ts'
import { type Facts, factsAt, factsIn, flagAt, numberAt, textAt } from '../../../facts/read.ts'
import {
  cannotTell,
  contradicts,
  faultOnly,
  type Judged,
  presenceOnly,
  type ProbeRule,
  supports,
  yesOrNo,
} from '../rule.ts'
import { topics } from '../topics.ts'
import { isLogin } from '../../../facts/web.ts'

/**
 * A request of kind `http` that is to be stopped on its way says so in its address, `…?yiwang-test=attack&…`, so that
 * its answer can be judged without knowing the plan. The inventory's owner asks for it as a probe of the record.
 */
const plannedTest = ({ facts }: Observation): string | undefined => {
  const url = textAt(facts, 'url')
  return url !== undefined && URL.canParse(url)
    ? (new URL(url).searchParams.get('yiwang-test') ?? undefined)
    : undefined
}

/** The status that the planned test of that name got. */
const answerTo = (test: string, observation: Observation): number | undefined =>
  plannedTest(observation) === test ? numberAt(observation.facts, 'status') : undefined

const attack = (observation: Observation): Judged | undefined => {
  const status = answerTo('attack', observation)
  if (status === undefined) return undefined
  if (status >= 400 && status < 500) return supports(`无害的攻击测试请求被拦下（${status}）`)
  return status < 400
    ? contradicts(`无害的攻击测试请求没有被拦下（${status}）`)
    : cannotTell(`无害的攻击测试请求得到 ${status}，看不出是否拦下`)
}

const common = { from: 'probe', kinds: ['http'] } as const

const content: ProbeRule = {
  ...common,
  id: 'http.attack-test',
  title: 'HTTP 探测：带 yiwang-test=attack 的测试请求是否被拦下',
  items: topics.contentControl,
  says: ['supports', 'contradicts', 'cannot-tell'],
  judge: ({ observation }) => attack(observation),
}

const outside: ProbeRule = {
  ...content,
  id: 'http.attack-test-outside',
  title: '同上，自互联网接入区发出',
  items: topics.attacksFromOutside,
  judge: ({ observation }) => (observation.vantage === 'internet' ? attack(observation) : undefined),
}

const inside: ProbeRule = {
  ...content,
  id: 'http.attack-test-inside',
  title: '同上，自内部区域发出',
  items: topics.attacksFromInside,
  judge: ({ observation }) => (observation.vantage === 'internet' ? undefined : attack(observation)),
}

const noticed: ProbeRule = {
  ...common,
  id: 'http.attack-noticed',
  title: 'HTTP 探测：测试请求被拦下，可见有检测手段',
  items: topics.attacksSeen,
  says: presenceOnly,
  judge: ({ observation }) => {
    const judged = attack(observation)
    return judged?.says === 'contradicts' ? cannotTell(`${judged.saw}；只监视而不拦截的看不出来`) : judged
  },
}

/** The anti-malware test file of EICAR, which every scanner knows and which does nothing; by its digest only. */
const eicar = '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f'

const malware: ProbeRule = {
  ...common,
  id: 'http.test-virus',
  title: 'HTTP 探测：经网关下载 EICAR 测试文件（yiwang-test=virus）是否被拦下',
  items: topics.boundaryMalware,
  says: ['supports', 'contradicts', 'cannot-tell'],
  judge: ({ observation }) => {
    const digest = textAt(observation.facts, 'bodySha256')
    if (digest === eicar) return contradicts('EICAR 测试文件原样通过')
    const status = answerTo('virus', observation)
    if (status === undefined) return undefined
    return status === 403 || status === 451
      ? supports(`EICAR 测试文件被拦下（${status}）`)
      : cannotTell(`没有得到 EICAR 测试文件（${status}），看不出是否因拦截`)
  },
}

const input: ProbeRule = {
  ...common,
  id: 'http.malformed-input',
  title: 'HTTP 探测：对畸形输入（yiwang-test=input）的应答',
  items: topics.inputValidation,
  says: ['supports', 'contradicts', 'cannot-tell'],
  judge: ({ observation }) => {
    const status = answerTo('input', observation)
    if (status === undefined) return undefined
    if (status >= 500) return contradicts(`畸形输入使程序出错（${status}）`)
    return status >= 400 ? supports(`畸形输入被拒绝（${status}）`) : cannotTell(`畸形输入得到 ${status}`)
  },
}

const client: ProbeRule = {
  ...common,
  id: 'http.client-certificate',
  title: 'HTTPS 探测：登录或管理页面，未出示客户端证书时是否被拒绝',
  items: topics.mutualAuthentication,
  says: yesOrNo,
  judge: ({ observation: { status, detail = '', facts } }) => {
    if (status === 'down' && /certificate[ _]required|bad[ _]certificate/iu.test(detail))
      return supports('未出示客户端证书的连接被拒绝')
    const answered = numberAt(facts, 'status')
    if (answered === undefined || !(textAt(facts, 'url') ?? '').startsWith('https:')) return undefined
    // nginx answers so where a certificate is missing or was not taken.
    if (answered === 495 || answered === 496) return supports(`未出示客户端证书得到 ${answered}`)
    const title = textAt(facts, 'title') ?? ''
    return answered < 400 && isLogin(title)
      ? contradicts(`未出示客户端证书也得到“${title}”（${answered}）`)
      : undefined
  },
}

/** What an audit that came to its end shows. */
const audit = (judge: (facts: Facts) => Judged) =>
  ({
    from: 'probe',
    kinds: ['http-audit'],
    says: faultOnly,
    judge: ({ observation: { status, facts } }) => (status === 'up' ? judge(facts) : undefined),
  }) as const satisfies Partial<ProbeRule>

const unused: ProbeRule = {
  id: 'http.default-page',
  title: 'HTTP 审计：服务器的默认页面',
  items: topics.minimalInstallation,
  ...audit((facts) => {
    const page = textAt(facts, 'defaultPage')
    return page === undefined
      ? cannotTell('未见默认页面；其他多余组件不在此列')
      : contradicts(`对外提供 ${page} 的默认页面，安装后未清理`)
  }),
}

const exposed: ProbeRule = {
  id: 'http.exposure',
  title: 'HTTP 审计：目录列表、TRACE',
  items: topics.vulnerabilities,
  ...audit((facts) => {
    const folders = factsIn(facts, 'folders')
      .filter((folder) => textAt(folder, 'listing') !== undefined)
      .map((folder) => textAt(folder, 'path') ?? '')
    const found = [
      ...folders.map((path) => `目录列表 ${path}`),
      ...(flagAt(factsAt(facts, 'methods') ?? {}, 'traceEnabled') === true ? ['TRACE'] : []),
    ]
    return found.length > 0
      ? contradicts(`可利用：${listed(found)}`)
      : cannotTell('未见目录列表和 TRACE；其他漏洞不在此列')
  }),
}

const page: ProbeRule = {
  id: 'page.baseline',
  title: '网页与批准的指纹是否一致（防篡改）',
  from: 'probe',
  kinds: ['page'],
  items: topics.storageIntegrity,
  says: yesOrNo,
  judge: ({ observation: { facts } }) => {
    const matches = flagAt(facts, 'matchesBaseline')
    if (matches === undefined) return undefined
    const url = textAt(facts, 'url') ?? ''
    return matches ? supports(`${url} 与批准的指纹一致`) : contradicts(pageMismatch(facts))
  },
}

export const webRules = [
  content,
  outside,
  inside,
  noticed,
  malware,
  input,
  client,
  unused,
  exposed,
  page,
] as const
