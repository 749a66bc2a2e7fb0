import type { Metric } from '../../src/core/metric.ts'
import type { TlsAuditFacts } from './facts.ts'

const numeric = (claim: boolean | undefined): number | undefined =>
  claim === undefined ? undefined : Number(claim)

export const metrics: readonly Metric<TlsAuditFacts>[] = [
  {
    name: 'yiwang_tls_audit_version_accepted',
    help: '1: the server takes this version of SSL or TLS, 0: it refuses; absent where it did not say',
    type: 'gauge',
    labels: ['version'],
    read: ({ versions = [] }) =>
      versions.flatMap(({ version, accepted }) =>
        accepted === undefined ? [] : [{ value: Number(accepted), labels: { version } }],
      ),
  },
  {
    name: 'yiwang_tls_audit_weak_ciphers',
    help: 'Cipher suites taken that do not encrypt or authenticate, or do it with EXPORT, RC4, RC2, DES or 3DES',
    type: 'gauge',
    read: ({ weakCiphers }) => weakCiphers?.length,
  },
  {
    name: 'yiwang_tls_audit_tlcp_offered',
    help: '1: a TLCP handshake was seen (GB/T 38636), 0: refused; says nothing of compliance',
    type: 'gauge',
    read: ({ tlcpOffered }) => numeric(tlcpOffered),
  },
  {
    name: 'yiwang_tls_audit_chain_complete',
    help: '1: the certificates sent lead from the leaf to a root, 0: an issuer is missing',
    type: 'gauge',
    read: ({ chainComplete }) => numeric(chainComplete),
  },
  {
    name: 'yiwang_tls_audit_ocsp_stapled',
    help: '1: an OCSP response came with the certificates, 0: none did',
    type: 'gauge',
    read: ({ ocspStapled }) => numeric(ocspStapled),
  },
  {
    name: 'yiwang_tls_audit_complete',
    help: '1: every question of the audit got a telling answer, 0: counts may be too low',
    type: 'gauge',
    read: ({ complete }) => numeric(complete),
  },
]
