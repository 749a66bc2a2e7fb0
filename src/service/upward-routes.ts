import { type Config, type CredentialResolver, readPrivateFile } from '../config/index.ts'
import type {
  Destination,
  FileDestination,
  HttpsDestination,
  SyslogDestination,
} from '../config/upward-settings.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'
import type { Send } from '../security/upward/courier.ts'
import { cefOf } from '../security/upward/forms/cef.ts'
import { jsonBody } from '../security/upward/forms/json.ts'
import { syslogOf } from '../security/upward/forms/syslog.ts'
import { xmlOf } from '../security/upward/forms/xml.ts'
import { type Mapping, readMapping, shippedMapping } from '../security/upward/mapping.ts'
import type { Message } from '../security/upward/message.ts'
import { present, type Presenting } from '../security/upward/present.ts'
import { fileSender } from '../security/upward/transports/file.ts'
import { httpsSender } from '../security/upward/transports/https.ts'
import { syslogSender } from '../security/upward/transports/syslog.ts'
import { credentialFinder, type FindCredential } from './credentials.ts'
import { readPem } from './tls-files.ts'
import { version } from './version.ts'

export const upwardGuide = 'docs/upward.md'

/** A destination of the configuration, ready to be sent to. Its connections are closed when it is disposed. */
export interface ReadyDestination extends Disposable {
  readonly name: string
  readonly destination: Destination
  readonly send: Send
  /** What a message is there, as text. */
  readonly write: (message: Message) => string
}

type Ready = Pick<ReadyDestination, 'send' | 'write'> & Partial<Disposable>

const keyOf = (file: string): string => {
  const key = readPrivateFile(file)
  if (key === undefined) throw new EnvironmentFault('FILE_UNREADABLE', `${file}: there is no such key`)
  return key
}

const materialOf = async ({ certificate, key, ca }: HttpsDestination | SyslogDestination) => ({
  identity: { certificate: await readPem(certificate), key: keyOf(key) },
  ca: ca === undefined ? undefined : await readPem(ca),
})

interface Means extends Presenting {
  readonly source: string
}

const readyHttps = async (
  destination: HttpsDestination,
  means: Means,
  token: string | undefined,
): Promise<Ready> => {
  const { url, timeoutSeconds } = destination
  const own = { ...means, url: new URL(url), timeoutSeconds, token, ...(await materialOf(destination)) }
  return {
    ...httpsSender(own),
    write: (message) => jsonBody([present(message, means)], means.source),
  }
}

const readySyslog = async (destination: SyslogDestination, means: Means): Promise<Ready> => {
  const { host, port, serverName, form, timeoutSeconds } = destination
  const own = {
    ...means,
    ...{ host, port, serverName, timeoutSeconds, ...(await materialOf(destination)) },
    ...(form === 'cef' && { say: (presented: Parameters<typeof cefOf>[0]) => cefOf(presented, version) }),
  }
  return { send: syslogSender(own), write: (message) => syslogOf(present(message, own), own) }
}

const readyFile = ({ folder, form }: FileDestination, means: Means): Ready => {
  const write = (message: Message): string => {
    const presented = present(message, means)
    return form === 'xml' ? xmlOf(presented, means.source) : `${cefOf(presented, version)}\n`
  }
  return { send: fileSender({ folder, extension: form, write }), write }
}

const mappingOf = (destination: Destination): Mapping => {
  if (destination.mapping !== undefined) return readMapping(destination.mapping)
  return shippedMapping('form' in destination && destination.form === 'cef' ? 'cef' : 'plain')
}

const checkKinds = (where: string, { kinds, mapping: file }: Destination, mapping: Mapping): void => {
  const missing = kinds.filter((kind) => mapping.kinds[kind] === undefined)
  if (missing.length === 0) return
  throw new UsageFault([
    {
      where: `${where}.kinds`,
      message: `expected kinds that ${file ?? 'the mapping'} has, got ${missing.join(', ')} besides`,
      suggestion: 'describe them in the mapping, or take them out of kinds',
    },
  ])
}

const ready = async (
  name: string,
  destination: Destination,
  config: Config,
  find: FindCredential,
): Promise<Ready> => {
  const where = `upward.destinations.${name}`
  const mapping = mappingOf(destination)
  checkKinds(where, destination, mapping)
  const means = { mapping, timezone: config.timezone, source: config.upward.source }
  switch (destination.kind) {
    case 'https': {
      const { credential } = destination
      const token =
        credential === undefined ? undefined : find(`${where}.credential`, credential, 'bearer')?.token
      return readyHttps(destination, means, token)
    }
    case 'syslog':
      return readySyslog(destination, means)
    case 'file':
      return readyFile(destination, means)
  }
}

/** The destinations of the configuration, ready. Rejects with `UsageFault` or `EnvironmentFault` FILE_UNREADABLE. */
export const readyDestinations = async (
  config: Config,
  resolve: CredentialResolver,
): Promise<readonly ReadyDestination[]> => {
  const { problems, find } = credentialFinder(resolve, upwardGuide)
  const all = await Promise.all(
    Object.entries(config.upward.destinations).map(async ([name, destination]) => {
      const one = await ready(name, destination, config, find)
      return { name, destination, [Symbol.dispose]: () => undefined, ...one }
    }),
  )
  if (problems.length > 0) throw new UsageFault(problems)
  return all
}
