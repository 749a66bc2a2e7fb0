import type { Collection } from '../model.ts'

/** What labels are: the types demand a header for each field and a word for each value. */

type Item<T> = T extends readonly (infer Element)[] ? Element : T
type Literal<T> = T extends string ? (string extends T ? never : T) : never
type ValueOf<T> = Literal<Item<NonNullable<T>>>

/** The word that is written, then those that are understood as well. */
export type Words<Value extends string = string> = Readonly<Record<Value, readonly [string, ...string[]]>>

export interface Label {
  readonly header: string
  /** Other headers that spreadsheets in the field use. */
  readonly aliases?: readonly string[]
  /** The value is the id of a record there; a spreadsheet may give its name instead. */
  readonly references?: Collection
  readonly words?: Words
  /** The command that alone changes it: in a table it is there to be read. */
  readonly writtenBy?: string
}

type LabelFor<T> = Omit<Label, 'words'> &
  ([ValueOf<T>] extends [never] ? { readonly words?: never } : { readonly words: Words<ValueOf<T>> })
export type Labels<T> = { readonly [Field in keyof Required<T>]: LabelFor<T[Field]> }

export const id = { header: '编号', aliases: ['ID', '代码'] } as const
export const name = { header: '名称' } as const
export const remark = { header: '备注', aliases: ['说明'] } as const
export const region = {
  header: '行政区划',
  aliases: ['区划', '行政区划代码', '区划代码', '所属区划', '所在区域'],
  references: 'region',
} as const
export const unit = { header: '责任单位', aliases: ['单位', '所属单位'], references: 'unit' } as const

export const kind = <const W extends Words>(words: W) =>
  ({ header: '类型', aliases: ['类别'], words }) as const

export const wordsOf = <Value extends string>(texts: Readonly<Record<Value, string>>): Words<Value> =>
  Object.fromEntries(
    Object.entries<string>(texts).map(([value, text]) => [value, [text]]),
  ) as unknown as Words<Value>

export const levelWords = {
  province: ['省', '省级'],
  city: ['市', '市级', '地市'],
  county: ['县', '县级', '区县', '县区'],
  township: ['乡', '乡级', '乡镇', '街道'],
} as const
