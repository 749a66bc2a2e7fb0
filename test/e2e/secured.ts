import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { certificateWorkshop } from '../support/certificates.ts'

/** A configuration, by which a collector listens with TLS and a token, and what its readers need. */
export interface Secured {
  readonly url: string
  /** `--config` and `--data` of a data folder with that name. */
  readonly dataOf: (name: string) => readonly string[]
  /** Of `agent enroll`. */
  readonly collectorFlags: readonly string[]
  /** Arguments with which `curl` reads the metrics. */
  readonly curl: readonly string[]
}

const token = 'a-token-of-the-collector'

const writeIdentity = async (folder: string, address: string): Promise<void> => {
  await using workshop = await certificateWorkshop()
  const authority = await workshop.issue({ commonName: 'an authority', isAuthority: true })
  const own = await workshop.issue({ commonName: 'collector', names: `IP:${address}` }, authority)
  await writeFile(path.join(folder, 'ca.pem'), authority.cert)
  await writeFile(path.join(folder, 'own.pem'), own.cert)
  await writeFile(path.join(folder, 'own.key'), own.key, { mode: 0o600 })
  await writeFile(path.join(folder, 'token'), token, { mode: 0o600 })
}

const configuration = (folder: string, address: string, silentAfterSeconds: number): object => ({
  probing: { icmp: { intervalSeconds: 1, count: 1, packetTimeoutSeconds: 0.5 } },
  agent: { ca: path.join(folder, 'ca.pem') },
  collector: {
    listen: `${address}:9410`,
    tls: { certificate: path.join(folder, 'own.pem'), key: path.join(folder, 'own.key') },
    metricsTokenFile: path.join(folder, 'token'),
    heartbeatSeconds: 1,
    silentAfterSeconds,
  },
})

/** Writes what a collector at this address and its agents share; everything is looked at once a second. */
export const writeSecured = async (
  folder: string,
  address: string,
  silentAfterSeconds: number,
): Promise<Secured> => {
  const config = path.join(folder, 'yiwang.yaml')
  const ca = path.join(folder, 'ca.pem')
  const url = `https://${address}:9410`
  await writeIdentity(folder, address)
  await writeFile(config, JSON.stringify(configuration(folder, address, silentAfterSeconds)))
  return {
    url,
    dataOf: (name) => ['--config', config, '--data', path.join(folder, name)],
    collectorFlags: ['--collector', url, '--ca', ca],
    curl: ['--silent', '--fail', '--cacert', ca, '--oauth2-bearer', token, `${url}/metrics`],
  }
}
