const mostShown = 8

/** A list in a sentence: the first few, and how many there are. */
export const listed = (names: readonly (string | number)[]): string =>
  names.length <= mostShown
    ? names.join('、')
    : `${names.slice(0, mostShown).join('、')} 等 ${names.length} 个`
