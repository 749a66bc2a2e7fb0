/** The part of net-snmp 3 that tests use, which play agents with it; the package brings no types. */
declare module 'net-snmp' {
  import type { Socket } from 'node:dgram'

  export interface User {
    readonly name: string
    readonly level: number
    readonly authProtocol: string
    readonly authKey: string
    readonly privProtocol: string
    readonly privKey: string
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
    createAgent(
      options: { readonly port: number; readonly address: string },
      done: (error: Error | null) => void,
    ): Agent
    readonly SecurityLevel: { readonly authPriv: number }
    readonly AuthProtocols: { readonly sha: string; readonly sha256: string }
    readonly PrivProtocols: { readonly aes: string }
    readonly ObjectType: Readonly<Record<string, number>>
    readonly MibProviderType: Readonly<Record<string, number>>
    readonly MaxAccess: Readonly<Record<string, number>>
  }
  export default snmp
}
