import type { ClockFacts, ListeningSocket } from '../../../probes/host/facts.ts'

/** A text of the machine, or why there is none. */
export type Found =
  | {
      readonly state: 'read'
      readonly path: string
      readonly text: string
      /** The file goes on where the text ends. */
      readonly isCut: boolean
    }
  | { readonly state: 'absent'; readonly path: string }
  | { readonly state: 'unreadable'; readonly path: string; readonly reason: string }

export interface FileState {
  readonly path: string
  /** Permission bits only. */
  readonly mode: number
  readonly ownerId: number
  readonly modifiedAt: number
}

/** What only a running system can tell. */
export interface LiveSystem {
  /** Output of a program that ended well; undefined where it is not there, failed, or was too slow. */
  readonly run: (program: string, args: readonly string[]) => Promise<string | undefined>
  readonly listening: () => Promise<readonly ListeningSocket[]>
  readonly clock: () => Promise<ClockFacts | undefined>
  /** Names as the kernel cuts them, to 15 characters. */
  readonly processes: () => Promise<readonly string[]>
}

/**
 * The machine that is looked at: a root folder, and the running system where the root is its own. Nothing here
 * changes anything; what is not there or not ours to see is a value.
 */
export interface Machine {
  readonly now: number
  /** Absent for a root that is looked at from outside: its programs are not ours to run. */
  readonly live: LiveSystem | undefined
  /** The beginning of a file, a mebibyte where no other number of bytes is given. */
  readonly read: (path: string, mostBytes?: number) => Promise<Found>
  /** Names in a folder in their order; none where it is not there. */
  readonly list: (folder: string) => Promise<readonly string[]>
  readonly state: (path: string) => Promise<FileState | undefined>
  /** What it was not permitted to look at so far, in the order of trying. */
  readonly denied: () => readonly string[]
}
