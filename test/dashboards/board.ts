/** What tests read of a dashboard's JSON. */
export interface Dashboard {
  readonly title: string
  readonly uid: string
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly Variable[] }
}

export interface Panel {
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly datasource?: { readonly type?: string; readonly uid?: string }
  readonly fieldConfig: {
    readonly defaults: { readonly unit?: string; readonly links?: readonly { readonly url: string }[] }
  }
  readonly targets?: readonly {
    readonly expr: string
    readonly refId: string
    /** The least step. */
    readonly interval?: string
  }[]
}

export interface Variable {
  readonly name: string
  readonly type: string
  readonly label?: string
  readonly multi?: boolean
  readonly includeAll?: boolean
  readonly regex?: string
  readonly query: string | { readonly query: string }
  readonly datasource?: { readonly uid?: string }
}

export const readBoard = (json: string): Dashboard => JSON.parse(json) as Dashboard

/** Panels without the headings of rows. */
export const panelsOf = ({ panels }: Dashboard): readonly Panel[] =>
  panels.filter(({ type }) => type !== 'row')

export const expressionsOf = (board: Dashboard): readonly string[] =>
  panelsOf(board).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
