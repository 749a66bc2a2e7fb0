/** What an agent sees of its own machine. A part that could not be read is absent, and `unread` says why. */
export interface HostFacts
  extends Partial<IdentityFacts>, Partial<CpuFacts>, Partial<ListeningFacts>, Partial<ProcessFacts> {
  readonly memory?: MemoryFacts
  /** At most 32. */
  readonly filesystems?: readonly FilesystemFacts[]
  /** At most 64. */
  readonly interfaces?: readonly InterfaceFacts[]
  /** Who is logged in, at most 100. */
  readonly users?: readonly UserFacts[]
  readonly clock?: ClockFacts
  /** Units that failed, at most 100; absent where systemd does not run. */
  readonly failedServices?: readonly string[]
  readonly unread: readonly UnreadPart[]
}

export interface UnreadPart {
  readonly part: string
  readonly reason: string
}

export interface IdentityFacts {
  readonly hostname: string
  /** `Debian GNU/Linux 12 (bookworm)` */
  readonly system: string
  /** `debian`, `openEuler`, `kylin` … and its version (os-release(5)). */
  readonly systemId: string
  readonly systemVersion?: string
  readonly kernel: string
  /** Kernels that have modules on the disk, at most 20: another than the running one waits for a restart. */
  readonly installedKernels: readonly string[]
  readonly architecture: string
  readonly uptimeSeconds: number
  /** What the package manager says; absent where the system has no such mark. */
  readonly rebootRequired?: boolean
}

export interface CpuFacts {
  readonly cpuModel: string
  readonly cpuCount: number
  readonly load1: number
  readonly load5: number
  readonly load15: number
  /** Share of all processors' time that was not idle since the last look, or over half a second at the first. */
  readonly cpuBusyRatio: number
}

export interface MemoryFacts {
  readonly totalBytes: number
  readonly availableBytes: number
  readonly swapTotalBytes: number
  readonly swapFreeBytes: number
}

export interface FilesystemFacts {
  readonly mountpoint: string
  readonly device: string
  readonly type: string
  readonly sizeBytes: number
  readonly usedBytes: number
  /** To whoever is not root. */
  readonly availableBytes: number
  readonly readOnly: boolean
  /** Absent for network file systems, which might not answer, and for those that count no inodes. */
  readonly inodes?: number
  readonly inodesFree?: number
}

export interface InterfaceFacts {
  readonly name: string
  /** `up`, `down`, `unknown` … (RFC 2863 as the kernel writes it). */
  readonly state: string
  readonly addresses: readonly string[]
  readonly mac?: string
  readonly speedBitsPerSecond?: number
  readonly receiveBytes?: number
  readonly transmitBytes?: number
  readonly receiveErrors?: number
  readonly transmitErrors?: number
  readonly receiveDrops?: number
  readonly transmitDrops?: number
}

export interface ListeningFacts {
  /** TCP sockets that listen and UDP sockets that take from anybody, at most 512. */
  readonly listening: readonly ListeningSocket[]
  readonly listeningCount: number
}

export interface ListeningSocket {
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
  readonly userId: number
  /** Absent where it belongs to another user and the agent is not root. */
  readonly process?: string
  readonly pid?: number
}

export interface ProcessFacts {
  readonly processCount: number
}

export interface UserFacts {
  readonly name: string
  readonly terminal: string
  readonly from?: string
  /** As `who` writes it, in the machine's own time zone. */
  readonly since?: string
}

export interface ClockFacts {
  /** The kernel was told lately enough how far off its clock can be (adjtimex(2)). */
  readonly synchronised: boolean
  /** Largest error that the kernel reckons with. */
  readonly maxErrorSeconds: number
  readonly estimatedErrorSeconds: number
  /** Programs running that set clocks: `chronyd`, `ntpd`, `systemd-timesyn` … */
  readonly daemons: readonly string[]
}
