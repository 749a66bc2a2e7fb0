const newline = 0x0a

/**
 * Lines of a stream of bytes, without their newlines; a last one that is not ended is a line too. Rejects with what
 * `tooLong` makes for a line of more than `mostBytes`.
 */
export async function* linesOf(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  mostBytes: number,
  tooLong: () => Error,
): AsyncGenerator<Buffer> {
  let open: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      yield Buffer.concat([...open, chunk.subarray(start, end)])
      open = []
      bytes = 0
      start = end + 1
    }
    const rest = chunk.subarray(start)
    bytes += rest.length
    if (bytes > mostBytes) throw tooLong()
    if (rest.length > 0) open.push(rest)
  }
  if (open.length > 0) yield Buffer.concat(open)
}
