import type { NamedCredential } from '../../probes/snmp/discovery/index.ts'
import type { Credential } from '../core/credential.ts'
import { type Problem, UsageFault } from '../core/fault.ts'

type CredentialOf = (name: string) => Credential | undefined

const read = (name: string, credentialOf: CredentialOf): NamedCredential | Problem => {
  const credential = credentialOf(name)
  const where = '--credential'
  if (credential === undefined)
    return {
      where,
      message: `there is no credential named "${name}" on this machine`,
      suggestion: 'put it into secrets.yaml, mode 0600',
    }
  if (credential.kind !== 'snmp-community' && credential.kind !== 'snmp-user')
    return { where, message: `expected a community or an SNMP user, got another kind: "${name}"` }
  return { name, credential }
}

/**
 * The credentials of these names, those of v3 first: a community is told, in clear, to whatever has the address.
 * Throws one `UsageFault` with all that are missing.
 */
export const readCredentials = (
  names: readonly string[],
  credentialOf: CredentialOf,
): readonly NamedCredential[] => {
  const found = [...new Set(names)].map((name) => read(name, credentialOf))
  const problems = found.filter((each) => 'message' in each)
  if (problems.length > 0) throw new UsageFault(problems)
  const named = found.filter((each) => 'credential' in each)
  const isUser = ({ credential }: NamedCredential): boolean => credential.kind === 'snmp-user'
  return [...named.filter(isUser), ...named.filter((each) => !isUser(each))]
}
