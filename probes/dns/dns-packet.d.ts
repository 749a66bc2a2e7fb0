/** The part of dns-packet (no types of its own) that the probe and its tests use. */
declare module 'dns-packet' {
  export interface Question {
    type: string
    name: string
    class?: string
  }
  export interface Answer {
    type: string
    name: string
    class?: string
    ttl?: number
    data?: unknown
    /** Of an OPT record (RFC 6891): the upper eight bits of the response code. */
    extendedRcode?: number
    udpPayloadSize?: number
    flags?: number
    options?: readonly unknown[]
  }
  export interface Packet {
    type?: 'query' | 'response'
    id?: number
    flags?: number
    questions?: readonly Question[]
    answers?: readonly Answer[]
    authorities?: readonly Answer[]
    additionals?: readonly Answer[]
  }
  export interface Decoded {
    readonly type: 'query' | 'response'
    readonly id: number
    /** The header's second word without its QR bit. */
    readonly flags: number
    readonly questions: readonly Question[]
    readonly answers: readonly Answer[]
    readonly additionals: readonly Answer[]
  }
  export const AUTHORITATIVE_ANSWER: number
  export const TRUNCATED_RESPONSE: number
  export const RECURSION_DESIRED: number
  export const RECURSION_AVAILABLE: number
  export const AUTHENTIC_DATA: number
  export function encode(packet: Packet): Buffer
  export function decode(bytes: Buffer): Decoded
}
