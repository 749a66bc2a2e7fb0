#!/bin/sh
# Makes two Debian 12 roots from Debian's packages, for `node test/bench/host.ts`: a plain one and a hardened one.
# Usage, as root: make-roots.sh FOLDER    (some 1.5 GB, three minutes; needs mmdebstrap and a Debian mirror)
set -eu
folder=$1
here=$(dirname "$(readlink -f "$0")")
mkdir -p "$folder"

debian() {
  name=$1
  include=$2
  mmdebstrap --quiet --variant=important --aptopt='APT::Install-Recommends "false"' \
    --include="openssh-server,sudo,ca-certificates$include" bookworm "$folder/$name" - <<SOURCES
deb http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian-security bookworm-security main
SOURCES
}

[ -d "$folder/plain" ] || debian plain ''
[ -d "$folder/services" ] ||
  debian services ,rsyslog,auditd,chrony,aide,aide-common,apparmor,nftables,clamav-freshclam,clamav-daemon,libpam-pwquality,borgbackup,nginx-light,mariadb-server,postgresql,redis-server,apache2,snmpd,cron,logrotate,lynis,openssl
[ -d "$folder/hardened" ] || {
  cp -a "$folder/services" "$folder/hardened.new"
  cp "$here/harden.sh" "$folder/hardened.new/root/harden.sh"
  chroot "$folder/hardened.new" /bin/sh /root/harden.sh
  mv "$folder/hardened.new" "$folder/hardened"
}
