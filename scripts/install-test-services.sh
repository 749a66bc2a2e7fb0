#!/usr/bin/env bash
# Installs the programs that the suites compare with and run against (Debian packages). Needs root.
set -euo pipefail
packages=(
  fping iputils-ping iproute2 traceroute nmap snmp snmpd nginx-light prometheus
  prometheus-alertmanager systemd bind9-dnsutils
  curl openssl strace procps util-linux python3 chrony openssh-client openssh-server openjdk-17-jdk-headless
  qemu-system-x86 busybox-static cpio linux-image-amd64
  libreoffice-calc libreoffice-writer poppler-utils fonts-noto-cjk rsyslog rsyslog-gnutls
)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ "${#missing[@]}" -eq 0 ] && exit 0
export DEBIAN_FRONTEND=noninteractive
# Daemons are started by the suites themselves, privately; the packages must not start theirs.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get update -q
apt-get install -q -y --no-install-recommends "${missing[@]}"
