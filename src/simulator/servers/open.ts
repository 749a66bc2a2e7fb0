import type { TargetId } from '../../core/target.ts'
import type { Carrier } from '../carrier.ts'
import type { Identity } from '../certificate.ts'
import type { Credentials } from '../credentials.ts'
import type { Service } from '../service.ts'
import { dnsServer, silentDnsServer } from './dns.ts'
import { httpServer, httpsServer } from './http.ts'
import type { Listener, Place } from './listener.ts'
import { snmpAgent } from './snmp.ts'
import { closed, database, garbage, management } from './tcp.ts'

/** What the services of one simulator share. */
export interface Means {
  /** Certificates of the HTTPS servers, by service. They stay the same when a server comes back. */
  readonly identities: ReadonlyMap<TargetId, Identity>
  readonly credentials: Credentials
  readonly carrier: Carrier
}

const required = <Value>(value: Value | undefined, what: string): Value => {
  if (value === undefined) throw new Error(`the simulator has no ${what}`)
  return value
}

/** Opens a service at its address. Rejects with the system's error (`EADDRINUSE`). */
export const openService = (service: Service, port: number, means: Means): Promise<Listener> => {
  const { name, behaviour, address } = service
  const place: Place = { address, port }
  switch (behaviour.kind) {
    case 'management':
      return management(place)
    case 'database':
      return database(place)
    case 'closed':
      return closed(place)
    case 'garbage':
      return garbage(place)
    case 'http':
      return httpServer(name, behaviour.answer, place)
    case 'https':
      return httpsServer(
        { name, answer: behaviour.answer },
        required(means.identities.get(service.id), `certificate of ${service.id}`),
        place,
      )
    case 'dns':
      return dnsServer(behaviour.zone, place)
    case 'dns-silent':
      return silentDnsServer(place)
    case 'snmp': {
      const credential = required(means.credentials[behaviour.credential], behaviour.credential)
      return snmpAgent({ ...service, behaviour }, credential, means.carrier, place)
    }
  }
}
