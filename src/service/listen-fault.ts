import { EnvironmentFault, UsageFault } from '../core/fault.ts'

interface Wanted {
  readonly setting: string
  readonly host: string
  readonly port: number
  readonly transport: 'TCP' | 'UDP'
}

/** Why a setting's address cannot be listened on, as a fault; any other error else as it is. */
export const listenFault = ({ setting, host, port, transport }: Wanted, cause: unknown): unknown => {
  const where = `${host}:${port} (${transport})`
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EADDRINUSE')
    return new EnvironmentFault('PORT_IN_USE', `${setting}: ${where} is in use`, {
      cause,
      suggestion: `stop what listens there, or change ${setting}`,
    })
  if (code === 'EACCES')
    return new EnvironmentFault('SOCKET_DENIED', `${setting}: ${where} is not allowed`, {
      cause,
      suggestion: 'a port below 1024 needs CAP_NET_BIND_SERVICE; or take another and redirect to it',
    })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new UsageFault([{ where: setting, message: `expected an address of this machine, got ${host}` }], {
      cause,
    })
  return cause
}
