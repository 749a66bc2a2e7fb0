import type { CredentialResolver } from '../config/index.ts'
import type { Credential } from '../core/credential.ts'
import { type Problem, UsageFault } from '../core/fault.ts'

type Kind<Name extends Credential['kind']> = Extract<Credential, { readonly kind: Name }>

/** Looks a credential up for a setting; undefined where it is not there, which is then among the problems. */
export type FindCredential = <Name extends Credential['kind']>(
  where: string,
  name: string,
  kind: Name,
) => Kind<Name> | undefined

/** Looks credentials up, and collects what is wrong with them. `guide`: where it is written what they are for. */
export const credentialFinder = (
  resolve: CredentialResolver,
  guide: string,
): { readonly problems: Problem[]; readonly find: FindCredential } => {
  const problems: Problem[] = []
  const find: FindCredential = (where, name, kind) => {
    const credential = resolve(name)
    if (credential?.kind === kind) return credential as Kind<typeof kind>
    problems.push({
      where,
      message: `expected a credential of kind ${kind} named "${name}", got ${credential === undefined ? 'none' : `one of kind ${credential.kind}`}`,
      suggestion: `put it into secrets.yaml, mode 0600 (${guide})`,
    })
    return undefined
  }
  return { problems, find }
}

/** The bearer token that a setting names; undefined where it names none. Throws `UsageFault` where it is not there. */
export const tokenNamed = (
  where: string,
  name: string | undefined,
  resolve: CredentialResolver,
  guide: string,
): string | undefined => {
  if (name === undefined) return undefined
  const { problems, find } = credentialFinder(resolve, guide)
  const token = find(where, name, 'bearer')?.token
  if (problems.length > 0) throw new UsageFault(problems)
  return token
}
