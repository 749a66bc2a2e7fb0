import { z } from 'zod'
import { up } from '../src/core/outcome.ts'
import { defineProbe } from '../src/core/probe.ts'
import { connect } from './net/connect.ts'
import { common, family, port } from './net/spec.ts'

export interface TcpFacts {
  readonly remoteAddress: string
  readonly resolveSeconds: number
  readonly connectSeconds: number
}

/** RFC 9293 three-way handshake: is the port open? */
export const tcp = defineProbe({
  kind: 'tcp',
  summary: 'opens a TCP connection and closes it',
  example: '192.0.2.1 --port 22',
  spec: z.strictObject({ ...common, port: port.describe('TCP port'), family }),
  metrics: [
    {
      name: 'yiwang_tcp_connect_seconds',
      help: 'Time of the TCP handshake',
      type: 'gauge',
      unit: 'seconds',
      read: (facts: Partial<TcpFacts>) => facts.connectSeconds,
    },
  ],
  run: async (spec, { signal }) => {
    const { socket, ...facts } = await connect(spec, signal)
    socket.destroy()
    return up<TcpFacts>(facts)
  },
})
