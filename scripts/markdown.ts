const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`

/** A table of Markdown. */
export const table = (headers: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(headers), row(headers.map(() => '---')), ...rows.map(row)].join('\n')
