import { z } from 'zod'

/** Marks a string as a file path: relative ones are taken from the folder of the file that names them. */
export const file = z.string().min(1, 'expected a file path').meta({ format: 'path' })

export const section = <Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodPrefault<z.ZodReadonly<z.ZodObject<Shape, z.core.$strict>>> =>
  z
    .strictObject(shape)
    .readonly()
    .prefault({} as never)

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/u

const listenAddress = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^:[\]\s]+)):(?<port>\d{1,5})$/u

/** Where a server listens. Port 0 lets the system choose. */
export interface Listen {
  readonly host: string
  readonly port: number
  readonly isLoopback: boolean
}

export const listen = z
  .string()
  .transform((text, context): Listen => {
    const { v6, host = v6, port } = listenAddress.exec(text)?.groups ?? {}
    if (host !== undefined && Number(port) <= 65_535)
      return Object.freeze({ host, port: Number(port), isLoopback: loopback.test(host) })
    context.issues.push({ code: 'custom', message: 'expected host:port or [IPv6]:port', input: text })
    return z.NEVER
  })
  .readonly()

/** https, or http on this machine; without user and password. */
export const isSafeUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && loopback.test(hostname.replaceAll(/[[\]]/gu, '')))
}

const suggestion = 'turn TLS on there, or name a TLS proxy in front of it'

/** Where secrets and what is wrong here are sent: never in the clear to another machine. */
export const safeUrl = z.string().refine(isSafeUrl, {
  error: 'expected an https:// address without user and password (http:// only on loopback)',
  params: { suggestion },
})

/** The same, and not in the clear on this machine either. */
export const httpsUrl = z.string().refine((text) => isSafeUrl(text) && text.startsWith('https:'), {
  error: 'expected an https:// address without user and password',
  params: { suggestion },
})

export const tlsFiles = z.strictObject({
  certificate: file.describe('certificate chain (PEM)'),
  key: file.describe('private key (PEM)'),
  clientCa: file.optional().describe('accept clients whose certificate this authority signed (PEM)'),
})

/** How credentials and channels are named. */
export const credentialName = /^[a-z0-9][a-z0-9._-]{0,63}$/u
export const nameRule = 'expected a name of up to 64 of a-z, 0-9, dot, underscore and hyphen'
