import { once } from 'node:events'
import tls from 'node:tls'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { certificateIn } from '../../probes/net/session-certificate.ts'
import { certificateWorkshop } from '../support/certificates.ts'

const sessionOf = async (maxVersion: tls.SecureVersion): Promise<readonly [Buffer, Buffer]> => {
  await using workshop = await certificateWorkshop()
  const server = tls.createServer(await workshop.issue({ commonName: 'localhost' })).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion })
  await once(socket, 'secureConnect')
  const found = [socket.getSession()!, socket.getPeerCertificate().raw] as const
  socket.destroy()
  server.close()
  return found
}

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'the session of %s has the certificate of who answered',
  async (version) => {
    const [session, certificate] = await sessionOf(version)
    expect(certificateIn(session)?.equals(certificate)).toBe(true)
  },
)

test('other bytes have none, or some of themselves', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (array) => {
      const bytes = Buffer.from(array)
      const found = certificateIn(bytes)
      expect(found === undefined || bytes.includes(found)).toBe(true)
    }),
  )
  expect(certificateIn(Buffer.alloc(0))).toBeUndefined()
})

test('a session that is cut or changed anywhere is read without an error', async () => {
  const [session] = await sessionOf('TLSv1.2')
  for (let at = 0; at < session.length; at += 1) {
    certificateIn(session.subarray(0, at))
    const changed = Buffer.from(session)
    changed[at] = 0xff
    certificateIn(changed)
  }
  expect(certificateIn(session.subarray(0, -1))).toBeUndefined()
})
