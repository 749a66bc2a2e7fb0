/** The three areas of an extranet. */
export const areas = ['public', 'private', 'internet'] as const
export type Area = (typeof areas)[number]

export const areaLabels: Readonly<Record<Area, string>> = {
  public: '公用网络区',
  private: '专用网络区',
  internet: '互联网接入区',
}

export const levels = ['province', 'city', 'county', 'township'] as const
export type Level = (typeof levels)[number]

export type TargetId = string

/** Where an agent stands: the area that it looks from. */
export type Vantage = Area

/** Labels of every series of a target; they come from the inventory only. */
export interface TargetLabels {
  /** Inventory id of the node, system or device. */
  readonly target: TargetId
  readonly name: string
  /** Six- or nine-digit statistics code of the region. */
  readonly region: string
  /** County code, or the city's own for what stands at the city. */
  readonly county: string
  readonly level: Level
  /** Inventory id of the responsible unit, empty where none is named. */
  readonly unit: string
  /** What it is; `migration`: the old or the new place of a system that moves. */
  readonly class: 'node' | 'uplink' | 'system' | 'device' | 'migration'
  /** Node kind, system kind or device role; `old` or `new` of a migration. */
  readonly role: string
}

export interface Target {
  readonly id: TargetId
  readonly labels: TargetLabels
}
