import { backup, DatabaseSync } from 'node:sqlite'

const pagesAtOnce = 2560

/**
 * Copies a database as it is now to a file that is not there yet, whoever writes meanwhile. `onCopied` is told how many
 * bytes are there so far. Rejects with what SQLite says.
 */
export const copyDatabase = async (
  from: string,
  to: string,
  onCopied: (bytes: number) => void = () => undefined,
): Promise<void> => {
  using source = new DatabaseSync(from, { readOnly: true, timeout: 10_000 })
  // SQLite begins such a copy anew whenever another process has written, unless whoever copies reads as of one moment.
  source.exec('BEGIN')
  const pageBytes = Number(source.prepare('PRAGMA page_size').get()?.['page_size'])
  source.prepare('SELECT count(*) FROM sqlite_schema').get()
  await backup(source, to, {
    rate: pagesAtOnce,
    progress: ({ totalPages, remainingPages }) => onCopied((totalPages - remainingPages) * pageBytes),
  })
}
