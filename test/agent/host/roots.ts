import { chmod, mkdir, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { LiveSystem } from '../../../src/agent/host/index.ts'

export interface Planted {
  readonly text: string
  readonly mode?: number
  readonly modifiedAt?: number
}
/** Files of a root by path; `undefined` for one that is taken out of what another root has. */
export type Files = Readonly<Record<string, string | Planted | undefined>>

export const now = Date.UTC(2026, 10, 26)
export const day = 86_400_000

export const plant = async (root: string, files: Files): Promise<void> => {
  for (const [name, file] of Object.entries(files)) {
    if (file === undefined) continue
    const { text, mode = 0o644, modifiedAt = now - day } = typeof file === 'string' ? { text: file } : file
    const place = path.join(root, name)
    await mkdir(path.dirname(place), { recursive: true })
    await writeFile(place, text)
    await chmod(place, mode)
    await utimes(place, modifiedAt / 1000, modifiedAt / 1000)
  }
}

const hash = '$y$j9T$notarealsalt$notarealhash'

export const passwd = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
sync:x:4:65534:sync:/bin:/bin/sync
zhangsan:x:1000:1000::/home/zhangsan:/bin/bash
`
export const shadow = `root:!*:20000:0:99999:7:::
daemon:*:20000:0:99999:7:::
zhangsan:${hash}:20000:1:90:7:::
`
export const group = 'root:x:0:\ndaemon:x:1:\nsudo:x:27:zhangsan\nzhangsan:x:1000:\n'
export const loginDefs =
  'UMASK 027\nPASS_MAX_DAYS 90\nPASS_MIN_DAYS 1\nPASS_WARN_AGE 7\nUID_MIN 1000 # the first\n'
export const commonAuth = `auth required pam_faillock.so preauth
auth [success=1 default=ignore] pam_unix.so
auth requisite pam_deny.so
`
export const commonPassword = `password requisite pam_pwquality.so retry=3
password required pam_pwhistory.so remember=5
password [success=1 default=ignore] pam_unix.so obscure yescrypt
`
export const faillock = 'deny = 5\nunlock_time = 600\neven_deny_root\n'
export const sshd = `Include /etc/ssh/sshd_config.d/*.conf
PermitRootLogin no
MaxAuthTries 4
LoginGraceTime 1m
ClientAliveInterval 5m
ClientAliveCountMax 3
AuthenticationMethods publickey,keyboard-interactive
Ciphers aes256-gcm@openssh.com,aes256-ctr
MACs hmac-sha2-512-etm@openssh.com
KexAlgorithms curve25519-sha256
`
export const sudoers = `Defaults env_reset
root ALL=(ALL:ALL) ALL
%sudo ALL=(ALL:ALL) ALL
@includedir /etc/sudoers.d
`

export const sysctl = `kernel.randomize_va_space = 2
kernel.dmesg_restrict = 1
kernel.kptr_restrict=1
fs.protected_hardlinks = 1
fs.protected_symlinks = 1
fs.suid_dumpable = 0
net.ipv4.tcp_syncookies = 1
net/ipv4/conf/all/accept_redirects = 0
net.ipv4.conf.all.send_redirects = 0
net.ipv4.conf.all.accept_source_route = 0
net.ipv4.icmp_echo_ignore_broadcasts = 1
net.ipv4.conf.all.log_martians = 1
`

export const auditRules = `-w /etc/passwd -p wa -k identity
-w /etc/shadow -p wa -k identity
-w /etc/group -p wa -k identity
-w /etc/sudoers -p wa -k scope
-a always,exit -F arch=b64 -S adjtimex,settimeofday,clock_settime -k time
-a always,exit -F arch=b64 -S init_module,delete_module -k modules
-e 2
`
export const redis = 'bind 127.0.0.1 -::1\nprotected-mode yes\nrequirepass not-shown\n'
export const postgresql = "ssl = on\nlog_connections = on\nlisten_addresses = 'localhost'\n"

/** A Debian host on which every check that can be met is met. */
export const hardened: Files = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  '/etc/hostname': 'hardened\n',
  '/etc/machine-id': `${'0123456789abcdef'.repeat(2)}\n`,
  '/var/lib/dpkg/status': '',
  '/etc/passwd': passwd,
  '/etc/shadow': { text: shadow, mode: 0o600 },
  '/etc/group': group,
  '/etc/login.defs': loginDefs,
  '/etc/pam.d/common-auth': commonAuth,
  '/etc/pam.d/common-password': commonPassword,
  '/etc/pam.d/su': 'auth sufficient pam_rootok.so\nauth required pam_wheel.so use_uid\n',
  '/etc/security/pwquality.conf': 'minlen = 10\nminclass = 3\n',
  '/etc/security/faillock.conf': faillock,
  '/etc/ssh/sshd_config': sshd,
  '/etc/ssh/ssh_host_ed25519_key': { text: 'not a key\n', mode: 0o600 },
  '/etc/profile.d/timeout.sh': 'readonly TMOUT=600\nexport TMOUT\n',
  '/etc/systemd/system/multi-user.target.wants/ssh.service': '',
  '/etc/systemd/system/multi-user.target.wants/auditd.service': '',
  '/etc/audit/auditd.conf': 'disk_full_action = HALT\n',
  '/etc/audit/rules.d/audit.rules': auditRules,
  '/etc/rsyslog.conf': 'auth,authpriv.* /var/log/auth.log\n*.*;auth,authpriv.none -/var/log/syslog\n',
  '/etc/rsyslog.d/forward.conf': '*.* action(type="omfwd" target="logs.internal" protocol="tcp")\n',
  '/etc/logrotate.conf': 'weekly\nrotate 4\n',
  '/etc/logrotate.d/rsyslog': '/var/log/syslog\n{\n  rotate 27\n  weekly\n}\n',
  '/etc/chrony/chrony.conf': 'server ntp.internal iburst\n',
  '/var/lib/apt/lists/debian_InRelease': '',
  '/etc/apt/sources.list': 'deb http://deb.debian.org/debian bookworm main\n',
  '/var/lib/clamav/daily.cvd': 'ClamAV-VDB:24 Nov 2026 09-30 +0000:27800:1:90:x:y:z:1\n',
  '/etc/postgresql/15/main/postgresql.conf': postgresql,
  '/etc/postgresql/15/main/pg_hba.conf': 'local all all peer\nhost all all 10.0.0.0/8 scram-sha-256\n',
  '/etc/redis/redis.conf': redis,
  '/etc/snmp/snmpd.conf': 'rouser monitor authpriv\n',
  '/etc/exports': '/srv/share 10.0.0.0/8(ro,root_squash)\n',
  '/etc/crontab': '',
  '/var/log/auth.log': { text: '', mode: 0o640 },
  '/etc/security/limits.d/core.conf': '* hard core 0\n',
  '/etc/sysctl.d/90-security.conf': sysctl,
  '/etc/sudoers': { text: sudoers, mode: 0o440 },
}

/** A running system as it was recorded. */
export const recorded = (parts: {
  readonly programs?: Readonly<Record<string, string>>
  readonly listening?: Awaited<ReturnType<LiveSystem['listening']>>
  readonly clock?: Awaited<ReturnType<LiveSystem['clock']>>
}): LiveSystem => ({
  run: (program, args) => Promise.resolve(parts.programs?.[[program, ...args].join(' ')]),
  listening: () => Promise.resolve(parts.listening ?? []),
  clock: () => Promise.resolve(parts.clock),
  processes: () => Promise.resolve([]),
})
