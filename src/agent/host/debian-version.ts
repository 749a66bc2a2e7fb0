/** Where a character sorts: `~` before the end, the end before letters, letters before the rest (deb-version(7)). */
const weightAt = (text: string, index: number): number => {
  const character = text[index]
  if (character === undefined) return 0
  if (character === '~') return -1
  return character.charCodeAt(0) + (/[a-z]/iu.test(character) ? 0 : 256)
}

const compareWords = (left: string, right: string): number => {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = weightAt(left, index) - weightAt(right, index)
    if (difference !== 0) return difference
  }
  return 0
}

/** By turns what is no number and what is one. */
const partsOf = (text: string): readonly (readonly [word: string, digits: bigint])[] =>
  [...text.matchAll(/(\D*)(\d*)/gu)].map(([, word = '', digits = '']) => [word, BigInt(digits)])

const compareParts = (left: string, right: string): number => {
  const [lefts, rights] = [partsOf(left), partsOf(right)]
  for (let index = 0; index < Math.max(lefts.length, rights.length); index += 1) {
    const [leftWord, leftDigits] = lefts[index] ?? ['', 0n]
    const [rightWord, rightDigits] = rights[index] ?? ['', 0n]
    const words = compareWords(leftWord, rightWord)
    if (words !== 0) return words
    if (leftDigits !== rightDigits) return leftDigits < rightDigits ? -1 : 1
  }
  return 0
}

const splitVersion = (version: string) => {
  const [, epoch = '0', upstream = '', revision = ''] =
    /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/su.exec(version) ?? []
  return { epoch, upstream, revision }
}

/** Below zero where the first is the older one, as `dpkg --compare-versions` has it (deb-version(7)). */
export const compareVersions = (left: string, right: string): number => {
  const [first, second] = [splitVersion(left), splitVersion(right)]
  return (
    compareParts(first.epoch, second.epoch) ||
    compareParts(first.upstream, second.upstream) ||
    compareParts(first.revision, second.revision)
  )
}
