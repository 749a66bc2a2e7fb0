import { chmod, mkdir, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { LiveSystem } from '../../../src/agent/host/index.ts'

export interface Planted {
  readonly text: string
  readonly mode?: number
  readonly modifiedAt?: number
}
/** Files of a root by path, folders with a slash at the end; `undefined` for one that is taken out of what another root has. */
export type Files = Readonly<Record<string, string | Planted | undefined>>

export const now = Date.UTC(2026, 10, 26)
export const day = 86_400_000

export const plant = async (root: string, files: Files): Promise<void> => {
  for (const [name, file] of Object.entries(files)) {
    if (file === undefined) continue
    const { text, mode = 0o644, modifiedAt = now - day } = typeof file === 'string' ? { text: file } : file
    const place = path.join(root, name)
    await mkdir(name.endsWith('/') ? place : path.dirname(place), { recursive: true })
    if (!name.endsWith('/')) await writeFile(place, text)
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
net.ipv4.conf.all.rp_filter = 1
kernel.yama.ptrace_scope = 1
fs.protected_regular = 2
kernel.unprivileged_bpf_disabled = 1
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

export const dpkg = (version: string, ...more: readonly string[]): string =>
  [`openssl ${version}`, 'openssh-server 1:9.2p1-2+deb12u3', ...more.map((name) => `${name} 1.0`)]
    .map((each) => each.split(' '))
    .map(
      ([name, own]) =>
        `Package: ${name ?? ''}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${own ?? ''}\n`,
    )
    .join('\n')
const offered = 'Package: openssl\nArchitecture: amd64\nVersion: 3.0.17-1~deb12u3\n'

export const nftables = `table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    ip saddr 10.1.0.0/24 tcp dport 22 accept
  }
}
`
export const mariadb = `[client]
password = not-shown
[mysqld]
bind-address = 127.0.0.1
require_secure_transport = ON
local-infile = 0
server_audit_logging = ON
loose-simple_password_check_minimal_length = 10
`
export const nginx = `user www-data;
http {
  server_tokens off; # not shown
  ssl_protocols TLSv1.2 TLSv1.3;
  log_format main '$remote_addr { "$request" }';
  access_log /var/log/nginx/access.log main;
  include /etc/nginx/sites-enabled/*;
}
`
const site = `server {
  listen 443 ssl;
  server_name hall.example;
  ssl_certificate_key /etc/ssl/private/hall.key;
  location /healthz { access_log off; }
}
server {
  listen 80 default_server;
  return 301 https://$host$request_uri;
}
server {
  listen 127.0.0.1:8080;
}
`

/** A Debian host on which every check that can be met is met. */
export const hardened: Files = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  '/etc/hostname': 'hardened\n',
  '/etc/machine-id': `${'0123456789abcdef'.repeat(2)}\n`,
  '/var/lib/dpkg/status': dpkg('3.0.17-1~deb12u3'),
  '/var/lib/dpkg/info/openssl.list': '',
  '/var/lib/apt/lists/mirror_dists_bookworm-security_main_binary-amd64_Packages': offered,
  '/etc/yiwang/packages': '# approved\nopenssl\nopenssh-server\n',
  '/proc/sys/kernel/osrelease': '6.1.0-31-amd64\n',
  '/boot/vmlinuz-6.1.0-9-amd64': '',
  '/boot/vmlinuz-6.1.0-31-amd64': '',
  '/etc/nftables.conf': nftables,
  '/etc/systemd/system/sysinit.target.wants/nftables.service': '',
  '/etc/systemd/system/sysinit.target.wants/apparmor.service': '',
  '/sys/module/apparmor/parameters/enabled': 'Y\n',
  '/sys/kernel/security/apparmor/profiles': '/usr/sbin/chronyd (enforce)\nman_groff (enforce)\n',
  '/etc/apparmor.d/usr.sbin.chronyd': '',
  '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c': '\u{6}\0\0\0\u{1}',
  '/etc/aide/aide.conf': 'database_in=file:/var/lib/aide/aide.db\n',
  '/var/lib/aide/aide.db': { text: '', mode: 0o600 },
  '/var/log/aide/aide.log': '',
  '/etc/cron.daily/aide': { text: '', mode: 0o755 },
  '/etc/crypttab': 'data UUID=0f0f /etc/keys/data.key luks,cipher=aes-xts-plain64\n',
  '/etc/keys/data.key': { text: 'not a key', mode: 0o400 },
  '/sys/block/dm-0/dm/name': 'data\n',
  '/sys/block/dm-0/dm/uuid': 'CRYPT-LUKS2-0f0f-data\n',
  '/etc/modprobe.d/usb-storage.conf': 'install usb-storage /bin/false\n',
  '/etc/systemd/coredump.conf': '[Coredump]\nStorage=none\n',
  '/etc/cron.allow': { text: 'root\n', mode: 0o640 },
  '/etc/cron.d/report': '0 1 * * * root /usr/local/sbin/report --all\n',
  '/usr/local/sbin/report': { text: '', mode: 0o755 },
  '/etc/borgmatic/config.yaml': { text: '', mode: 0o600 },
  '/etc/systemd/system/timers.target.wants/borgmatic.timer': '',
  '/root/.config/borg/security/0f0f/manifest-timestamp': '2026-11-25T01:00:00',
  '/etc/clamav/clamd.conf': '',
  '/etc/systemd/system/multi-user.target.wants/clamav-daemon.service': '',
  '/etc/systemd/system/multi-user.target.wants/clamav-freshclam.service': '',
  '/etc/mysql/my.cnf': '[client-server]\n!includedir /etc/mysql/mariadb.conf.d/\n',
  '/etc/mysql/mariadb.conf.d/50-server.cnf': mariadb,
  '/etc/mysql/debian.cnf': { text: '[client]\n', mode: 0o600 },
  '/etc/nginx/nginx.conf': nginx,
  '/etc/nginx/sites-enabled/hall': site,
  '/etc/ssl/private/hall.key': { text: 'not a key', mode: 0o640 },
  '/etc/apache2/apache2.conf': '<Directory />\n  Options FollowSymLinks\n</Directory>\n',
  '/etc/apache2/mods-enabled/ssl.conf': 'SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1\n',
  '/etc/apache2/conf-enabled/security.conf': 'ServerTokens Prod\nTraceEnable Off\n',
  '/etc/apache2/sites-enabled/hall.conf': 'CustomLog ${APACHE_LOG_DIR}/access.log combined\n',
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
  '/home/zhangsan/': { text: '', mode: 0o750 },
  '/root/': { text: '', mode: 0o700 },
  '/tmp/': { text: '', mode: 0o1777 },
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
