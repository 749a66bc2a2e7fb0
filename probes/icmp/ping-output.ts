/** What iputils' and busybox' `ping` print, in the C locale. */
export interface PingOutput {
  readonly sent: number
  readonly rttSeconds: readonly number[]
  readonly duplicates: number
  readonly refusal: string | undefined
  readonly fault: string | undefined
  /** The program had no right to send. */
  readonly isDenied: boolean
}

const replyLine = /\b(?:icmp_)?seq=(\d+) .*\btime[=<](\d+(?:\.\d+)?) ?ms( \(DUP!\))?/u
const summaryLine = /^(\d+) packets transmitted,/mu
const refusalLine = /^From (\S+?):? icmp_seq=\d+ (.+)$/mu
const deniedLine = /operation not permitted|permission denied|cap_net_raw|must be root|lacking privilege/iu
const noRouteLine = /network is unreachable|no route to host/iu

interface Reply {
  readonly seconds: number
  readonly isDuplicate: boolean
}

const repliesOf = (output: string): readonly Reply[] =>
  output.split('\n').flatMap((line) => {
    const [, , milliseconds, duplicate] = replyLine.exec(line) ?? []
    return milliseconds === undefined
      ? []
      : [{ seconds: Number(milliseconds) / 1000, isDuplicate: duplicate !== undefined }]
  })

const refusalOf = (output: string): string | undefined => {
  const [, from, what] = refusalLine.exec(output) ?? []
  return from !== undefined && what !== undefined ? `${what.trim()} (ping) from ${from}` : undefined
}

/** A run without a summary never sent anything. */
const faultOf = (output: string, isWithoutSummary: boolean): string | undefined => {
  if (!isWithoutSummary) return undefined
  return noRouteLine.test(output) ? 'ENETUNREACH' : `ping: ${output.trim().split('\n')[0] ?? ''}`
}

/** Reads the output of a run; answers later than the timeout are loss. */
export const readPingOutput = (output: string, packetTimeoutSeconds: number): PingOutput => {
  const replies = repliesOf(output)
  const summary = summaryLine.exec(output)
  return {
    sent: Number(summary?.[1] ?? 0),
    rttSeconds: replies
      .filter(({ seconds, isDuplicate }) => !isDuplicate && seconds <= packetTimeoutSeconds)
      .map(({ seconds }) => seconds),
    duplicates: replies.filter(({ isDuplicate }) => isDuplicate).length,
    refusal: refusalOf(output),
    fault: faultOf(output, summary === null),
    isDenied: summary === null && deniedLine.test(output),
  }
}
