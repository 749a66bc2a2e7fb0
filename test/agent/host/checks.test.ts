import { chmod, chown, symlink } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { itemById } from '../../../inventory/mlps/index.ts'
import { collectHostEvidence, families, type LiveSystem, rootFolder } from '../../../src/agent/host/index.ts'
import type { CheckResult } from '../../../src/core/host-evidence.ts'
import { temporaryFolder } from '../../support/cli.ts'
import { faults } from './faults.ts'
import { day, type Files, hardened, now, plant, recorded } from './roots.ts'

const look = async (files: Files, live?: LiveSystem) => {
  await using folder = await temporaryFolder()
  await plant(folder.path, files)
  return await collectHostEvidence(rootFolder(folder.path, now, live), '0.0.0')
}
const resultOf = (results: readonly CheckResult[], id: string) => results.find((each) => each.id === id)
const withVerdict = (results: readonly CheckResult[], verdict: string) =>
  results.filter((each) => each.verdict === verdict).map(({ id, observed }) => `${id}: ${observed}`)

const checks = families.flatMap((family) => family.checks)

describe('the catalogue of host checks', () => {
  test('each id is there once, and each item that is spoken to exists', () => {
    const ids = checks.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const unknown = checks.flatMap(({ items }) => items).filter((id) => itemById(id) === undefined)
    expect(unknown).toEqual([])
  })

  test('each fault names a check, and no check has two', () => {
    const ids = faults.map(([id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter((id) => !checks.some((check) => check.id === id))).toEqual([])
  })
})

describe('planted faults', () => {
  test('the hardened root raises no alarm, and is the clean twin of every fault', async () => {
    const { results, host } = await look(hardened)
    expect(host.distribution).toMatchObject({ id: 'debian', packages: 'dpkg', isMet: true })
    expect(withVerdict(results, 'contradicts')).toEqual([])
    const quiet = faults.map(([id]) => id).filter((id) => resultOf(results, id)?.verdict !== 'supports')
    expect(quiet).toEqual([])
  })

  test.each(faults)('%s', async (id, files) => {
    const { results } = await look({ ...hardened, ...files })
    expect(resultOf(results, id)).toMatchObject({ verdict: 'contradicts' })
  })

  test('an empty root says nothing for or against what it does not show', async () => {
    const { results, host } = await look({})
    expect(host).toMatchObject({ hostname: 'unknown', distribution: { packages: 'unknown', isMet: false } })
    expect(withVerdict(results, 'contradicts')).toEqual([])
    expect(withVerdict(results, 'supports')).toEqual([])
  })

  test.skipIf(process.getuid?.() !== 0)('a file of accounts that is another user’s', async () => {
    await using folder = await temporaryFolder()
    await plant(folder.path, hardened)
    await chown(path.join(folder.path, 'etc/passwd'), 1000, 1000)
    const { results } = await collectHostEvidence(rootFolder(folder.path, now), '0.0.0')
    expect(resultOf(results, 'files.owners')).toMatchObject({
      verdict: 'contradicts',
      observed: '属主不对：/etc/passwd 属 1000',
    })
  })

  test('no hash is ever shown', async () => {
    const secret = 'Zm9vYmFyc2VjcmV0'
    const evidence = await look({
      ...hardened,
      '/etc/shadow': `lisi:$1$salt$${secret}:20000:0:99999:7:::\ntest:${secret}:20000:0:99999:7:::\n`,
      '/etc/passwd': `lisi:${secret}:0:0::/:/bin/sh\n`,
    })
    expect(JSON.stringify(evidence)).not.toContain(secret)
  })

  test('links are followed as in a chroot: none leads out of the root', async () => {
    await using folder = await temporaryFolder()
    await plant(folder.path, { '/etc/hostname': 'inside\n', '/usr/lib/os-release': 'ID=uos\n' })
    await symlink('/usr/lib/os-release', path.join(folder.path, 'etc/os-release'))
    await symlink('../../../../../../../../etc/passwd', path.join(folder.path, 'etc/passwd'))
    const { host, results } = await collectHostEvidence(rootFolder(folder.path, now), '0.0.0')
    expect(host.distribution.id).toBe('uos')
    expect(resultOf(results, 'accounts.single-root')).toMatchObject({
      verdict: 'cannot-tell',
      observed: '无法读取 /etc/passwd（ELOOP）',
    })
  })
})

/** Places that others than root may not look at on one system or another. */
const closed = [
  ...['/etc/shadow', '/etc/sudoers', '/etc/sudoers.d', '/etc/audit', '/etc/rsyslog.d', '/etc/cron.daily'],
  ...['/etc/security', '/etc/ssh/sshd_config.d', '/etc/mysql', '/etc/nginx', '/var/lib/aide', '/root'],
]
const isClosed = (file: string): boolean =>
  closed.some((place) => file === place || file.startsWith(`${place}/`))
const nobody = 65_534

/** A place that is planted itself keeps its mode. */
const lookAsNobody = async (files: Files, planted: Files = {}) => {
  await using folder = await temporaryFolder()
  await plant(folder.path, files)
  await chmod(folder.path, 0o755)
  // Where a fault plants nothing there is nothing to close.
  for (const place of closed.filter((each) => !(each in planted)))
    await chmod(path.join(folder.path, place), 0).catch(() => undefined)
  process.seteuid?.(nobody)
  try {
    return await collectHostEvidence(rootFolder(folder.path, now), '0.0.0')
  } finally {
    process.seteuid?.(0)
  }
}

describe.skipIf(process.getuid?.() !== 0)('who may not look everywhere', () => {
  test('accuses nobody of what is there', async () => {
    const { results, asRoot } = await lookAsNobody(hardened)
    expect(asRoot).toBe(false)
    expect(withVerdict(results, 'contradicts')).toEqual([])
    expect(resultOf(results, 'logging.forwarding')).toMatchObject({
      verdict: 'cannot-tell',
      observed: expect.stringContaining('无权读取 /etc/rsyslog.d') as string,
    })
  })

  test('finds nothing in order that it could not see', async () => {
    const blind: string[] = []
    const hidden = faults.filter(([, files]) => Object.keys(files).some(isClosed))
    expect(hidden.length).toBeGreaterThan(30)
    for (const [id, files] of hidden) {
      const { results } = await lookAsNobody({ ...hardened, ...files }, files)
      if (resultOf(results, id)?.verdict === 'supports') blind.push(id)
    }
    expect(blind).toEqual([])
  })
})

describe('sshd', () => {
  test('its own dump outranks its files', async () => {
    const live = recorded({ programs: { 'sshd -T': 'permitrootlogin yes\nciphers aes256-ctr\n' } })
    const { results, from } = await look(hardened, live)
    expect(from).toBe('live')
    expect(resultOf(results, 'ssh.root-login')).toMatchObject({ verdict: 'contradicts' })
  })

  test('what a Match block undoes for some is not said for all', async () => {
    const { results } = await look({
      ...hardened,
      '/etc/ssh/sshd_config.d/match.conf': 'Match Address 10.0.0.0/8\n  PermitRootLogin yes\n',
    })
    expect(resultOf(results, 'ssh.root-login')).toMatchObject({ verdict: 'cannot-tell' })
    // The block ends with its file.
    expect(resultOf(results, 'ssh.attempts')).toMatchObject({ verdict: 'supports' })
  })

  test('algorithms that only the build knows are not judged', async () => {
    const { results } = await look({ ...hardened, '/etc/ssh/sshd_config': 'PermitRootLogin no\n' })
    expect(resultOf(results, 'ssh.ciphers')).toMatchObject({ verdict: 'cannot-tell' })
  })
})

describe('what is written otherwise than in the planted root', () => {
  const server = '/etc/mysql/mariadb.conf.d/50-server.cnf'
  const password = (rest: string): Files => ({
    '/etc/pam.d/common-password': `password required pam_pwhistory.so ${rest}\n`,
  })
  const remembered = (count: number): Files => ({ '/etc/security/pwhistory.conf': `remember = ${count}\n` })
  const tls = '/etc/nginx/sites-enabled/old'
  test.each<[id: string, files: Files, verdict: string]>([
    // A line of NIS has no uid, which is not the uid 0.
    ['accounts.single-root', { '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n+::::::\n' }, 'supports'],
    ['ssh.root-login', { '/etc/ssh/sshd_config': 'PermitRootLogin no # by order of 2018\n' }, 'supports'],
    ['mariadb.exposure', { [server]: '[mysqld]\nbind-address = 0.0.0.0 # everybody\n' }, 'contradicts'],
    ['mariadb.exposure', { [server]: '[mysqld]\nbind-address = "*"\n' }, 'contradicts'],
    ['mariadb.exposure', { [server]: '[mysqld]\nbind-address = 10.1.0.5, ::\n' }, 'contradicts'],
    ['mariadb.exposure', { [server]: '[mysqld]\nbind-address = 10.1.0.5,::1\n' }, 'supports'],
    ['mariadb.tls', { [server]: '[mysqld]\nrequire_secure_transport = ON # all\n' }, 'supports'],
    ['redis.exposure', { '/etc/redis/redis.conf': 'bind 127.0.0.1 -::*\n' }, 'contradicts'],
    ['nginx.plaintext', { [tls]: 'server { listen 443; ssl on; server_name a; }\n' }, 'supports'],
    ['nginx.plaintext', { [tls]: 'server { listen 443; ssl off; server_name a; }\n' }, 'contradicts'],
    ['passwords.history', { ...password('use_authtok'), ...remembered(5) }, 'supports'],
    ['passwords.history', { ...password('use_authtok'), ...remembered(2) }, 'contradicts'],
    ['passwords.history', password('use_authtok'), 'cannot-tell'],
    ['passwords.history', { '/etc/pam.d/common-password': 'password required pam_unix.so\n' }, 'contradicts'],
    [
      'storage.encryption',
      { '/etc/crypttab': 'data /dev/sda2\nold /dev/sdb1 none luks,noauto\n' },
      'supports',
    ],
  ])('%s with %j: %s', async (id, files, verdict) => {
    const { results } = await look({ ...hardened, ...files })
    expect(resultOf(results, id)).toMatchObject({ verdict })
  })
})

describe('the running system', () => {
  test.each([
    { synchronised: true, verdict: 'supports' },
    { synchronised: false, verdict: 'contradicts' },
  ])('a clock of the kernel, synchronised $synchronised: $verdict', async ({ synchronised, verdict }) => {
    const clock = { synchronised, maxErrorSeconds: 0, estimatedErrorSeconds: 0, daemons: [] }
    const { results } = await look(hardened, recorded({ clock }))
    expect(resultOf(results, 'time.synchronised')).toMatchObject({ verdict })
  })

  test('a socket that listens is seen where nothing starts it', async () => {
    const socket = { protocol: 'tcp', address: '0.0.0.0', port: 23, userId: 0 } as const
    const { results } = await look(hardened, recorded({ listening: [socket] }))
    expect(resultOf(results, 'services.telnet')).toMatchObject({
      verdict: 'contradicts',
      observed: '发现：tcp 0.0.0.0 端口 23 在监听',
    })
  })
})

describe('what listens', () => {
  const socket = {
    protocol: 'tcp',
    address: '0.0.0.0',
    port: 6379,
    userId: 0,
    process: 'redis-server',
  } as const
  const local = { ...socket, address: '127.0.0.1', port: 5432 }
  const baseline = '# approved\ntcp 22 sshd\ntcp 6379\n'
  test.each([
    { name: 'declared', files: { '/etc/yiwang/listening': baseline }, verdict: 'supports' },
    { name: 'not declared', files: { '/etc/yiwang/listening': 'tcp 22\n' }, verdict: 'contradicts' },
    { name: 'without a baseline', files: {}, verdict: 'cannot-tell' },
  ])('a port that is $name: $verdict', async ({ files, verdict }) => {
    const { results } = await look(files, recorded({ listening: [socket, local] }))
    const result = resultOf(results, 'listening.baseline')
    expect(result?.verdict).toBe(verdict)
    expect(result?.observed).toContain('tcp 6379')
    expect(result?.observed).not.toContain('5432')
  })

  test.each([
    { address: '0.0.0.0', verdict: 'contradicts' },
    { address: '::1', verdict: 'supports' },
  ])('memcached on $address: $verdict', async ({ address, verdict }) => {
    const { results } = await look({}, recorded({ listening: [{ ...socket, address, port: 11_211 }] }))
    expect(resultOf(results, 'listening.risky')).toMatchObject({ verdict })
  })
})

describe('the firewall of a running system', () => {
  test.each([
    { dump: '', verdict: 'contradicts' },
    { dump: 'chain input {\n type filter hook input priority 0; policy drop;\n}', verdict: 'supports' },
  ])('loaded rules outrank the lack of files: $verdict', async ({ dump, verdict }) => {
    const { results } = await look({}, recorded({ programs: { 'nft list ruleset': dump } }))
    expect(resultOf(results, 'firewall.active')).toMatchObject({ verdict })
  })

  test('a policy that accepts before a rule that refuses the rest, as the RHEL family has it', async () => {
    const rules = `*filter
:INPUT ACCEPT [0:0]
-A INPUT -s 10.1.0.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -j REJECT --reject-with icmp-host-prohibited
`
    const { results } = await look({
      '/etc/sysconfig/iptables': rules,
      '/etc/systemd/system/basic.target.wants/iptables.service': '',
    })
    expect(resultOf(results, 'firewall.default')).toMatchObject({ verdict: 'supports' })
    expect(resultOf(results, 'firewall.ssh-sources')).toMatchObject({ verdict: 'supports' })
  })

  test.each([
    {
      name: 'ufw',
      files: { '/etc/ufw/ufw.conf': 'ENABLED=yes\n', '/etc/default/ufw': 'DEFAULT_INPUT_POLICY="ACCEPT"\n' },
    },
    {
      name: 'nftables',
      files: {
        '/etc/nftables.conf':
          'chain input {\n type filter hook input priority 0; policy accept;\n}\nchain forward {\n type filter hook forward priority 0;\n drop\n}\n',
        '/etc/systemd/system/sysinit.target.wants/nftables.service': '',
      },
    },
    {
      name: 'iptables',
      files: {
        '/etc/iptables/rules.v4':
          '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n',
        '/etc/systemd/system/multi-user.target.wants/netfilter-persistent.service': '',
      },
    },
  ])('$name that lets everything in', async ({ files }) => {
    const { results } = await look(files)
    expect(resultOf(results, 'firewall.active')).toMatchObject({ verdict: 'supports' })
    expect(resultOf(results, 'firewall.default')).toMatchObject({ verdict: 'contradicts' })
  })
})

describe('security updates', () => {
  const list = '/var/lib/apt/lists/mirror_dists_bookworm-security_main_binary-amd64_Packages'
  test.each([
    { name: 'an old list', files: { [list]: { text: 'Package: x\n', modifiedAt: now - 40 * day } } },
    { name: 'a list of the future', files: { [list]: { text: 'Package: x\n', modifiedAt: now + 2 * day } } },
    { name: 'no list', files: { [list]: undefined } },
    { name: 'a compressed list', files: { [list]: undefined, [`${list}.lz4`]: '' } },
  ])('$name does not show that nothing is outstanding', async ({ files }) => {
    const { results } = await look({ ...hardened, ...files })
    expect(resultOf(results, 'packages.security-updates')).toMatchObject({ verdict: 'cannot-tell' })
  })

  test('a compressed list is read through apt on a running system', async () => {
    const text = 'Package: openssl\nArchitecture: amd64\nVersion: 4.0-1\n'
    const live = recorded({ programs: { [`/usr/lib/apt/apt-helper cat-file ${list}.lz4`]: text } })
    const { results } = await look({ ...hardened, [list]: undefined, [`${list}.lz4`]: '' }, live)
    expect(resultOf(results, 'packages.security-updates')).toMatchObject({
      verdict: 'contradicts',
      observed: '1 个软件包有安全更新未装：openssl；其中最久的版本装于 1 天前',
    })
  })
})

describe('logs and their journal', () => {
  test.each([
    { storage: 'volatile', verdict: 'contradicts' },
    { storage: 'persistent', verdict: 'supports' },
  ])('without another daemon, Storage=$storage: $verdict', async ({ storage, verdict }) => {
    const { results } = await look({ '/etc/systemd/journald.conf': `[Journal]\nStorage=${storage}\n` })
    expect(resultOf(results, 'logging.journal')).toMatchObject({ verdict })
  })

  test('a short rotation of logs that are sent elsewhere is for the receiver to say', async () => {
    const { results } = await look({ ...hardened, '/etc/logrotate.d/rsyslog': '/var/log/syslog {\n}\n' })
    expect(resultOf(results, 'logging.retention')).toMatchObject({ verdict: 'cannot-tell' })
  })
})

describe('systems known from recorded files only', () => {
  test.each([
    { id: 'openEuler', release: 'NAME="openEuler"\nID="openEuler"\nVERSION_ID="22.03"\n' },
    { id: 'kylin', release: 'NAME="Kylin Linux Advanced Server"\nID="kylin"\nVERSION_ID="V10"\n' },
    { id: 'uos', release: 'NAME="UnionTech OS Server 20"\nID="uos"\nVERSION_ID="20"\n' },
    { id: 'rocky', release: 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n' },
  ])('$id: both stacks must lock', async ({ id, release }) => {
    const stack = `auth required pam_faillock.so preauth deny=5 unlock_time=900 even_deny_root
auth sufficient pam_unix.so
password requisite pam_pwquality.so minlen=8 minclass=3
password sufficient pam_unix.so sha512 remember=5
`
    const files: Files = {
      '/etc/os-release': release,
      '/var/lib/rpm/Packages': '',
      '/etc/pam.d/system-auth': stack,
      '/etc/pam.d/password-auth': stack,
    }
    const { results, host } = await look(files)
    expect(host.distribution).toMatchObject({ id, packages: 'rpm', isMet: false })
    expect(resultOf(results, 'lockout.attempts')).toMatchObject({ verdict: 'supports', observed: 'deny 5' })
    const half = await look({ ...files, '/etc/pam.d/password-auth': 'auth sufficient pam_unix.so\n' })
    expect(resultOf(half.results, 'lockout.attempts')).toMatchObject({ verdict: 'contradicts' })
  })

  const rpm: Files = {
    '/etc/os-release': 'ID="openEuler"\nVERSION_ID="22.03"\n',
    '/var/lib/rpm/rpmdb.sqlite': '',
    '/etc/selinux/config': '# enforcing | permissive\nSELINUX=enforcing\nSELINUXTYPE=targeted\n',
    '/etc/firewalld/firewalld.conf': 'DefaultZone=public\n',
    '/etc/systemd/system/multi-user.target.wants/firewalld.service': '',
    '/etc/aide.conf': '',
    '/var/lib/aide/aide.db.gz': '',
    '/etc/cron.d/aide': '5 4 * * * root /usr/sbin/aide --check\n',
    '/etc/httpd/conf/httpd.conf': 'ServerTokens Prod\n',
    '/etc/my.cnf': '[mysqld]\nbind-address=127.0.0.1\n',
  }
  const expected: readonly (readonly [id: string, files: Files, verdict: string])[] = [
    ['confinement.enforced', {}, 'supports'],
    ['confinement.enforced', { '/etc/selinux/config': 'SELINUX=permissive\n' }, 'contradicts'],
    ['confinement.enforced', { '/sys/fs/selinux/enforce': '0' }, 'contradicts'],
    ['firewall.active', {}, 'supports'],
    ['firewall.default', { '/etc/firewalld/firewalld.conf': 'DefaultZone=trusted\n' }, 'contradicts'],
    ['integrity.schedule', {}, 'supports'],
    ['integrity.baseline', { '/var/lib/aide/aide.db.gz': undefined }, 'contradicts'],
    ['apache.version', {}, 'supports'],
    ['mariadb.exposure', { '/etc/my.cnf': '[mysqld]\n' }, 'contradicts'],
    ['packages.changes', {}, 'supports'],
    ['packages.security-updates', {}, 'cannot-tell'],
  ]
  test.each(expected)('%s with %j: %s', async (id, files, verdict) => {
    const { results } = await look({ ...rpm, ...files })
    expect(resultOf(results, id)).toMatchObject({ verdict })
  })
})
