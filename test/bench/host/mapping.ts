import { items, type ItemId } from '../../../src/agent/host/items.ts'

/** What a test of another program speaks to, by the fact that it looks at. */
export interface Mapped {
  readonly items: readonly ItemId[]
  /** Ids of lynis 3.0.8's or 3.0.2's tests, with the words that their log must hold where a test looks at more than one thing. */
  readonly lynis?: readonly (readonly [test: string, words?: RegExp])[]
  /** Rules of scap-security-guide 0.1.65 for Debian 11. */
  readonly ssg?: readonly string[]
}

/**
 * Written by reading what each test prints and which fact it looks at. A test speaks to an item where an assessor
 * could hold that fact against the item or for it: `telnetd is not installed` does, `/etc/sudoers exists` does not.
 */
export const mapping: readonly Mapped[] = [
  {
    items: items.identification,
    lynis: [
      ['AUTH-9308'],
      ['BOOT-5260'],
      ['AUTH-9208'],
      ['AUTH-9228'],
      ['AUTH-9229'],
      ['AUTH-9230'],
      ['AUTH-9240'],
      ['AUTH-9242'],
      ['AUTH-9262'],
      ['AUTH-9282'],
      ['AUTH-9283'],
      ['AUTH-9286'],
      ['AUTH-9288'],
      ['DBS-1816'],
      ['DBS-1884'],
    ],
    ssg: ['sshd_disable_empty_passwords'],
  },
  {
    items: items.failedLogins,
    lynis: [
      ['DEB-0880'],
      ['AUTH-9408'],
      ['SHLL-6220'],
      ['SSH-7408', /Option (?:MaxAuthTries|ClientAlive\w+|LoginGraceTime) found/iu],
    ],
    ssg: ['sshd_set_keepalive_0', 'sshd_set_idle_timeout'],
  },
  {
    items: items.remoteSecrecy,
    lynis: [['INSE-8322'], ['INSE-8304']],
    ssg: [
      'package_telnetd_removed',
      'package_telnetd-ssl_removed',
      'package_inetutils-telnetd_removed',
      'sshd_allow_only_protocol2',
    ],
  },
  {
    items: items.permissions,
    lynis: [
      ['AUTH-9216'],
      ['BOOT-5184'],
      ['SCHD-7704'],
      ['AUTH-9222'],
      ['AUTH-9226'],
      ['AUTH-9252'],
      ['AUTH-9328'],
      ['SHLL-6230'],
      ['FILE-6362'],
      ['FILE-6363'],
      ['FILE-7524'],
      ['HOME-9304'],
      ['HOME-9306'],
    ],
    ssg: ['owner', 'groupowner', 'permissions'].flatMap((what) =>
      ['group', 'gshadow', 'passwd', 'shadow'].map((file) => `file_${what}_etc_${file}`),
    ),
  },
  { items: items.defaultAccounts, lynis: [['SNMP-3306']] },
  { items: items.sharedAccounts, lynis: [['AUTH-9204'], ['AUTH-9208'], ['AUTH-9284']] },
  {
    items: items.leastPrivilege,
    lynis: [
      ['DBS-1886'],
      ['FILE-6344'],
      ['FILE-6374'],
      ['AUTH-9204'],
      ['AUTH-9252'],
      ['SSH-7408', /Option PermitRootLogin found/iu],
      ['KRNL-6000', /sysctl key (?:kernel\.(?:dmesg_restrict|kptr_restrict)|fs\.protected_\w+)/u],
    ],
    ssg: [
      'sudo_remove_no_authenticate',
      'sudo_remove_nopasswd',
      'sshd_disable_root_login',
      'sysctl_fs_protected_hardlinks',
      'sysctl_fs_protected_symlinks',
    ],
  },
  { items: items.mandatoryAccess, lynis: [['MACF-6208'], ['MACF-6234'], ['MACF-6290']] },
  {
    items: items.auditEnabled,
    lynis: [
      ['ACCT-9622'],
      ['HTTP-6720'],
      ['ACCT-9628'],
      ['ACCT-9630'],
      ['LOGG-2130'],
      ['HTTP-6712'],
      ['SSH-7408', /Option LogLevel found/iu],
      ['KRNL-6000', /sysctl key net\.ipv4\.conf\.all\.log_martians/u],
    ],
    ssg: [
      'package_audit_installed',
      'service_auditd_enabled',
      'package_rsyslog_installed',
      'service_rsyslog_enabled',
    ],
  },
  {
    items: items.auditContent,
    lynis: [['TIME-3104']],
    ssg: ['package_ntp_installed', 'service_ntp_enabled'],
  },
  {
    items: items.auditProtection,
    lynis: [['LOGG-2146'], ['LOGG-2148'], ['LOGG-2154'], ['LOGG-2170']],
    ssg: [
      'ensure_logrotate_activated',
      'rsyslog_files_ownership',
      'rsyslog_files_groupownership',
      'rsyslog_files_permissions',
      'partition_for_var_log',
      'partition_for_var_log_audit',
    ],
  },
  { items: items.auditProcess, lynis: [['ACCT-9632']] },
  {
    items: items.minimalInstallation,
    lynis: [
      ['HRDN-7222'],
      ['INSE-8300'],
      ['INSE-8310'],
      ['INSE-8314'],
      ['INSE-8318'],
      ['HRDN-7220'],
      ['INSE-8000'],
      ['INSE-8100'],
      ['INSE-8304'],
      ['INSE-8316'],
      ['INSE-8320'],
      ['INSE-8322'],
    ],
    ssg: ['package_nis_removed', 'package_ntpdate_removed', 'package_telnetd_removed'],
  },
  {
    items: items.unneededServices,
    lynis: [
      ['NAME-4304'],
      ['INSE-8000'],
      ['INSE-8100'],
      ['INSE-8304'],
      ['INSE-8316'],
      ['INSE-8320'],
      ['INSE-8322'],
      ['NETW-3012'],
      ['NETW-3200'],
      ['SSH-7408', /Option X11Forwarding found/iu],
      ['KRNL-6000', /sysctl key net\.ipv4\.conf\.all\.(?:accept|send)_\w+/u],
    ],
    ssg: ['package_nis_removed', 'package_telnetd_removed', 'package_inetutils-telnetd_removed'],
  },
  {
    items: items.sourceAddresses,
    lynis: [['FIRE-4512'], ['FIRE-4540'], ['FIRE-4590'], ['SSH-7440'], ['DBS-1888']],
  },
  {
    items: items.vulnerabilities,
    lynis: [
      ['PKGS-7394'],
      ['PKGS-7388'],
      ['PKGS-7392'],
      ['PKGS-7420'],
      ['KRNL-5788'],
      ['KRNL-5830'],
      ['KRNL-6000', /sysctl key kernel\.randomize_va_space/u],
    ],
    ssg: [
      'apt_conf_disallow_unauthenticated',
      'apt_sources_list_official',
      'sysctl_kernel_randomize_va_space',
    ],
  },
  {
    items: items.intrusionAlarm,
    lynis: [
      ['TOOL-5120'],
      ['TOOL-5126'],
      ['TOOL-5130'],
      ['FINT-4316'],
      ['FINT-4350'],
      ['TOOL-5102'],
      ['TOOL-5190'],
    ],
  },
  {
    items: items.malware,
    lynis: [
      ['MALW-3275'],
      ['MALW-3276'],
      ['MALW-3278'],
      ['MALW-3280'],
      ['MALW-3282'],
      ['MALW-3284'],
      ['HRDN-7230'],
    ],
  },
  { items: items.malwareSignatures, lynis: [['MALW-3286']] },
  { items: items.trustedBoot, lynis: [['BOOT-5116']] },
  { items: [...items.transferIntegrity, ...items.transferSecrecy], lynis: [['CRYP-7902'], ['HTTP-6710']] },
  {
    items: items.storageIntegrity,
    lynis: [['PKGS-7370'], ['DEB-0875'], ['FINT-4316'], ['FINT-4350'], ['FINT-4402']],
  },
  { items: items.storageSecrecy, lynis: [['CRYP-7930'], ['AUTH-9229']] },
  {
    items: items.residualSecrets,
    lynis: [['KRNL-5820'], ['CRYP-8006'], ['KRNL-6000', /sysctl key fs\.suid_dumpable/u]],
    ssg: ['sysctl_fs_suid_dumpable'],
  },
  { items: items.removableMedia, lynis: [['USB-1000'], ['USB-2000'], ['USB-3000'], ['STRG-1846']] },
  { items: items.centralLogs, lynis: [['LOGG-2154']] },
]
