/** Lets so many through at once and so many a second from then on. */
export interface Bucket {
  /** Whether one more may pass. `now`: of `performance.now()`. */
  readonly take: (now: number) => boolean
}

export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

export const createBucket = ({ burst, perSecond }: Rate): Bucket => {
  let left = burst
  let seenAt = 0
  return {
    take: (now) => {
      left = Math.min(burst, left + ((now - seenAt) / 1000) * perSecond)
      seenAt = now
      if (left < 1) return false
      left -= 1
      return true
    },
  }
}
