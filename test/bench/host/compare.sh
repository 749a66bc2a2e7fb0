#!/bin/sh
# Runs yiwang, lynis and OpenSCAP inside one Debian 11 root and leaves what they print, for `compare.ts FOLDER`.
# With the roots of make-roots.sh as well, the two that know Debian 12 look at the hardened one while its services run.
# Usage, as root: compare.sh FOLDER [ROOTS]    (needs mmdebstrap, openscap-scanner, ssg-debian, time, a Debian mirror)
# Debian 11 has no openscap-scanner: Debian 12's runs inside the root with libraries of its own.
set -eu
folder=$1
project=$(readlink -f "$(dirname "$(readlink -f "$0")")/../../..")
root=$folder/debian11
mkdir -p "$folder"
[ -d "$root" ] ||
  mmdebstrap --quiet --variant=important --aptopt='APT::Install-Recommends "false"' \
    --include=openssh-server,sudo,ca-certificates,rsyslog,auditd,chrony,lynis,libpam-pwquality,nftables,cron,logrotate,time,aide-common,apparmor \
    bullseye "$root" 'deb http://deb.debian.org/debian bullseye main'

own=$root/opt/oscap
mkdir -p "$own/lib" "$root/usr/share/xml/scap" "$root/opt/yiwang"
cp -L /usr/bin/oscap "$own/"
ldd /usr/bin/oscap | awk '$3 ~ /^\// { print $3 }' | xargs -I{} cp -L {} "$own/lib/"
cp -L /lib64/ld-linux-x86-64.so.2 "$own/lib/"
cp -a /usr/share/openscap "$root/usr/share/"
cp -a /usr/share/xml/scap/ssg "$root/usr/share/xml/scap/"

# Three times each: the table takes the middle one.
inside() {
  name=$1
  shift
  for round in 1 2 3; do
    unshare --mount --pid --fork --kill-child sh -c '
      root=$1 project=$2; shift 2
      mount --bind "$project" "$root/opt/yiwang"
      mount -t proc proc "$root/proc"; mount -t sysfs sysfs "$root/sys"; mount --rbind /dev "$root/dev"
      exec /usr/bin/time -f "%e %M" -o "'"$folder/$name.$round.time"'" chroot "$root" env HOME=/root "$@"' \
      sh "$root" "$project" "$@" > "$folder/$name.txt" 2> "$folder/$name.err" || true
  done
}

inside yiwang /opt/yiwang/bin/yiwang host check --json
inside lynis lynis audit system --no-colors --quick
cp "$root/var/log/lynis.log" "$folder/lynis.log"
for profile in standard anssi_np_nt28_restrictive anssi_np_nt28_high; do
  inside "oscap-$profile" /opt/oscap/lib/ld-linux-x86-64.so.2 --library-path /opt/oscap/lib /opt/oscap/oscap \
    xccdf eval --profile "xccdf_org.ssgproject.content_profile_$profile" \
    /usr/share/xml/scap/ssg/content/ssg-debian11-ds.xml
done

# An overlay takes what the services write.
[ -z "${2:-}" ] || unshare --mount --net --pid --fork --kill-child sh -c '
  lower=$1 project=$2 folder=$3 own=$(mktemp -d)
  mount -t tmpfs none "$own"; mkdir "$own/up" "$own/work" "$own/root"
  mount -t overlay overlay -o "lowerdir=$lower,upperdir=$own/up,workdir=$own/work" "$own/root"
  root=$own/root; mkdir -p "$root/opt/yiwang"
  mount --bind "$project" "$root/opt/yiwang"
  mount -t proc proc "$root/proc"; mount -t sysfs sysfs "$root/sys"; mount --rbind /dev "$root/dev"
  ip link set lo up
  chroot "$root" sh -c "mkdir -p /run/sshd; /usr/sbin/sshd; nft -f /etc/nftables.conf; nginx; rsyslogd; service redis-server start; service mariadb start; service postgresql start; service snmpd start" > /dev/null 2>&1
  chroot "$root" env HOME=/root /opt/yiwang/bin/yiwang host check --json > "$folder/yiwang-12.txt" || true
  chroot "$root" lynis audit system --no-colors --quick > "$folder/lynis-12.txt" 2>&1 || true
  cp "$root/var/log/lynis.log" "$folder/lynis-12.log"
' sh "$(readlink -f "$2")/hardened" "$project" "$folder"
