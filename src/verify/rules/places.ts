import type { Node, Region, Unit } from '../../../inventory/model.ts'
import type { Ground } from '../ground.ts'
import { anyOf, everyOf, reached, unseen } from '../parts.ts'
import type { Part } from '../types.ts'

/** Nodes, units with their nodes, regions with theirs. */

export const nodeConnected = (node: Node, ground: Ground): Part => {
  const asserts = `节点 ${node.name} 应答`
  const part = reached({ asserts, strict: false }, ground.looksAt(node.id), ground)
  if (part.verdict !== 'contradicted' || node.uplinks.length === 0) return part
  // Behind dead nodes its own line cannot be seen.
  const above = node.uplinks.map(({ to }) =>
    reached({ asserts: to, strict: false }, ground.looksAt(to), ground),
  )
  return above.every(({ verdict }) => verdict === 'contradicted')
    ? unseen(asserts, `上级节点 ${node.uplinks.map(({ to }) => to).join('、')} 均无应答，无法看到`)
    : part
}

const nodesConnected = (asserts: string, nodes: readonly Node[], ground: Ground): Part =>
  anyOf(
    asserts,
    nodes.map((node) => nodeConnected(node, ground)),
    '名下没有登记在用的节点',
  )

export const unitConnected = ({ id, name }: Unit, ground: Ground): Part =>
  nodesConnected(`${name} 有节点应答`, ground.nodesOfUnit.get(id) ?? [], ground)

/** By a node that answers, or by the far end of its line or VPN. */
const townshipCovered = ({ id, name }: Region, ground: Ground): Part => {
  const nodes = ground.nodesOfRegion.get(id) ?? []
  const lines = nodes.flatMap((node) =>
    node.uplinks.flatMap((uplink) => {
      const looks = ground.looksAt(`${node.id}/${uplink.id}`)
      const asserts = uplink.kind === 'vpn' ? 'VPN 应答' : '专线应答'
      return looks.length === 0 ? [] : [reached({ asserts, strict: false }, looks, ground)]
    }),
  )
  return anyOf(
    `${name} 有节点、专线或 VPN 应答`,
    [...nodes.map((node) => nodeConnected(node, ground)), ...lines],
    '没有登记在用的节点',
  )
}

const townshipsOf = (region: Region, { regionsBelow }: Ground): readonly Region[] => {
  if (region.level === 'township') return [region]
  const below = [region]
  for (const each of below) below.push(...(regionsBelow.get(each.id) ?? []))
  return below.filter(({ level, statisticalOnly }) => level === 'township' && !statisticalOnly)
}

/** A township by itself; a county, city or province by every township in it. */
export const regionCovered = (region: Region, ground: Ground): Part => {
  const townships = townshipsOf(region, ground).map((each) => townshipCovered(each, ground))
  return region.level === 'township' && townships[0] !== undefined
    ? townships[0]
    : everyOf(`${region.name} 各乡镇（办事处）均已覆盖`, townships, '没有登记乡镇（办事处）')
}

/** The region's own node: its place in the extranet. */
export const regionConnected = (region: Region, ground: Ground): Part =>
  nodesConnected(`${region.name} 有节点应答`, ground.nodesOfRegion.get(region.id) ?? [], ground)
