import type { Collection } from './model.ts'

/** One record's mention of another. */
export interface Reference {
  /** Field of the record: `uplinks[0].to`. */
  readonly path: string
  /** Where the record may be: one of these has it. */
  readonly to: readonly Collection[]
  readonly id: string
}

export const one = (path: string, to: Collection, id: string | undefined): readonly Reference[] =>
  id === undefined ? [] : [{ path, to: [to], id }]

export const many = (path: string, to: Collection, ids: readonly string[]): readonly Reference[] =>
  ids.map((id, index) => ({ path: `${path}[${index}]`, to: [to], id }))
