import type { Probe } from '../src/core/probe.ts'
import { snmp } from './snmp/index.ts'
import { tcp } from './tcp.ts'

/** The registry: the one list of probe kinds. Everything else is derived from it. */
export const probes: readonly Probe[] = [tcp, snmp]

export const probeByKind: ReadonlyMap<string, Probe> = new Map(probes.map((probe) => [probe.kind, probe]))
