/** What the plan leaves to whoever supervises: how near is near, how long a slip runs. Working days throughout. */

export const lightLabels = { green: '绿', yellow: '黄', red: '红' } as const
export type Light = keyof typeof lightLabels

export const slipLabels = { blue: '蓝', orange: '橙', red: '红' } as const
export type SlipColour = keyof typeof slipLabels

export interface SlipRule {
  readonly colour: SlipColour
  /** Issued on this working day after the deadline on which it is neither done nor put off. */
  readonly afterWorkingDays: number
}

export interface Policy {
  /** 黄: the deadline is this near. */
  readonly nearWorkingDays: number
  /** 黄: claimed as done, and not verified for longer than this. */
  readonly verifyWorkingDays: number
  /** In the order of escalation. */
  readonly slips: readonly SlipRule[]
}

/** As the configuration has it. */
export interface PolicySettings {
  readonly nearWorkingDays: number
  readonly verifyWorkingDays: number
  readonly blueAfterWorkingDays: number
  readonly orangeAfterWorkingDays: number
  readonly redAfterWorkingDays: number
}

export const policyOf = (settings: PolicySettings): Policy => ({
  nearWorkingDays: settings.nearWorkingDays,
  verifyWorkingDays: settings.verifyWorkingDays,
  slips: [
    { colour: 'blue', afterWorkingDays: settings.blueAfterWorkingDays },
    { colour: 'orange', afterWorkingDays: settings.orangeAfterWorkingDays },
    { colour: 'red', afterWorkingDays: settings.redAfterWorkingDays },
  ],
})
