import type { Kind, Probe } from '../src/core/probe.ts'
import { dns } from './dns/index.ts'
import { host } from './host/index.ts'
import { httpAudit } from './http-audit/index.ts'
import { http } from './http/index.ts'
import { icmp } from './icmp/index.ts'
import { ipv6Ready } from './ipv6-ready/index.ts'
import { links } from './links/index.ts'
import { ntp } from './ntp/index.ts'
import { page } from './page/index.ts'
import { path } from './path/index.ts'
import { ports } from './ports/index.ts'
import { snmp } from './snmp/index.ts'
import { snmpTrap } from './snmp/trap/index.ts'
import { ssh } from './ssh/index.ts'
import { tcp } from './tcp.ts'
import { tls } from './tls.ts'
import { tlsAudit } from './tls-audit/index.ts'

/** The registry: the one list of kinds that are run. Everything else is derived from it. */
export const probes: readonly Probe[] = [
  icmp,
  tcp,
  tls,
  http,
  dns,
  snmp,
  ntp,
  ssh,
  ports,
  path,
  host,
  httpAudit,
  page,
  links,
  ipv6Ready,
  tlsAudit,
]

export const probeByKind: ReadonlyMap<string, Probe> = new Map(probes.map((probe) => [probe.kind, probe]))

/** Kinds that listen. */
export const listeners: readonly Kind[] = [snmpTrap]

export const kinds: readonly Kind[] = [...probes, ...listeners]

export const kindByName: ReadonlyMap<string, Kind> = new Map(kinds.map((each) => [each.kind, each]))
