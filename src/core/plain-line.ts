/** Control characters, and those that turn the direction of what follows. */
const invisible = /[\p{Cc}\u{200B}-\u{200F}\u{2028}-\u{202E}\u{2060}-\u{2069}\u{FEFF}]+/gu

/** One line without control characters, no longer than so many characters. */
export const plainLine = (text: string, maxLength = 300): string => {
  const line = text.replaceAll(invisible, ' ').trim()
  const characters = Array.from(line)
  return characters.length <= maxLength ? line : `${characters.slice(0, maxLength - 1).join('')}…`
}
