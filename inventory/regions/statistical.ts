/**
 * Which rows of the statistics codes are no administrative divisions.
 *
 * The state's statistics give a code to everything that is counted, so that farms, parks, development
 * zones and the summing rows of a province stand beside townships and districts. The rule looks at the
 * name, and at what the code itself says: its last three digits are 001–099 for streets, 100–199 for
 * towns, 200–399 for townships, 400–599 for units that are government and enterprise in one (GB/T 10114);
 * counties 71–80 are the statistics' own and not in GB/T 2260.
 */

/** Rows that only sum: no place of their own, so that nothing stands there. */
export const isSummingRow = (name: string): boolean =>
  name === '市辖区' || name === '县' || /直辖(县级行政|村级)区划$/u.test(name)

const townshipName = /(镇|乡|街道|苏木|街道办|街道办事处|地区办事处|街道地区)$/u
/** `地区` and `街` are townships in Beijing, Suihua and Wuhan; among the enterprise codes they are zones. */
const weakTownshipName = /(地区|街)$/u
const zoneBeforeSuffix = /(开发区|园区|保税区|产业园|水库|委员会)(街道|地区)$/u
/** Zones that are counted like a township and say so. */
const namedLikeTownship = /((特殊|直属)(乡镇|街道)|产业小镇|产业园乡|办事处乡|^兵团.+团乡)$/u

const firstEnterpriseCode = 400

/** Whether a nine-digit row is a farm, park, zone, regiment, mine … and no town, township or street. */
export const isStatisticalTownship = (code: string, name: string): boolean => {
  if (namedLikeTownship.test(name) || isSummingRow(name)) return true
  const isEnterprise = Number(code.slice(6)) >= firstEnterpriseCode
  if (zoneBeforeSuffix.test(name) && (isEnterprise || !name.endsWith('街道'))) return true
  return !townshipName.test(name) && (isEnterprise || !weakTownshipName.test(name))
}

/**
 * Whether a six-digit county row is a development zone, an administrative committee or a summing row,
 * or stands for its own city where that has no counties (嘉峪关).
 */
export const isStatisticalCounty = (code: string, name: string, cityName: string): boolean => {
  const county = Number(code.slice(4))
  return (county >= 71 && county <= 80) || isSummingRow(name) || name.endsWith('委员会') || name === cityName
}
