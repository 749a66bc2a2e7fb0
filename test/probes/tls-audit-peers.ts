import { execFile, type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { KeyPair } from '../support/certificates.ts'
import { type Peer, closedPort, peer } from '../support/peers.ts'

const run = promisify(execFile)

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** A program that says on which port it listens; `find` reads the port from a line of its output. */
const listener = async (
  command: string,
  args: readonly string[],
  find: RegExp,
  release: () => Promise<void>,
): Promise<Peer> => {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const close = async (): Promise<void> => {
    await ended(child)
    await release()
  }
  for await (const line of createInterface(child.stdout)) {
    const port = find.exec(line)?.[1]
    if (port === undefined) continue
    child.stdout.resume()
    return { address: '127.0.0.1', port: Number(port), [Symbol.asyncDispose]: close }
  }
  await close()
  throw new Error(`${command} ended before it listened`)
}

const folderWith = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'yiwang-tls-audit-'))
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text)
  return folder
}

/** `openssl s_server` with these arguments. */
export const opensslServer = async ({ cert, key }: KeyPair, ...args: readonly string[]): Promise<Peer> => {
  const folder = await folderWith({ cert, key })
  const files = ['-cert', path.join(folder, 'cert'), '-cert_chain', path.join(folder, 'cert')]
  return listener(
    'openssl',
    ['s_server', '-accept', '127.0.0.1:0', ...files, '-key', path.join(folder, 'key'), ...args],
    /^ACCEPT .*:(\d+)$/u,
    () => rm(folder, { recursive: true }),
  )
}

/** nginx with these directives in its server block. */
export const nginxServer = async ({ cert, key }: KeyPair, directives: string): Promise<Peer> => {
  const port = await closedPort()
  const folder = await folderWith({ cert, key })
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const config = `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/log;
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  server {
    listen 127.0.0.1:${String(port)} ssl;
    ssl_certificate ${folder}/cert;
    ssl_certificate_key ${folder}/key;
    ${directives}
  }
}
`
  await writeFile(path.join(folder, 'conf'), config)
  const child = spawn('/usr/sbin/nginx', ['-c', `${folder}/conf`, '-e', `${folder}/log`], { stdio: 'ignore' })
  return {
    ...{ address: '127.0.0.1', port },
    [Symbol.asyncDispose]: async () => {
      await ended(child)
      await rm(folder, { recursive: true })
    },
  }
}

const javaServer = `
import java.io.*; import java.net.InetAddress; import java.security.*; import javax.net.ssl.*;
public class Server {
  public static void main(String[] args) throws Exception {
    for (String list : new String[] {"jdk.tls.disabledAlgorithms", "jdk.tls.legacyAlgorithms", "jdk.certpath.disabledAlgorithms"})
      Security.setProperty(list, "");
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(new FileInputStream(args[0]), "test".toCharArray());
    KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
    keys.init(store, "test".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory()
      .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    server.setEnabledProtocols(args[1].split(","));
    server.setEnabledCipherSuites(args[2].split(","));
    System.out.println("port " + server.getLocalPort());
    while (true)
      try (SSLSocket socket = (SSLSocket) server.accept()) { socket.startHandshake(); } catch (IOException ignored) {}
  }
}
`

/** The TLS of OpenJDK, which still has SSL 3.0, EXPORT, RC4 and DES once they are allowed. */
export const jdkServer = async (
  { cert, key }: KeyPair,
  protocols: readonly string[],
  suites: readonly string[],
): Promise<Peer> => {
  const folder = await folderWith({ pair: cert + key, 'Server.java': javaServer })
  const store = path.join(folder, 'store')
  await run('openssl', [
    'pkcs12',
    '-export',
    '-in',
    path.join(folder, 'pair'),
    '-out',
    store,
    '-passout',
    'pass:test',
  ])
  return listener(
    'java',
    ['-XX:TieredStopAtLevel=1', path.join(folder, 'Server.java'), store, protocols.join(), suites.join()],
    /^port (\d+)$/u,
    () => rm(folder, { recursive: true }),
  )
}

const record = (version: number, type: number, payload: Buffer): Buffer => {
  const header = Buffer.from([type, 0, 0, 0, 0])
  header.writeUInt16BE(version, 1)
  header.writeUInt16BE(payload.length, 3)
  return Buffer.concat([header, payload])
}

const message = (type: number, body: Buffer): Buffer => {
  const header = Buffer.from([type, 0, 0, 0])
  header.writeUIntBE(body.length, 1, 3)
  return Buffer.concat([header, body])
}

const lengthBefore = (bytes: number, body: Buffer): Buffer => {
  const length = Buffer.alloc(bytes)
  length.writeUIntBE(body.length, 0, bytes)
  return Buffer.concat([length, body])
}

/** TLS 1.2, 1.1, 1.0, SSL 3.0 and TLCP have one shape of ServerHello. */
export const serverHelloRecord = (
  version: number,
  suite: number,
  random = Buffer.alloc(32, 0x5a),
): Buffer => {
  const head = Buffer.alloc(2)
  head.writeUInt16BE(version)
  const chosen = Buffer.from([0, 0, 0])
  chosen.writeUInt16BE(suite)
  return record(
    version,
    22,
    message(2, Buffer.concat([head, random, lengthBefore(1, Buffer.alloc(32, 1)), chosen])),
  )
}

export const certificateRecord = (version: number, certificates: readonly Buffer[]): Buffer =>
  record(
    version,
    22,
    message(11, lengthBefore(3, Buffer.concat(certificates.map((der) => lengthBefore(3, der))))),
  )

export const alertRecord = (version: number, description: number): Buffer =>
  record(version, 21, Buffer.from([2, description]))

const helloDone = (version: number): Buffer => record(version, 22, message(14, Buffer.alloc(0)))

interface Offer {
  readonly recordVersion: number
  readonly version: number
  readonly suites: readonly number[]
  readonly hasExtensions: boolean
}

/** What a ClientHello offers: GB/T 38636-2020 §6.4.5.2.1, which is RFC 4346 §7.4.1.2. */
const offerOf = (hello: Buffer): Offer => {
  const suitesAt = 44 + hello.readUInt8(43)
  const count = hello.readUInt16BE(suitesAt) / 2
  const methodsAt = suitesAt + 2 + count * 2
  return {
    recordVersion: hello.readUInt16BE(1),
    version: hello.readUInt16BE(9),
    suites: Array.from({ length: count }, (_, at) => hello.readUInt16BE(suitesAt + 2 + at * 2)),
    hasExtensions: hello.length > methodsAt + 1 + hello.readUInt8(methodsAt),
  }
}

export interface TlcpStub {
  /** In order of preference. */
  readonly suites: readonly number[]
  /** Signing certificate, encryption certificate, their issuers: DER. */
  readonly certificates: readonly Buffer[]
  /** Hangs up on a hello with extensions, as implementations of the 2014 text do. */
  readonly refusesExtensions?: boolean
}

/**
 * A server that speaks the first flight of TLCP, written from the tables of GB/T 38636-2020 (§6.4.5.2 to §6.4.5.4),
 * and answers `protocol_version` to anything else. It signs nothing: the probe verifies no key exchange.
 */
export const tlcpServer = ({ suites, certificates, refusesExtensions = false }: TlcpStub): Promise<Peer> =>
  peer((socket) => {
    socket.once('data', (hello) => {
      const offer = offerOf(hello)
      if (offer.recordVersion !== 0x0101 || offer.version !== 0x0101)
        return socket.end(alertRecord(0x0101, 70))
      if (offer.hasExtensions && refusesExtensions) return socket.end()
      const suite = suites.find((candidate) => offer.suites.includes(candidate))
      if (suite === undefined) return socket.end(alertRecord(0x0101, 40))
      return socket.write(
        Buffer.concat([
          serverHelloRecord(0x0101, suite),
          certificateRecord(0x0101, certificates),
          record(0x0101, 22, message(12, lengthBefore(2, Buffer.alloc(70, 0x30)))),
          helloDone(0x0101),
        ]),
      )
    })
  })

/** Self-signed certificate with a key on the curve SM2, signed with SM3, as DER. */
export const sm2Certificates = async (...names: readonly string[]): Promise<readonly Buffer[]> => {
  const folder = await folderWith({})
  const key = path.join(folder, 'key')
  await run('openssl', ['genpkey', '-algorithm', 'SM2', '-out', key])
  const certificates = await Promise.all(
    names.map(async (name) => {
      const arguments_ = [
        'req',
        '-x509',
        '-new',
        '-key',
        key,
        '-sm3',
        '-utf8',
        '-subj',
        `/C=CN/CN=${name}`,
        '-days',
        '30',
      ]
      const { stdout } = await run('openssl', [...arguments_, '-outform', 'DER'], { encoding: 'buffer' })
      return stdout
    }),
  )
  await rm(folder, { recursive: true })
  return certificates
}

/** A server of TLS 1.3 with the suites of RFC 8998: answers with a retry for curveSM2, and refuses all else. */
export const smServer = (suites: readonly number[]): Promise<Peer> =>
  peer((socket) => {
    socket.once('data', (hello) => {
      const offer = offerOf(hello)
      const suite = suites.find((candidate) => offer.suites.includes(candidate))
      // The extensions as a string: supported_groups with curveSM2 in it, supported_versions with TLS 1.3 alone.
      const text = hello.toString('latin1')
      const knowsCurve = /\x00\x0a\x00[\x00-\xff]\x00[\x00-\xff](?:[\x00-\xff]{2})*?\x00\x29/u.test(text)
      if (suite === undefined || !knowsCurve || !text.includes('\x00\x2b\x00\x03\x02\x03\x04'))
        return socket.end(alertRecord(0x0303, 40))
      const chosen = Buffer.from([0, 0, 0])
      chosen.writeUInt16BE(suite)
      const retry = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex')
      const extensions = Buffer.from('002b0002030400330002 0029'.replace(' ', ''), 'hex')
      const body = [
        Buffer.from([3, 3]),
        retry,
        lengthBefore(1, hello.subarray(44, 76)),
        chosen,
        lengthBefore(2, extensions),
      ]
      return socket.write(record(0x0303, 22, message(2, Buffer.concat(body))))
    })
  })
