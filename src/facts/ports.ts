/** By the registry of service names (RFC 6335). */
export const plaintextManagement: ReadonlyMap<number, string> = new Map([
  [23, 'Telnet'],
  [512, 'rexec'],
  [513, 'rlogin'],
  [514, 'rsh'],
])
export const plaintextTransfer: ReadonlyMap<number, string> = new Map([
  [21, 'FTP'],
  [69, 'TFTP'],
  ...plaintextManagement,
])
export const highRisk: ReadonlyMap<number, string> = new Map([
  [135, 'RPC'],
  [137, 'NetBIOS'],
  [138, 'NetBIOS'],
  [139, 'NetBIOS'],
  [445, 'SMB'],
  [593, 'RPC'],
  [3389, 'RDP'],
  ...plaintextManagement,
])
/** Ports at which machines are managed: login, remote desktops, consoles. */
export const managementPorts: ReadonlySet<number> = new Set([22, 23, 161, 623, 3389, 5900, 5985, 5986])
export const remoteControl: ReadonlyMap<number, string> = new Map([
  [4899, 'Radmin'],
  [5900, 'VNC'],
  [5938, 'TeamViewer'],
  [6568, 'AnyDesk'],
  [7070, 'AnyDesk'],
  [21115, 'RustDesk'],
])

/** Those that have a name here: `23/Telnet`. */
export const named = (ports: readonly number[], names: ReadonlyMap<number, string>): readonly string[] =>
  ports.flatMap((port) => (names.has(port) ? [`${port}/${names.get(port) ?? ''}`] : []))
