import { readFile } from 'node:fs/promises'
import { EnvironmentFault } from '../core/fault.ts'

/** Reads a file of PEM. Rejects with `EnvironmentFault` FILE_UNREADABLE. */
export const readPem = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new EnvironmentFault('FILE_UNREADABLE', `${file}: cannot be read`, { cause })
  }
}

export interface TlsFiles {
  readonly certificate: string
  readonly key: string
  readonly clientCa?: string | undefined
}

/** Reads certificate, key and the authority of clients that a section of the configuration names. */
export const readTls = async ({ certificate, key, clientCa }: TlsFiles) => ({
  certificate: await readPem(certificate),
  key: await readPem(key),
  ...(clientCa !== undefined && { clientCa: await readPem(clientCa) }),
})
