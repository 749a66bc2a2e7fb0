import type { Collection, InputOf, Region, Uplink } from './model.ts'
import { regionsUnder, normaliseRegionCode } from './regions/index.ts'
import { isSummingRow } from './regions/statistical.ts'
import type { Operation } from './store.ts'

export interface SeedOptions {
  /** Farms, parks and development zones get nodes too and count in the coverage denominator. */
  readonly includeStatistical?: boolean
}

const put = <C extends Collection>(collection: C, record: InputOf<C>): Operation => ({
  op: 'put',
  collection,
  record,
})

/** A place that can have an office: every real division, and what is asked to count as one. */
const isPlace = ({ name, statisticalOnly }: Region, includeStatistical: boolean): boolean =>
  !isSummingRow(name) && (includeStatistical || !statisticalOnly)

const hasRoom = ({ level }: Region): boolean => level !== 'township'

const roomId = (region: string): string => `u-${region}-room`
const hallId = (region: string): string => `u-${region}-hall`
const nodeId = (region: string): string => `n-${region}`

const hallName = ({ level, name }: Region): string =>
  `${name}${level === 'township' ? '便民服务中心' : '政务服务大厅'}`

const hall = (region: Region): Operation =>
  put('unit', { id: hallId(region.id), name: hallName(region), kind: 'hall', region: region.id })

const governmentName = ({ name, statisticalOnly }: Region): string => {
  if (!statisticalOnly) return `${name}人民政府`
  return /(委员会|管委会)$/u.test(name) ? name : `${name}管理委员会`
}

const unitsOf = (region: Region): readonly Operation[] => {
  const { id } = region
  if (!hasRoom(region)) return [hall(region)]
  const government = `u-${id}-government`
  return [
    put('unit', { id: government, name: governmentName(region), kind: 'government', region: id }),
    put('unit', {
      id: roomId(id),
      name: `${region.name}信息中心机房`,
      kind: 'room',
      region: id,
      parent: government,
    }),
    ...(region.level === 'province' ? [] : [hall(region)]),
  ]
}

const nodeWords: Readonly<Record<Region['level'], string>> = {
  province: '政务外网省级核心节点',
  city: '政务外网市级核心节点',
  county: '政务外网县级汇聚节点',
  township: '政务外网乡级接入节点',
}

/** One line to the node above: what circuit it is, whose and how fast is for the engineer to say. */
const uplinksTo = (region: string, above: string | undefined): readonly Uplink[] =>
  above === undefined ? [] : [{ id: `${nodeId(region)}-up1`, kind: 'line', to: nodeId(above) }]

const nodeOf = (region: Region, above: string | undefined): Operation =>
  put('node', {
    id: nodeId(region.id),
    name: `${region.name}${nodeWords[region.level]}`,
    region: region.id,
    level: region.level,
    kind: hasRoom(region) ? 'room' : 'access',
    unit: hasRoom(region) ? roomId(region.id) : hallId(region.id),
    uplinks: [...uplinksTo(region.id, above)],
  })

const asCounted = (region: Region): Region => ({ ...region, statisticalOnly: false })

/** The nearest region above that has a node; a development zone or a summing row in between is skipped. */
const nodeAbove = (
  region: Region,
  regions: ReadonlyMap<string, Region>,
  places: ReadonlySet<string>,
): string | undefined => {
  const parent = regions.get(region.parent ?? '')
  if (parent === undefined) return undefined
  return places.has(parent.id) ? parent.id : nodeAbove(parent, regions, places)
}

/**
 * The operations that turn an empty store into the inventory of a province, city or county: its regions
 * with those above them, governments, information-centre rooms, service halls, and one extranet node a
 * place with a line to the node above. Ids are stable (`n-410202001`, `u-410202-hall`). Nothing is
 * invented: no address, operator, circuit or contact. Empty for an unknown region.
 */
export const seedOperations = (
  input: string,
  { includeStatistical = false }: SeedOptions = {},
): readonly Operation[] => {
  const code = normaliseRegionCode(input)
  if (code === undefined) return []
  const list = regionsUnder(code)
  const regions = new Map(list.map((region) => [region.id, region]))
  const within = list.slice(list.findIndex(({ id }) => id === code))
  const places = within.filter((region) => isPlace(region, includeStatistical))
  const placeIds = new Set(places.map(({ id }) => id))
  return [
    ...list.map((region) => put('region', placeIds.has(region.id) ? asCounted(region) : region)),
    ...places.flatMap(unitsOf),
    ...places.map((region) => nodeOf(region, nodeAbove(region, regions, placeIds))),
  ]
}
