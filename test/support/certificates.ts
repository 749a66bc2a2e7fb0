import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface KeyPair {
  /** PEM; of a leaf that a CA issued: the leaf alone. */
  readonly cert: string
  readonly key: string
}

export interface CertificateRequest {
  readonly commonName: string
  /** OpenSSL's form: `DNS:a.example,IP:127.0.0.1`. */
  readonly names?: string
  readonly key?: 'ec' | 'rsa'
  /** Days from now; negative: in the past. */
  readonly fromDays?: number
  readonly toDays?: number
  readonly isAuthority?: boolean
}

/** A folder in which the `openssl` program issues certificates; gone when disposed. */
export interface CertificateWorkshop extends AsyncDisposable {
  readonly folder: string
  /** Signed by `issuer`, or by itself where none is given. */
  readonly issue: (request: CertificateRequest, issuer?: KeyPair) => Promise<KeyPair>
}

const config = (folder: string): string => `
[ca]
default_ca = own
[own]
database = ${folder}/index.txt
new_certs_dir = ${folder}
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`

const day = 86_400_000
const asn1Time = (days: number): string =>
  `${new Date(Date.now() + days * day).toISOString().replaceAll(/[-:T]/gu, '').slice(0, 14)}Z`

const keyArguments = {
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
  rsa: ['-newkey', 'rsa:2048'],
} as const

const extensions = ({ names, isAuthority = false }: CertificateRequest): string =>
  [
    `basicConstraints=critical,CA:${isAuthority ? 'TRUE' : 'FALSE'}`,
    ...(names === undefined ? [] : [`subjectAltName=${names}`]),
  ].join('\n')

/** Needs the `openssl` program. */
export const certificateWorkshop = async (): Promise<CertificateWorkshop> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'yiwang-certificates-'))
  const issue = async (request: CertificateRequest, issuer?: KeyPair): Promise<KeyPair> => {
    // One folder each: `openssl ca` keeps a database that two at once would break.
    const own = await mkdtemp(path.join(folder, 'issue-'))
    const at = (name: string): string => path.join(own, name)
    await writeFile(at('ca.cnf'), config(own))
    await writeFile(at('index.txt'), '')
    await writeFile(at('extensions'), extensions(request))
    if (issuer !== undefined) await writeFile(at('issuer'), issuer.cert + issuer.key)
    await run('openssl', [
      ...['req', '-new', '-nodes', '-subj', `/CN=${request.commonName}`],
      ...['-keyout', at('key'), '-out', at('csr')],
      ...keyArguments[request.key ?? 'ec'],
    ])
    await run('openssl', [
      ...['ca', '-batch', '-notext', '-config', at('ca.cnf')],
      ...['-in', at('csr'), '-out', at('crt'), '-extfile', at('extensions')],
      ...['-startdate', asn1Time(request.fromDays ?? -1), '-enddate', asn1Time(request.toDays ?? 365)],
      ...(issuer === undefined
        ? ['-selfsign', '-keyfile', at('key')]
        : ['-cert', at('issuer'), '-keyfile', at('issuer')]),
    ])
    return { cert: await readFile(at('crt'), 'utf8'), key: await readFile(at('key'), 'utf8') }
  }
  return {
    folder,
    issue,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
