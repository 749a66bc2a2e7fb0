/** The part of net-snmp 3 that the probe and its tests use; the package brings no types. */
declare module 'net-snmp' {
  import type { Socket } from 'node:dgram'
  import type { EventEmitter } from 'node:events'

  export interface Varbind {
    readonly oid: string
    readonly type: number
    readonly value?: unknown
  }

  export interface Socketlike extends EventEmitter {
    send(
      buffer: Buffer,
      offset: number,
      length: number,
      port: number,
      address: string,
      sent: (error: Error | null) => void,
    ): void
    close(): void
    ref(): void
    unref(): void
  }

  export interface SessionOptions {
    readonly version?: number
    readonly port: number
    readonly timeout: number
    readonly retries: number
    readonly dgramModule: { readonly createSocket: () => Socketlike }
  }

  export interface User {
    readonly name: string
    readonly level: number
    readonly authProtocol: string
    readonly authKey: string
    readonly privProtocol: string
    readonly privKey: string
  }

  export type Callback<Answer> = (error: Error | null, answer: Answer) => void

  export interface Session extends EventEmitter {
    get(oids: readonly string[], done: Callback<readonly Varbind[]>): void
    getBulk(
      oids: readonly string[],
      nonRepeaters: number,
      maxRepetitions: number,
      done: Callback<readonly (readonly Varbind[])[]>,
    ): void
    close(): void
  }

  export interface Provider {
    readonly name: string
    readonly type: number
    readonly oid: string
    readonly scalarType?: number
    readonly maxAccess: number
    readonly tableColumns?: readonly {
      readonly number: number
      readonly name: string
      readonly type: number
      readonly maxAccess: number
    }[]
    readonly tableIndex?: readonly { readonly columnName: string }[]
    /** Name of the table whose index this one shares. */
    readonly tableAugments?: string
  }

  export interface Agent {
    readonly listener: { readonly sockets: Readonly<Record<string, Socket>> }
    getMib(): {
      registerProvider(provider: Provider): void
      setScalarValue(name: string, value: unknown): void
      addTableRow(name: string, row: readonly unknown[]): void
      setTableSingleCell(name: string, column: number, index: readonly unknown[], value: unknown): void
    }
    getAuthorizer(): {
      addCommunity(community: string): void
      addUser(user: User): void
    }
    close(): void
  }

  const snmp: {
    createSession(target: string, community: string, options: SessionOptions): Session
    createV3Session(target: string, user: User, options: SessionOptions): Session
    createAgent(
      options: { readonly port: number; readonly address: string },
      done: (error: Error | null) => void,
    ): Agent
    readonly Version2c: number
    readonly SecurityLevel: { readonly authPriv: number }
    readonly AuthProtocols: { readonly sha: string; readonly sha256: string }
    readonly PrivProtocols: { readonly aes: string }
    readonly ErrorStatus: Readonly<Record<string, string | number>>
    readonly ResponseInvalidCode: Readonly<Record<string, string | number>>
    readonly ObjectType: Readonly<Record<string, number>>
    readonly MibProviderType: Readonly<Record<string, number>>
    readonly MaxAccess: Readonly<Record<string, number>>
    readonly RequestTimedOutError: new () => Error & { readonly name: 'RequestTimedOutError' }
    readonly RequestFailedError: new () => Error & {
      readonly name: 'RequestFailedError'
      readonly status: number
    }
    readonly ResponseInvalidError: new () => Error & {
      readonly name: 'ResponseInvalidError'
      readonly code: number
    }
  }
  export default snmp
}
