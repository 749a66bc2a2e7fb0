import type { Verdict } from '../../src/core/host-evidence.ts'
import type { Observation } from '../../src/core/observation.ts'
import type { SegmentationSeen } from '../../src/compliance/evidence/evidence.ts'
import type { Records } from '../plan/fixtures.ts'

/** What is planted to make a rule say something; everything else is as in `evidence-site.ts`. */
export interface Plant {
  readonly says: Verdict
  /** Record that it is seen on: a device unless said otherwise. */
  readonly on?: 'd-1' | 's-1' | 'n-1'
  readonly look?: Partial<Observation> & Pick<Observation, 'kind'>
  readonly segmentation?: Partial<SegmentationSeen>
  readonly records?: Records
  /** Words that must be in what it saw. */
  readonly saw: string
}

type Facts = Observation['facts']

const look = (kind: string, facts: Facts, more: Partial<Observation> = {}): Pick<Plant, 'look'> => ({
  look: { kind, facts, ...more },
})
const yes = (saw: string, rest: Omit<Plant, 'says' | 'saw'>): Plant => ({ says: 'supports', saw, ...rest })
const no = (saw: string, rest: Omit<Plant, 'says' | 'saw'>): Plant => ({ says: 'contradicts', saw, ...rest })
const maybe = (saw: string, rest: Omit<Plant, 'says' | 'saw'>): Plant => ({
  says: 'cannot-tell',
  saw,
  ...rest,
})

const accepting = (versions: readonly string[], more: Facts = {}): Facts => ({
  complete: true,
  versions: ['SSLv3', 'TLSv1.0', 'TLSv1.2', 'TLSv1.3'].map((version) => ({
    version,
    accepted: versions.includes(version),
    ciphers: [],
  })),
  weakCiphers: [],
  ...more,
})
const weak = (cipher: string, weakness: string): Facts => ({
  weakCiphers: [{ cipher, weaknesses: [weakness], versions: ['TLSv1.2'] }],
})
const audited = (facts: Facts): Pick<Plant, 'look'> => look('tls-audit', facts)
const modern = accepting(['TLSv1.2', 'TLSv1.3'])
const plain = (facts: Facts): Pick<Plant, 'look'> =>
  look('http', { url: 'http://192.0.2.1/', status: 200, cookies: [], ...facts })
const secure = (facts: Facts, more: Partial<Observation> = {}): Pick<Plant, 'look'> =>
  look('http', { url: 'https://192.0.2.1/', status: 200, cookies: [], ...facts }, more)
const scan = (facts: Facts, more: Partial<Observation> = {}): Pick<Plant, 'look'> =>
  look(
    'ports',
    { tried: 20, open: [443], unexpectedOpen: [], expectedClosed: [], closed: 0, filtered: 19, ...facts },
    more,
  )
const across = { vantage: 'internet' } as const
const test = (name: string, status: number, more: Partial<Observation> = {}): Pick<Plant, 'look'> =>
  look('http', { url: `http://192.0.2.1/?yiwang-test=${name}&q=1`, status }, more)
const trap = (facts: Facts): Pick<Plant, 'look'> => look('snmp-trap', { version: 'v3', ...facts })
const sides = (result: string): SegmentationSeen['sides'] => [
  { vantage: 'public', expect: 'reachable', result: 'holds' },
  { vantage: 'internet', expect: 'unreachable', result },
]
const segmented = (endpoint: string): readonly Plant[] => [
  yes('自互联网接入区不可达', { segmentation: { endpoint, result: 'holds', sides: sides('holds') } }),
  no('自互联网接入区可达', { segmentation: { endpoint, result: 'violated', sides: sides('violated') } }),
  maybe('看不到', { segmentation: { endpoint, result: 'unknown', sides: sides('unknown') } }),
]
const attacked = (more: Partial<Observation>): readonly Plant[] => [
  yes('被拦下（403）', test('attack', 403, more)),
  no('没有被拦下（200）', test('attack', 200, more)),
  maybe('502', test('attack', 502, more)),
]
const host = (facts: Facts): Pick<Plant, 'look'> => look('host', facts)
const week = 7 * 86_400
const peak = (ratio: number, watchedSeconds: number): Facts => ({
  week: '2026-W47',
  ratio,
  at: Date.parse('2026-11-20T10:05:00+08:00'),
  seconds: 300,
  watchedSeconds,
})
const line = (name: string, ...peaks: readonly Facts[]): Facts => ({ name, operUp: true, peaks })
const lines = (...interfaces: readonly Facts[]): Pick<Plant, 'look'> => look('snmp', { interfaces })
const txt = (data: string): Pick<Plant, 'look'> => look('dns', { answers: [{ type: 'TXT', data }] })
const node = (fields: Readonly<Record<string, unknown>>): Records => ({
  node: [{ id: 'n-1', name: '甲', region: '410202', level: 'county', kind: 'department', ...fields }],
})
const system = (fields: Readonly<Record<string, unknown>>): Records => ({
  system: [{ id: 's-1', name: '办公', region: '410202', kind: 'application', node: 'n-1', ...fields }],
})
const device = (...more: readonly Readonly<Record<string, unknown>>[]): Records => ({
  device: [{ id: 'd-1', name: '墙', role: 'firewall', node: 'n-1', address: '192.0.2.1' }, ...more],
})
const line2 = { id: 'u-2', kind: 'line', to: 'n-0', operator: '联通' }

/** For every rule but those of host checks what makes it say each thing that it can say. */
export const plants: Readonly<Record<string, readonly Plant[]>> = {
  'tls.secrecy': [
    yes('只接受 TLSv1.2', audited(modern)),
    no('接受 TLSv1.0', audited(accepting(['TLSv1.0', 'TLSv1.2']))),
    no('RC4', audited({ ...modern, ...weak('TLS_RSA_WITH_RC4_128_SHA', 'rc4') })),
    maybe('没有得到答复', audited({ ...modern, complete: false })),
  ],
  'tls.integrity': [
    yes('只接受 TLSv1.2', audited({ ...modern, ...weak('TLS_RSA_WITH_RC4_128_SHA', 'rc4') })),
    no('anon', audited({ ...modern, ...weak('TLS_DH_anon_WITH_AES_128_CBC_SHA', 'anonymous') })),
    maybe('未见其接受', audited(accepting([]))),
  ],
  'tls.session': [
    yes('证书可信', look('tls', { protocol: 'TLSv1.3', cipher: 'X', authorized: true })),
    no('TLSv1.1', look('tls', { protocol: 'TLSv1.1', cipher: 'X', authorized: true })),
    maybe('证书不可信（已过期）', {
      ...look('tls', { protocol: 'TLSv1.3', authorized: false, authorizationError: 'CERT_HAS_EXPIRED' }),
    }),
  ],
  'http.plain': [yes('经 HTTPS', secure({})), no('明文 HTTP', plain({}))],
  'http.plain-login': [
    yes('经 HTTPS', secure({ title: '统一身份认证' })),
    no('标题为“用户登录”', plain({ title: '用户登录' })),
    no('401', plain({ status: 401 })),
    no('JSESSIONID', plain({ cookies: [{ name: 'JSESSIONID' }] })),
  ],
  'http.plain-door': [
    yes('转到 HTTPS', look('http-audit', { plainHttp: { port: 80, redirectsToHttps: true } })),
    yes(
      '不开放',
      look('http-audit', { plainHttp: { port: 80, redirectsToHttps: false, failure: 'refused' } }),
    ),
    no('明文', look('http-audit', { plainHttp: { port: 80, status: 200, redirectsToHttps: false } })),
    maybe('没有给出', look('http-audit', { plainHttp: { port: 80, status: 404, redirectsToHttps: false } })),
  ],
  'http.cookies': [
    yes('设有 Secure', look('http-audit', { cookies: [{ name: 'PHPSESSID', secure: true }] })),
    no('PHPSESSID', look('http-audit', { cookies: [{ name: 'PHPSESSID', secure: false }] })),
  ],
  'tls.known-attacks': [
    no('SSLv3', audited(accepting(['SSLv3', 'TLSv1.2']))),
    maybe('其他漏洞不在此列', audited(modern)),
  ],
  'tls.national': [
    yes('ECC_SM4_GCM_SM3', audited({ ...modern, tlcpOffered: true, tlcpCiphers: ['ECC_SM4_GCM_SM3'] })),
    no('sha1', audited({ ...modern, chain: [{ signatureAlgorithm: 'sha1WithRSAEncryption' }] })),
    maybe('未见国密', audited({ ...modern, chain: [{ signatureAlgorithm: 'sha256WithRSAEncryption' }] })),
  ],
  'ssh.algorithms': [
    yes('SSH 2.0', look('ssh', { protocolVersion: '2.0', ciphers: ['x'], weak: [] })),
    no(
      'arcfour',
      look('ssh', { protocolVersion: '2.0', ciphers: [], weak: [{ name: 'arcfour', reason: 'rc4' }] }),
    ),
    no('1.5', look('ssh', { protocolVersion: '1.5' })),
    maybe('没有得到', look('ssh', { protocolVersion: '2.0' })),
  ],
  'snmp.version': [
    yes('v3', look('snmp', { version: 'v3' })),
    no('团体名', look('snmp', { version: 'v2c' })),
  ],
  'snmp.default-community': [
    no('出厂团体名', look('snmp', { version: 'v2c', defaultCommunity: true })),
    maybe('须另加探测', look('snmp', { version: 'v2c', defaultCommunity: false })),
  ],
  'ports.plaintext-management': [
    no('23/Telnet', scan({ open: [22, 23] })),
    maybe('未见明文', scan({ open: [22] })),
  ],
  'ports.plaintext-transfer': [no('21/FTP', scan({ open: [21] })), maybe('未见明文', scan({}))],
  'ports.high-risk': [
    yes('都在清单内', scan({})),
    no('445/SMB', scan({ open: [445], unexpectedOpen: [445] })),
    no('清单之外开放 8080', scan({ open: [443, 8080], unexpectedOpen: [8080] })),
    maybe('没有登记', scan({ open: [8080], unexpectedOpen: [8080] })),
  ],
  'ports.across-boundary': [
    yes('都在清单内', scan({}, across)),
    yes('没有开放', scan({ open: [] }, across)),
    no('8080', scan({ open: [443, 8080], unexpectedOpen: [8080] }, across)),
    maybe('没有登记', scan({ open: [8080], unexpectedOpen: [8080] }, across)),
  ],
  'ports.default-deny': [
    yes('全无应答', scan({}, across)),
    no('8080', scan({ open: [443, 8080], unexpectedOpen: [8080] }, across)),
    maybe('穿过了边界', scan({ closed: 5, filtered: 14 }, across)),
    maybe('没有登记', scan({ open: [8080], unexpectedOpen: [8080] }, across)),
  ],
  'ports.management-entry': [
    no('管理端口 22', scan({ open: [22], unexpectedOpen: [22] }, across)),
    maybe('未见', scan({ open: [22] }, across)),
  ],
  'ports.drift': [yes('一致', scan({})), no('少了 80', scan({ expectedClosed: [80] }))],
  'ports.remote-control': [
    no('5900/VNC', scan({ open: [5900], unexpectedOpen: [5900] })),
    maybe('未见', scan({})),
  ],
  'log.arrival': [
    yes('共 7 条', look('syslog', { state: 'logging', messages: 7, lastAt: 1, keptDays: 3 })),
    no(
      '之后中断',
      look('syslog', { state: 'silent', messages: 7, lastAt: 1, keptDays: 3 }, { status: 'down' }),
    ),
    maybe('没有收到过', look('syslog', { state: 'never', messages: 0 }, { status: 'down' })),
  ],
  'log.retention': [
    yes('184 天', look('syslog', { state: 'logging', messages: 7, lastAt: 1, keptDays: 184.5 })),
    maybe('183 天', look('syslog', { state: 'logging', messages: 7, lastAt: 1, keptDays: 183.9 })),
  ],
  'segmentation.zones': segmented('192.0.2.1:443'),
  'segmentation.management': segmented('192.0.2.1:22'),
  'host.listening': [
    yes('没有高危', host({ listeningCount: 1, listening: [{ address: '0.0.0.0', port: 22 }] })),
    no('23/Telnet', host({ listeningCount: 1, listening: [{ address: '0.0.0.0', port: 23 }] })),
    yes('没有高危', host({ listeningCount: 1, listening: [{ address: '127.0.0.1', port: 23 }] })),
    maybe('只列出', host({ listeningCount: 600, listening: [] })),
  ],
  'host.side-doors': [
    yes('没有启用', host({ interfaces: [{ name: 'eth0', state: 'up', addresses: ['192.0.2.1'] }] })),
    no('wlan0', host({ interfaces: [{ name: 'wlan0', state: 'up', addresses: ['192.0.2.1'] }] })),
  ],
  'host.clock': [
    yes('chronyd', host({ clock: { synchronised: true, daemons: ['chronyd'] } })),
    no('未同步', host({ clock: { synchronised: false, daemons: [] } })),
  ],
  'host.load': [
    no('忙 97%', host({ cpuBusyRatio: 0.97 })),
    no('可用内存 1%', host({ cpuBusyRatio: 0.1, memory: { totalBytes: 100, availableBytes: 1 } })),
    maybe('只是此刻', host({ cpuBusyRatio: 0.1, memory: { totalBytes: 100, availableBytes: 50 } })),
  ],
  'host.restart': [
    no('未重启', host({ rebootRequired: true, kernel: '6.1' })),
    maybe('不在此列', host({ rebootRequired: false })),
  ],
  'ntp.offset': [
    yes('0.010 秒', look('ntp', { synchronised: true, offsetSeconds: 0.01 })),
    no('95.000 秒', look('ntp', { synchronised: true, offsetSeconds: 95 })),
    no('未同步', look('ntp', { synchronised: false })),
    maybe('没有得到', look('ntp', { synchronised: true })),
  ],
  'snmp.peak-load': [
    no('ge-0 82%（至 2026-11-20 10:05 的 300 秒）', lines(line('ge-0', peak(0.82, 300)))),
    no('ge-1 70%', lines(line('ge-0', peak(0.1, week)), line('ge-1', peak(0.2, week), peak(0.7, 300)))),
    no('ge-0 90%', lines({ ...line('ge-0', peak(0.9, 300)), operUp: false })),
    yes('高峰为 69%', lines(line('ge-0', peak(0.69, week)))),
    yes('高峰为 69%，低于 70%', lines(line('ge-0', peak(0.699, week)))),
    yes(
      '高峰为 12%',
      lines(line('ge-0', peak(0.12, week / 2), peak(0.1, week / 2)), line('lo', peak(0.9, 9))),
    ),
    maybe('1 个还没有看满一周', lines(line('ge-0', peak(0.12, week)), line('ge-1', peak(0.12, week / 2)))),
    maybe('没有看满一周', lines(line('ge-0'))),
    maybe(
      '没有读出',
      look('snmp', { interfaces: [line('ge-0', peak(0.1, week))], interfacesTruncated: true }),
    ),
  ],
  'icmp.uplink': [
    no('上联 u-1 不通', {
      on: 'n-1',
      ...look('icmp', {}, { target: 'n-1/u-1', status: 'down', cause: 'timeout' }),
    }),
    maybe('上联 u-1 通', { on: 'n-1', ...look('icmp', {}, { target: 'n-1/u-1' }) }),
  ],
  'dns.sender-policy': [
    yes('SPF', txt('"v=spf1 mx -all"')),
    no('冒名', txt('"v=spf1 +all"')),
    yes('DMARC', txt('"v=DMARC1; p=reject"')),
    no('不处置', txt('"v=DMARC1; p=none"')),
  ],
  'looks.state': [
    yes('正常', look('icmp', {})),
    yes('异常', look('icmp', {}, { status: 'down', cause: 'timeout' })),
  ],
  'looks.audit': [
    yes('已完成', audited(modern)),
    maybe('没有做完', audited({ ...modern, complete: false })),
    maybe('没有做完', look('http-audit', {}, { status: 'down', cause: 'refused' })),
  ],
  'snmp.model': [
    yes('S5735', look('snmp', { sysDescr: 'Huawei S5735-L24T4X-A' })),
    no('不见于', look('snmp', { sysDescr: 'Linux fw 5.10' })),
  ],
  'http.attack-test': attacked({}),
  'http.attack-test-outside': attacked(across),
  'http.attack-test-inside': attacked({}),
  'http.attack-noticed': [yes('403', test('attack', 403)), maybe('看不出来', test('attack', 200))],
  'http.test-virus': [
    yes('403', test('virus', 403)),
    no('原样通过', {
      ...look('http', {
        url: 'http://192.0.2.1/eicar.com',
        status: 200,
        bodySha256: '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f',
      }),
    }),
    maybe('看不出', test('virus', 404)),
  ],
  'http.malformed-input': [
    yes('400', test('input', 400)),
    no('500', test('input', 500)),
    maybe('200', test('input', 200)),
  ],
  'http.client-certificate': [
    yes('被拒绝', {
      ...look('http', {}, { status: 'down', cause: 'tls', detail: 'tlsv13 alert certificate required' }),
    }),
    yes('496', secure({ status: 496 }, { status: 'down', cause: 'assertion' })),
    no('也得到“云管理控制台”', secure({ title: '云管理控制台' })),
  ],
  'http.default-page': [
    no('nginx', look('http-audit', { defaultPage: 'nginx' })),
    maybe('未见', look('http-audit', {})),
  ],
  'http.exposure': [
    no('/backup/', look('http-audit', { folders: [{ path: '/backup/', listing: 'nginx' }] })),
    no('TRACE', look('http-audit', { methods: { traceEnabled: true } })),
    maybe('未见', look('http-audit', { folders: [{ path: '/backup/', status: 404 }] })),
  ],
  'page.baseline': [
    yes('一致', look('page', { url: 'http://192.0.2.1/', matchesBaseline: true })),
    no('不一致', look('page', { url: 'http://192.0.2.1/', matchesBaseline: false })),
  ],
  'trap.arrival': [yes('linkDown', trap({ oid: '1.3.6.1.6.3.1.1.5.3', name: 'linkDown' }))],
  'trap.alarm': [
    yes('1.3.6.1.4.1.9.9', trap({ oid: '1.3.6.1.4.1.9.9' })),
    maybe('linkDown', trap({ oid: '1.3.6.1.6.3.1.1.5.3', name: 'linkDown' })),
  ],
  'trap.ups': [
    yes('电池供电', trap({ oid: '1.3.6.1.2.1.33.2.1' })),
    maybe('放电测试', trap({ oid: '1.3.6.1.2.1.33.2.2' })),
    no('电池须更换', {
      ...trap({
        oid: '1.3.6.1.2.1.33.2.3',
        varbinds: [{ oid: '1.3.6.1.2.1.33.1.6.2.1.2.1', value: '1.3.6.1.2.1.33.1.6.3.1' }],
      }),
    }),
  ],
  'record.address-plan': [
    yes('192.0.2.1', { records: { network: [{ id: 'net', name: '网', cidr: '192.0.2.0/24' }] } }),
    no('别区的网段内：192.0.2.1（专网）', {
      records: { network: [{ id: 'net', name: '专网', cidr: '192.0.2.0/24', area: 'private' }] },
    }),
    maybe('不在任何', { records: { network: [{ id: 'net', name: '网', cidr: '198.51.100.0/24' }] } }),
  ],
  'record.uplinks': [
    yes('2 条', {
      on: 'n-1',
      records: node({ uplinks: [{ id: 'u-1', kind: 'line', to: 'n-0', operator: '电信' }, line2] }),
    }),
    no('只登记了一条', { on: 'n-1', records: node({ uplinks: [line2] }) }),
    maybe('同属 联通', { on: 'n-1', records: node({ uplinks: [{ ...line2, id: 'u-1' }, line2] }) }),
  ],
  'record.twins': [
    yes('乙', {
      records: device({ id: 'd-2', name: '乙', role: 'firewall', node: 'n-1', address: '192.0.2.2' }),
    }),
    no('没有第二台', {
      records: device({ id: 'd-2', name: '乙', role: 'switch', node: 'n-1', address: '192.0.2.2' }),
    }),
    maybe('看不出来', {
      records: {
        device: [{ id: 'd-1', name: '服务器', role: 'server', node: 'n-1', address: '192.0.2.1' }],
      },
    }),
  ],
  'record.owners': [
    yes('写明', { on: 's-1', records: system({ unit: 'un-1' }) }),
    no('没有写明', { on: 's-1', records: system({}) }),
  ],
  'record.watch-duty': [
    yes('王工（日志分析）', { records: { contact: [{ id: 'c', name: '王工', duty: '日志分析' }] } }),
    maybe('没有登记', { records: { contact: [{ id: 'c', name: '王工', duty: '司机' }] } }),
  ],
  'record.monitored': [no('不在监测之中', { on: 's-1', records: system({}) })],
  'record.region': [
    yes('鼓楼区', { on: 's-1', records: system({}) }),
    maybe('没有写明', { on: 's-1', records: system({ node: undefined }) }),
  ],
}
