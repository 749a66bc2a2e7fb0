#!/bin/sh
# Runs yiwang, lynis and OpenSCAP inside one Debian 11 root and leaves what they print, for `compare.ts FOLDER`.
# Usage, as root: compare.sh FOLDER    (needs mmdebstrap, openscap-scanner, ssg-debian, time, a Debian mirror)
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
