import * as base from './roots.ts'
import type { Files } from './roots.ts'

/** A check, and what is planted in the hardened root for it to find. */
export type Fault = readonly [id: string, files: Files]

const passwd = (line: string): Files => ({ '/etc/passwd': base.passwd + line })
const shadow = (line: string): Files => ({ '/etc/shadow': base.shadow + line })
const definitions = (from: string, to: string): Files => ({
  '/etc/login.defs': base.loginDefs.replace(from, to),
})
const authentication = (from: string, to: string): Files => ({
  '/etc/pam.d/common-auth': base.commonAuth.replace(from, to),
})
const change = (from: string, to: string): Files => ({
  '/etc/pam.d/common-password': base.commonPassword.replace(from, to),
})
const lock = (from: string, to: string): Files => ({
  '/etc/security/faillock.conf': base.faillock.replace(from, to),
})
/** Through an included file, which comes first and so outranks the hardened values. */
const sshd = (line: string): Files => ({ '/etc/ssh/sshd_config.d/10-weak.conf': `${line}\n` })
const sudoers = (line: string): Files => ({ '/etc/sudoers.d/weak': { text: `${line}\n`, mode: 0o440 } })
/** What the kernel runs with outranks what the files say. */
const running = (name: string, value: string): Files => ({ [`/proc/sys/${name}`]: `${value}\n` })
const wanted = (unit: string): Files => ({ [`/etc/systemd/system/multi-user.target.wants/${unit}`]: '' })
const inetd = (name: string): Files => ({
  '/etc/inetd.conf': `${name} stream tcp nowait root /usr/sbin/tcpd in.${name}d\n`,
})
const rules = (from: string): Files => ({
  '/etc/audit/rules.d/audit.rules': base.auditRules.replace(from, ''),
})
const access = (line: string): Files => ({ '/etc/postgresql/15/main/pg_hba.conf': `${line}\n` })
/** A file of its own outranks the main one. */
const postgresql = (line: string): Files => ({ '/etc/postgresql/15/main/conf.d/weak.conf': `${line}\n` })
const redis = (from: string, to: string): Files => ({ '/etc/redis/redis.conf': base.redis.replace(from, to) })

const firewall = (from: string, to: string): Files => ({
  '/etc/nftables.conf': base.nftables.replace(from, to),
})
const mariadb = (from: string, to: string): Files => ({
  '/etc/mysql/mariadb.conf.d/50-server.cnf': base.mariadb.replace(from, to),
})
const nginx = (from: string, to: string): Files => ({ '/etc/nginx/nginx.conf': base.nginx.replace(from, to) })
const site = (text: string): Files => ({ '/etc/nginx/sites-enabled/weak': text })
const apache = (line: string): Files => ({ '/etc/apache2/conf-enabled/weak.conf': `${line}\n` })
const old = (path: string): Files => ({ [path]: { text: '', modifiedAt: base.now - 45 * base.day } })

export const faults: readonly Fault[] = [
  ['accounts.empty-password', shadow('lisi::20000:1:90:7:::\n')],
  ['accounts.shadowed', passwd('lisi:abJnggxhB/yWI:1001:1001::/home/lisi:/bin/bash\n')],
  ['accounts.single-root', passwd('toor:x:0:0::/root:/bin/bash\n')],
  ['accounts.unique-names', passwd('zhangsan:x:1001:1001::/home/lisi:/bin/bash\n')],
  ['accounts.unique-ids', passwd('lisi:x:1000:1000::/home/lisi:/bin/bash\n')],
  ['accounts.unique-groups', { '/etc/group': `${base.group}audit:x:27:\n` }],
  ['accounts.system-shells', passwd('games:x:5:60::/usr/games:/bin/sh\n')],
  ['accounts.usual-names', shadow('test:$6$salt$hash:20000:1:90:7:::\n')],
  ['accounts.password-hash', shadow('lisi:$1$salt$hash:20000:1:90:7:::\n')],
  ['accounts.inherited', passwd('+:x:::::\n')],
  ['passwords.maximum-age', definitions('MAX_DAYS 90', 'MAX_DAYS 99999')],
  ['passwords.minimum-age', definitions('MIN_DAYS 1', 'MIN_DAYS 0')],
  ['passwords.warning', definitions('PASS_WARN_AGE 7', '')],
  ['passwords.accounts-age', shadow('lisi:$6$salt$hash:20000:0:99999:7:::\n')],
  ['passwords.length', { '/etc/security/pwquality.conf': 'minlen = 6\nminclass = 3\n' }],
  ['passwords.classes', { '/etc/security/pwquality.conf': 'minlen = 10\nminclass = 2\n' }],
  ['passwords.history', change('remember=5', 'remember=2')],
  ['passwords.hashing', change('yescrypt', 'md5')],
  ['passwords.no-nullok', authentication('pam_unix.so', 'pam_unix.so nullok')],
  ['lockout.attempts', lock('deny = 5', 'deny = 50')],
  ['lockout.duration', lock('600', '30')],
  ['lockout.root', lock('even_deny_root', '')],
  ['ssh.root-login', sshd('PermitRootLogin yes')],
  ['ssh.empty-passwords', sshd('PermitEmptyPasswords yes')],
  ['ssh.attempts', sshd('MaxAuthTries=20')],
  ['ssh.grace-time', sshd('LoginGraceTime 0')],
  ['ssh.host-based', sshd('HostbasedAuthentication yes')],
  ['ssh.ignore-rhosts', sshd('IgnoreRhosts no')],
  ['ssh.ciphers', sshd('Ciphers +3des-cbc')],
  ['ssh.macs', sshd('MACs hmac-md5,hmac-sha2-256')],
  ['ssh.key-exchange', sshd('KexAlgorithms diffie-hellman-group1-sha1')],
  ['ssh.host-keys', { '/etc/ssh/ssh_host_rsa_key': { text: 'not a key\n', mode: 0o644 } }],
  ['ssh.idle', sshd('ClientAliveInterval 0')],
  ['ssh.x11', sshd('X11Forwarding yes')],
  ['ssh.user-environment', sshd('PermitUserEnvironment yes')],
  ['ssh.log-level', sshd('LogLevel QUIET')],
  ['sessions.timeout', { '/etc/profile.d/timeout.sh': 'readonly TMOUT=0\n' }],
  ['sessions.timeout-fixed', { '/etc/profile.d/timeout.sh': 'export TMOUT=600\n' }],
  ['sessions.umask', { '/etc/profile.d/mask.sh': 'umask 022\n' }],
  ['sudo.password', sudoers('lisi ALL=(root) NOPASSWD: /usr/bin/apt')],
  ['sudo.everything', sudoers('lisi ALL=(ALL) \\\n  ALL')],
  ['sudo.log', sudoers('Defaults !syslog')],
  ['sudo.file-mode', { '/etc/sudoers.d/open': { text: '', mode: 0o666 } }],
  ['su.wheel', { '/etc/pam.d/su': '#auth required pam_wheel.so\n' }],
  ['services.telnet', inetd('telnet')],
  ['services.ftp', wanted('vsftpd.service')],
  ['services.rsh', { '/etc/xinetd.d/rsh': 'service shell\n{\n  disable = no\n}\n' }],
  ['services.tftp', wanted('tftpd-hpa.service')],
  ['services.finger', inetd('finger')],
  ['services.small', inetd('chargen')],
  ['services.portmapper', wanted('rpcbind.service')],
  ['services.snmp-community', { '/etc/snmp/snmpd.conf': 'rocommunity public default\n' }],
  ['services.nfs-root', { '/etc/exports': '/srv *(rw,no_root_squash)\n' }],
  ['services.trusted-hosts', { '/etc/hosts.equiv': '+ +\n' }],
  ['files.passwd', { '/etc/passwd': { text: base.passwd, mode: 0o666 } }],
  ['files.shadow', { '/etc/shadow': { text: base.shadow, mode: 0o644 } }],
  ['files.schedules', { '/etc/crontab': { text: '', mode: 0o777 } }],
  ['files.remote-login', { '/etc/ssh/sshd_config': { text: base.sshd, mode: 0o664 } }],
  ['files.authentication', { '/etc/login.defs': { text: base.loginDefs, mode: 0o646 } }],
  ['files.logs', { '/var/log/auth.log': { text: '', mode: 0o644 } }],
  ['files.core-dumps', { '/etc/security/limits.d/core.conf': '* soft core 0\n' }],
  ['kernel.address-randomisation', running('kernel/randomize_va_space', '0')],
  ['kernel.messages', running('kernel/dmesg_restrict', '0')],
  ['kernel.pointers', running('kernel/kptr_restrict', '0')],
  ['kernel.links', running('fs/protected_hardlinks', '0')],
  ['kernel.symbolic-links', running('fs/protected_symlinks', '0')],
  ['kernel.core-dumps', running('fs/suid_dumpable', '2')],
  ['kernel.syn-cookies', running('net/ipv4/tcp_syncookies', '0')],
  ['kernel.accept-redirects', running('net/ipv4/conf/all/accept_redirects', '1')],
  ['kernel.send-redirects', running('net/ipv4/conf/all/send_redirects', '1')],
  ['kernel.source-route', { '/etc/sysctl.conf': 'net.ipv4.conf.all.accept_source_route = 1\n' }],
  ['kernel.broadcasts', running('net/ipv4/icmp_echo_ignore_broadcasts', '0')],
  ['kernel.martians', running('net/ipv4/conf/all/log_martians', '0')],
  ['kernel.reverse-path', running('net/ipv4/conf/all/rp_filter', '0')],
  ['kernel.tracing', running('kernel/yama/ptrace_scope', '0')],
  ['kernel.regular-files', running('fs/protected_regular', '0')],
  ['kernel.programs', running('kernel/unprivileged_bpf_disabled', '0')],
  ['audit.enabled', { '/etc/systemd/system/multi-user.target.wants/auditd.service': undefined }],
  ['audit.accounts', rules('-w /etc/shadow -p wa -k identity')],
  ['audit.privileges', rules('-w /etc/sudoers -p wa -k scope')],
  ['audit.clock', rules(',clock_settime')],
  ['audit.modules', rules(',delete_module')],
  ['audit.locked', rules('-e 2')],
  ['audit.disk-full', { '/etc/audit/auditd.conf': 'disk_full_action = SUSPEND\n' }],
  ['logging.forwarding', { '/etc/rsyslog.d/forward.conf': undefined }],
  [
    'logging.authentication',
    { '/etc/rsyslog.conf': 'kern.* /var/log/kern.log\n', '/etc/rsyslog.d/forward.conf': undefined },
  ],
  [
    'logging.retention',
    {
      '/etc/logrotate.d/rsyslog': '/var/log/syslog\n{\n  weekly\n}\n',
      '/etc/rsyslog.d/forward.conf': undefined,
    },
  ],
  ['time.source', { '/etc/chrony/chrony.conf': '#server ntp.internal\n' }],
  [
    'updates.lists-age',
    { '/var/lib/apt/lists/debian_InRelease': { text: '', modifiedAt: base.now - 45 * base.day } },
  ],
  ['updates.signed', { '/etc/apt/sources.list': 'deb [trusted=yes] http://mirror.internal bookworm main\n' }],
  [
    'malware.signatures',
    { '/var/lib/clamav/daily.cvd': 'ClamAV-VDB:01 Oct 2026 09-30 +0000:27700:1:90:x:y:z:1\n' },
  ],
  ['malware.scanning', { '/etc/systemd/system/multi-user.target.wants/clamav-daemon.service': undefined }],
  ['malware.updating', { '/etc/systemd/system/multi-user.target.wants/clamav-freshclam.service': undefined }],
  ['packages.security-updates', { '/var/lib/dpkg/status': base.dpkg('3.0.17-1~deb12u2') }],
  [
    'packages.changes',
    {
      '/var/lib/dpkg/status': {
        text: base.dpkg('3.0.17-1~deb12u2'),
        modifiedAt: base.now - 100 * base.day,
      },
    },
  ],
  ['packages.restart', { '/boot/vmlinuz-6.1.0-37-amd64': '' }],
  ['packages.legacy', { '/var/lib/dpkg/status': base.dpkg('3.0.17-1~deb12u3', 'rsh-server') }],
  ['packages.baseline', { '/var/lib/dpkg/status': base.dpkg('3.0.17-1~deb12u3', 'nmap') }],
  ['firewall.active', { '/etc/systemd/system/sysinit.target.wants/nftables.service': undefined }],
  ['firewall.default', firewall('policy drop', 'policy accept')],
  ['firewall.ssh-sources', firewall('ip saddr 10.1.0.0/24 ', '')],
  ['files.homes', { '/home/zhangsan/': { text: '', mode: 0o755 } }],
  ['files.temporary', { '/tmp/': { text: '', mode: 0o777 } }],
  ['schedules.allowed', { '/etc/cron.allow': undefined }],
  ['schedules.tables', { '/var/spool/cron/crontabs/lisi': { text: '', mode: 0o666 } }],
  ['schedules.programs', { '/usr/local/sbin/report': { text: '', mode: 0o777 } }],
  ['confinement.enforced', { '/sys/module/apparmor/parameters/enabled': 'N\n' }],
  ['confinement.relaxed', { '/etc/apparmor.d/disable/usr.sbin.chronyd': '' }],
  [
    'confinement.secure-boot',
    { '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c': '\u{6}\0\0\0\0' },
  ],
  ['integrity.baseline', { '/var/lib/aide/aide.db': undefined }],
  ['integrity.schedule', { '/etc/cron.daily/aide': undefined }],
  ['integrity.recent', old('/var/log/aide/aide.log')],
  ['integrity.baseline-mode', { '/var/lib/aide/aide.db': { text: '', mode: 0o666 } }],
  ['storage.encryption', { '/etc/crypttab': 'archive /dev/sdb1 none luks\n' }],
  ['storage.encryption-strength', { '/etc/crypttab': 'data /dev/sdb1 none plain,cipher=aes-ecb\n' }],
  ['storage.encryption-keys', { '/etc/keys/data.key': { text: 'not a key', mode: 0o644 } }],
  ['storage.usb', { '/etc/modprobe.d/usb-storage.conf': '# install usb-storage /bin/false\n' }],
  ['storage.core-dumps', { '/etc/systemd/coredump.conf': '[Coredump]\nStorage=external\n' }],
  ['backups.schedule', { '/etc/systemd/system/timers.target.wants/borgmatic.timer': undefined }],
  ['backups.recent', old('/root/.config/borg/security/0f0f/manifest-timestamp')],
  ['backups.settings-mode', { '/etc/borgmatic/config.yaml': { text: '', mode: 0o644 } }],
  ['mariadb.grants', mariadb('[mysqld]', '[mysqld]\nskip-grant-tables')],
  ['mariadb.exposure', mariadb('127.0.0.1', '0.0.0.0')],
  ['mariadb.tls', mariadb('require_secure_transport = ON', '')],
  ['mariadb.audit', mariadb('logging = ON', 'logging = OFF')],
  ['mariadb.passwords', mariadb('length = 10', 'length = 6')],
  ['mariadb.local-files', mariadb('local-infile = 0', 'local-infile')],
  ['mariadb.secrets', { '/etc/mysql/debian.cnf': { text: '', mode: 0o644 } }],
  ['nginx.tls-versions', nginx('TLSv1.2 TLSv1.3', 'TLSv1 TLSv1.1 TLSv1.2')],
  ['nginx.plaintext', site('server { listen 8081; root /srv/www; }\n')],
  ['nginx.version', nginx('server_tokens off', 'server_tokens on')],
  ['nginx.listing', site('server { listen 127.0.0.1:81; location / { autoindex on; } }\n')],
  ['nginx.access-log', site('server { listen 127.0.0.1:81; access_log off; }\n')],
  ['nginx.user', nginx('www-data', 'root')],
  ['nginx.keys', { '/etc/ssl/private/hall.key': { text: 'not a key', mode: 0o644 } }],
  ['apache.tls-versions', apache('SSLProtocol +TLSv1 +TLSv1.2')],
  ['apache.version', apache('ServerTokens OS')],
  ['apache.trace', apache('TraceEnable On')],
  ['apache.listing', apache('Options Indexes FollowSymLinks')],
  ['apache.access-log', { '/etc/apache2/sites-enabled/hall.conf': undefined }],
  ['postgresql.trust', access('host all all 127.0.0.1/32 trust')],
  ['postgresql.weak-methods', access('host all all 10.0.0.0/8 md5')],
  ['postgresql.tls', postgresql('ssl = off')],
  ['postgresql.connections', postgresql('log_connections = off')],
  ['redis.password', redis('requirepass not-shown', '')],
  ['redis.exposure', redis('127.0.0.1 -::1', '0.0.0.0')],
  ['redis.protected-mode', redis('mode yes', 'mode no')],
]
