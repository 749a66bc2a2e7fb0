import { type Authority, type Identity, type Validity, createAuthority, selfSigned } from './certificate.ts'
import type { TargetId } from '../core/target.ts'
import type { CertificateState, Service } from './service.ts'

const dayMs = 86_400_000

const validity = (now: number, fromDays: number, toDays: number): Validity => ({
  notBefore: new Date(now + fromDays * dayMs),
  notAfter: new Date(now + toDays * dayMs),
})

/** Days until the certificate that is about to expire does. */
export const expiringDays = 10

/** The simulated city's certificate authority. `now`: milliseconds since the epoch. */
export const cityAuthority = (now: number): Authority =>
  createAuthority('一网模拟根证书', validity(now, -365, 3650))

const identityFor = (
  { name, address }: Service,
  state: CertificateState,
  authority: Authority,
  now: number,
): Identity => {
  const request = { commonName: name, names: [address], validity: validity(now, -30, 365) }
  switch (state) {
    case 'good':
      return authority.issue(request)
    case 'expiring':
      return authority.issue({ ...request, validity: validity(now, -355, expiringDays) })
    case 'expired':
      return authority.issue({ ...request, validity: validity(now, -368, -3) })
    case 'self-signed':
      return selfSigned(request)
    case 'wrong-name':
      return authority.issue({ ...request, names: ['elsewhere.kaifeng.example'] })
  }
}

/** A certificate for every HTTPS service, in the state that its design wants. `now`: milliseconds since the epoch. */
export const issueIdentities = (
  services: readonly Service[],
  authority: Authority,
  now: number,
): ReadonlyMap<TargetId, Identity> =>
  new Map(
    services.flatMap((service) =>
      service.behaviour.kind === 'https'
        ? [[service.id, identityFor(service, service.behaviour.certificate, authority, now)]]
        : [],
    ),
  )
