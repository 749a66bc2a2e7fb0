import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readPingOutput } from '../../probes/icmp/ping-output.ts'
import { describeRefusal } from '../../probes/icmp/refusals.ts'
import { type Evidence, jitterOf, judge } from '../../probes/icmp/verdict.ts'

const silent: Evidence = {
  method: 'raw',
  remoteAddress: '192.0.2.1',
  packetTimeoutSeconds: 1,
  sent: 3,
  rttSeconds: [],
  duplicates: 0,
  refusal: undefined,
  fault: undefined,
  isOverflowed: false,
}

describe('judging a run', () => {
  test.each([
    ['silence', {}, { status: 'down', cause: 'timeout', detail: 'no reply to 3 packets within 1 s each' }],
    ['a refusal', { refusal: 'host unreachable' }, { status: 'down', cause: 'unreachable' }],
    ['no route here', { sent: 0, fault: 'ENETUNREACH' }, { status: 'down', cause: 'unreachable' }],
    ['a local firewall', { sent: 0, fault: 'EPERM' }, { status: 'unknown', cause: 'permission' }],
    ['no IPv6 source', { sent: 0, fault: 'EADDRNOTAVAIL' }, { status: 'unknown', cause: 'resource' }],
    ['a full queue', { sent: 0, fault: 'ENOBUFS' }, { status: 'unknown', cause: 'resource' }],
    ['an errno that no table knows', { fault: 'EINVAL' }, { status: 'unknown', cause: 'resource' }],
    ['our own overflow', { isOverflowed: true }, { status: 'unknown', cause: 'resource' }],
    ['one answer among errors', { rttSeconds: [0.1], refusal: 'x', fault: 'EPERM' }, { status: 'up' }],
  ])('%s', (_, change, expected) => {
    expect(judge({ ...silent, ...change })).toMatchObject(expected)
  })

  test('facts of three packets, one of them lost', () => {
    expect(judge({ ...silent, rttSeconds: [0.02, 0.06], duplicates: 1 })).toEqual({
      status: 'up',
      facts: {
        method: 'raw',
        remoteAddress: '192.0.2.1',
        sent: 3,
        received: 2,
        lossRatio: 1 - 2 / 3,
        rttMinSeconds: 0.02,
        rttAvgSeconds: 0.04,
        rttMaxSeconds: 0.06,
        jitterSeconds: expect.closeTo(0.04) as number,
        duplicates: 1,
      },
    })
  })

  test('one answer has no jitter', () => {
    expect(judge({ ...silent, rttSeconds: [0.02] })).not.toHaveProperty('facts.jitterSeconds')
  })

  test('jitter is nothing for equal times, and never more than their range', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 2 }), (times) => {
        const jitter = jitterOf(times) ?? NaN
        expect(jitter).toBeGreaterThanOrEqual(0)
        expect(jitter).toBeLessThanOrEqual((Math.max(...times) - Math.min(...times)) * (1 + 1e-9))
        expect(jitterOf(times.map(() => times[0] ?? 0))).toBe(0)
      }),
    )
  })
})

test.each([
  [{ family: 4, type: 3, code: 1, mtu: 0 }, 'host unreachable (ICMP type 3 code 1) from r'],
  [{ family: 4, type: 3, code: 4, mtu: 1280 }, 'fragmentation needed (ICMP type 3 code 4, MTU 1280) from r'],
  [{ family: 4, type: 3, code: 99, mtu: 0 }, 'unreachable (ICMP type 3 code 99) from r'],
  [{ family: 4, type: 11, code: 0, mtu: 0 }, 'TTL exceeded in transit (ICMP type 11 code 0) from r'],
  [{ family: 6, type: 1, code: 0, mtu: 0 }, 'no route to destination (ICMPv6 type 1 code 0) from r'],
  [{ family: 6, type: 2, code: 0, mtu: 1400 }, 'packet too big (ICMPv6 type 2 code 0, MTU 1400) from r'],
  [{ family: 6, type: 4, code: 1, mtu: 0 }, 'parameter problem (ICMPv6 type 4 code 1) from r'],
] as const)('refusal %j', (refusal, text) => {
  expect(describeRefusal({ ...refusal, from: 'r' })).toBe(text)
})

const iputils = `PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.
64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.033 ms
64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.041 ms (DUP!)
64 bytes from 192.0.2.1: icmp_seq=2 ttl=64 time=1500 ms

--- 192.0.2.1 ping statistics ---
3 packets transmitted, 2 received, +1 duplicates, 33.3333% packet loss, time 2003ms
rtt min/avg/max/mdev = 0.033/0.037/0.041/0.004 ms, pipe 2
`
const unreachable = `PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.
From 198.51.100.7 icmp_seq=1 Destination Host Unreachable

--- 192.0.2.1 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms
`
const busybox = `PING 192.0.2.1 (192.0.2.1): 56 data bytes
64 bytes from 192.0.2.1: seq=0 ttl=64 time=125 ms

--- 192.0.2.1 ping statistics ---
1 packets transmitted, 1 packets received, 0% packet loss
`

describe('what the ping command prints', () => {
  test.each([
    ['iputils', iputils, { sent: 3, rttSeconds: [0.000033], duplicates: 1, isDenied: false }],
    ['busybox', busybox, { sent: 1, rttSeconds: [0.125], duplicates: 0 }],
    [
      'an error',
      unreachable,
      { sent: 1, rttSeconds: [], refusal: 'Destination Host Unreachable (ping) from 198.51.100.7' },
    ],
    [
      'no right to send',
      'ping: socktype: SOCK_RAW\nping: socket: Operation not permitted\n',
      { isDenied: true },
    ],
    [
      'no route',
      'ping: connect: Network is unreachable\n',
      { sent: 0, fault: 'ENETUNREACH', isDenied: false },
    ],
  ])('%s', (_, output, expected) => {
    expect(readPingOutput(output, 1)).toMatchObject(expected)
  })

  test('arbitrary text is read without throwing', () => {
    fc.assert(fc.property(fc.string(), (text) => void readPingOutput(text, 1)))
  })
})
