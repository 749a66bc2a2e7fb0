#!/bin/sh
# Runs inside a Debian 12 root and hardens it with Debian's own tools, then lets each program check its settings.
set -eu
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin

# Accounts and passwords
useradd --create-home --shell /bin/bash --groups sudo zhangsan && chmod 750 /home/zhangsan
echo 'zhangsan:Not-shown-2026' | chpasswd
chage --mindays 1 --maxdays 90 --warndays 7 zhangsan
usermod --shell /usr/sbin/nologin postgres
sed -i -E 's/^(PASS_MAX_DAYS).*/\1 90/; s/^(PASS_MIN_DAYS).*/\1 1/; s/^(UMASK).*/\1 027/' /etc/login.defs
cat > /usr/share/pam-configs/faillock <<'END'
Name: Lock accounts after failed logins
Default: yes
Priority: 1024
Auth-Type: Primary
Auth:
	[default=die] pam_faillock.so authfail
Auth-Initial:
	[default=die] pam_faillock.so authfail
END
cat > /usr/share/pam-configs/faillock-before <<'END'
Name: Ask faillock before the password
Default: yes
Priority: 2048
Auth-Type: Primary
Auth:
	requisite pam_faillock.so preauth
END
cat > /usr/share/pam-configs/pwhistory <<'END'
Name: Remember old passwords
Default: yes
Priority: 1000
Password-Type: Primary
Password:
	requisite pam_pwhistory.so remember=5 use_authtok
END
pam-auth-update --package --force
sed -i 's/ nullok//' /etc/pam.d/common-auth
printf 'deny = 5\nunlock_time = 600\neven_deny_root\n' > /etc/security/faillock.conf
printf 'minlen = 12\nminclass = 3\n' > /etc/security/pwquality.conf
sed -i -E 's/^# auth +required +pam_wheel.so$/auth required pam_wheel.so use_uid/' /etc/pam.d/su
printf 'readonly TMOUT=600\nexport TMOUT\n' > /etc/profile.d/timeout.sh
printf 'Defaults logfile=/var/log/sudo.log\n' > /etc/sudoers.d/log && chmod 440 /etc/sudoers.d/log

# Remote login
cat > /etc/ssh/sshd_config.d/50-hardened.conf <<'END'
PermitRootLogin no
MaxAuthTries 4
LoginGraceTime 60
ClientAliveInterval 300
ClientAliveCountMax 3
X11Forwarding no
LogLevel VERBOSE
KbdInteractiveAuthentication yes
AuthenticationMethods publickey,keyboard-interactive
Ciphers aes256-gcm@openssh.com,aes256-ctr
MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com
KexAlgorithms curve25519-sha256,ecdh-sha2-nistp384
END
printf 'table inet filter {\n chain input {\n  type filter hook input priority 0; policy drop;\n  iif lo accept\n  ct state established,related accept\n  ip saddr 10.1.0.0/24 tcp dport 22 accept\n  tcp dport 443 accept\n }\n}\n' > /etc/nftables.conf
systemctl --quiet enable nftables apparmor auditd chrony clamav-freshclam clamav-daemon

# Files, kernel, schedules
printf '* hard core 0\n' > /etc/security/limits.d/core.conf
printf '[Coredump]\nStorage=none\n' > /etc/systemd/coredump.conf
mkdir -p /etc/modprobe.d && printf 'install usb-storage /bin/false\n' > /etc/modprobe.d/usb-storage.conf
printf 'root\n' > /etc/cron.allow && chmod 640 /etc/cron.allow
cat > /etc/sysctl.d/90-security.conf <<'END'
kernel.randomize_va_space = 2
kernel.dmesg_restrict = 1
kernel.kptr_restrict = 2
fs.protected_hardlinks = 1
fs.protected_symlinks = 1
fs.suid_dumpable = 0
net.ipv4.tcp_syncookies = 1
net.ipv4.conf.all.accept_redirects = 0
net.ipv4.conf.all.send_redirects = 0
net.ipv4.conf.all.accept_source_route = 0
net.ipv4.icmp_echo_ignore_broadcasts = 1
net.ipv4.conf.all.log_martians = 1
net.ipv4.conf.all.rp_filter = 1
kernel.yama.ptrace_scope = 1
fs.protected_regular = 2
kernel.unprivileged_bpf_disabled = 1
END
mkdir -p /etc/keys && head -c 64 /dev/urandom > /etc/keys/data.key && chmod 400 /etc/keys/data.key
printf 'data UUID=00000000-0000-0000-0000-000000000001 /etc/keys/data.key luks\n' > /etc/crypttab

# Audit, logs, time
cat > /etc/audit/rules.d/60-hardened.rules <<'END'
-w /etc/passwd -p wa -k identity
-w /etc/shadow -p wa -k identity
-w /etc/group -p wa -k identity
-w /etc/sudoers -p wa -k scope
-a always,exit -F arch=b64 -S adjtimex,settimeofday,clock_settime -k time
-a always,exit -F arch=b64 -S init_module,delete_module -k modules
-e 2
END
sed -i -E 's/^(disk_full_action).*/\1 = HALT/; s/^(max_log_file_action).*/\1 = keep_logs/' /etc/audit/auditd.conf
printf '*.* action(type="omfwd" target="10.1.0.9" port="6514" protocol="tcp")\n' > /etc/rsyslog.d/forward.conf
sed -i -E 's/rotate [0-9]+/rotate 27/' /etc/logrotate.d/rsyslog
touch /var/log/auth.log /var/log/syslog && chmod 640 /var/log/auth.log /var/log/syslog
printf 'server 10.1.0.8 iburst\ndriftfile /var/lib/chrony/chrony.drift\n' > /etc/chrony/chrony.conf

# Updates, integrity, backup, malware
apt-get -qq update && apt-get -qq -y upgrade > /dev/null
printf '/etc/ssh R\ndatabase_out=file:/var/lib/aide/aide.db\n' > /root/aide-small.conf
aide --config=/root/aide-small.conf --init > /dev/null && chmod 600 /var/lib/aide/aide.db
mkdir -p /var/log/aide && aide --config=/root/aide-small.conf --before='database_in=file:/var/lib/aide/aide.db' --check > /var/log/aide/aide.log || true
export BORG_PASSPHRASE=not-shown HOME=/root
borg init --encryption=repokey /var/backups/borg 2> /dev/null
borg create /var/backups/borg::first /etc/ssh
printf '30 1 * * * root /usr/bin/borg create /var/backups/borg::{now} /srv\n' > /etc/cron.d/backup
dpkg-query -W -f '${Package}\n' > /tmp/packages && mkdir -p /etc/yiwang && mv /tmp/packages /etc/yiwang/packages
# The signatures themselves are not Debian's to give: a header as ClamAV writes it.
printf 'ClamAV-VDB:%s +0000:27800:1:90:x:y:z:1\n' "$(date -u '+%d %b %Y %H-%M')" > /var/lib/clamav/daily.cvd

# Databases and web servers
printf "log_connections = on\nssl = on\n" > /etc/postgresql/15/main/conf.d/hardened.conf
printf 'requirepass not-shown\n' >> /etc/redis/redis.conf
printf 'rouser monitor authpriv\n' > /etc/snmp/snmpd.conf
openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj /CN=hall.example -keyout /etc/ssl/private/hall.key -out /etc/ssl/certs/hall.pem 2> /dev/null
chmod 600 /etc/ssl/private/hall.key
cat > /etc/mysql/mariadb.conf.d/90-hardened.cnf <<'END'
[mariadbd]
local-infile = 0
require_secure_transport = ON
ssl_cert = /etc/ssl/certs/hall.pem
ssl_key = /etc/ssl/private/hall.key
plugin_load_add = server_audit
server_audit_logging = ON
plugin_load_add = simple_password_check
simple_password_check_minimal_length = 10
END
sed -i -E 's/ssl_protocols .*;/ssl_protocols TLSv1.2 TLSv1.3;/; s/# server_tokens off;/server_tokens off;/' /etc/nginx/nginx.conf
cat > /etc/nginx/sites-available/default <<'END'
server {
  listen 80 default_server;
  return 301 https://$host$request_uri;
}
server {
  listen 443 ssl;
  server_name hall.example;
  ssl_certificate /etc/ssl/certs/hall.pem;
  ssl_certificate_key /etc/ssl/private/hall.key;
  root /var/www/html;
}
END
a2enmod -q ssl && a2dismod -q -f autoindex
sed -i -E 's/^( *SSLProtocol).*/\1 -all +TLSv1.2 +TLSv1.3/' /etc/apache2/mods-available/ssl.conf
sed -i -E 's/^(ServerTokens).*/\1 Prod/; s/^(TraceEnable).*/\1 Off/' /etc/apache2/conf-available/security.conf

# What the programs themselves say of this
visudo -cq
mkdir -p /run/sshd && sshd -t
nginx -t -q
apache2ctl configtest 2> /dev/null
rsyslogd -N1 2> /dev/null
