const units = [
  { seconds: 86_400, name: 'd' },
  { seconds: 3600, name: 'h' },
  { seconds: 60, name: 'min' },
] as const

/** How long ago, in the largest unit that fits twice or more: `45 s`, `90 min`, `3 d`. */
export const age = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds))
  const unit = units.find((each) => whole >= 2 * each.seconds) ?? { seconds: 1, name: 's' }
  return `${String(Math.floor(whole / unit.seconds))} ${unit.name}`
}
