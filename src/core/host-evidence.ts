/** What host checks say of a machine: the form in which agents report it and the checklist reads it. */

/** What was seen says this of an item. It never says that an item is met: a person does. */
export const verdictLabels = {
  supports: '支持符合',
  contradicts: '支持不符合',
  'cannot-tell': '不能判断',
} as const
export type Verdict = keyof typeof verdictLabels

export interface CheckResult {
  readonly family: string
  readonly id: string
  readonly title: string
  /** Items of GB/T 22239-2019 that it speaks to: `L3-CES1-01`. */
  readonly items: readonly string[]
  /** How to mend what it finds. */
  readonly remedy: string
  readonly verdict: Verdict
  /** What was seen, in words; never a secret. */
  readonly observed: string
}

export interface Distribution {
  readonly id: string
  readonly version: string
  readonly name: string
  /** By the package manager's own files: one name (`kylin`, `uos`) stands for systems of both families. */
  readonly packages: 'dpkg' | 'rpm' | 'unknown'
  /** These checks were seen working on a real host of this kind, not on files written by hand alone. */
  readonly isMet: boolean
}

export interface HostIdentity {
  readonly hostname: string
  /** Stands for the machine id, which itself is not to be shown (machine-id(5)). */
  readonly machine?: string
  readonly distribution: Distribution
}

/** What one look at a machine found. */
export interface HostEvidence {
  readonly format: 'yiwang-host-evidence/1'
  readonly version: string
  /** Changes with any word of any check. */
  readonly catalogueDigest: string
  readonly collectedAt: string
  /** Whether the running system was asked, or a folder looked at from outside. */
  readonly from: 'live' | 'folder'
  /** Whether root looked: who is not may not read everything. Absent: not said. */
  readonly asRoot?: boolean
  readonly host: HostIdentity
  readonly results: readonly CheckResult[]
}

/** Evidence whose signature was checked, and which was not altered since it arrived. */
export interface KeptHostEvidence {
  readonly evidence: HostEvidence
  /** SHA-256 (hex) of the signed document. */
  readonly hash: string
  /** Id of the key that signed it: an agent's, or one registered for offline use. */
  readonly key: string
  /** Asset target (node, system or device of the inventory) that the host stands for, where it is known. */
  readonly target?: string
  readonly receivedAt: number
}

/** Kind of the observations by which an agent delivers evidence of its own machine: no probe, of no target of the plan. */
export const hostCheckKind = 'host-check'

/** Where such an observation of an agent belongs. No id of the inventory has a colon. */
export const hostCheckPlace = (agent: string): { readonly job: string; readonly target: string } => ({
  job: `agent:${agent}/${hostCheckKind}`,
  target: `agent:${agent}`,
})
