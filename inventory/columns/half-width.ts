/** Full-width letters, digits and signs as half-width ones, without spaces around them. */
export const halfWidth = (text: string): string =>
  /^[!-~]*$/u.test(text)
    ? text
    : text
        .normalize('NFKC')
        .replace(/[\u200b-\u200d\ufeff]/gu, '')
        .trim()
