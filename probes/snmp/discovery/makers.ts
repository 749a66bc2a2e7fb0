/**
 * Makers by the enterprise number in sysObjectID (IANA, Private Enterprise Numbers), as the inventory names them.
 * Only those that are usual on an extranet; Net-SNMP (8072) is a program on machines of any maker, and not one of them.
 */
const makers: ReadonlyMap<number, string> = new Map([
  [9, 'Cisco'],
  [11, 'HP'],
  [311, 'Microsoft'],
  [318, 'APC'],
  [674, 'Dell'],
  [2011, '华为'],
  [2636, 'Juniper'],
  [3375, 'F5'],
  [3807, '烽火'],
  [3902, '中兴'],
  [4881, '锐捷'],
  [5651, '迈普'],
  [6339, '神州数码'],
  [6876, 'VMware'],
  [12356, 'Fortinet'],
  [14331, '天融信'],
  [14823, 'Aruba'],
  [14988, 'MikroTik'],
  [15227, '启明星辰'],
  [19849, '绿盟'],
  [25461, 'Palo Alto'],
  [25506, '新华三'],
  [28557, '山石网科'],
  [31648, '迪普'],
  [35047, '深信服'],
  [39165, '海康威视'],
])

const enterprises = '1.3.6.1.4.1.'

/** Whose device a sysObjectID is, as far as the table knows. */
export const makerOf = (sysObjectId: string | undefined): string | undefined =>
  sysObjectId?.startsWith(enterprises)
    ? makers.get(Number.parseInt(sysObjectId.slice(enterprises.length), 10))
    : undefined
