import path from 'node:path'
import { EnvironmentFault } from '../core/fault.ts'
import { jsonOf } from '../core/json.ts'
import type { Plan } from '../plan/plan.ts'
import { planDocument } from '../transport/plan-document.ts'
import { readIfThere, replaceFile } from './durable-file.ts'
import { agentFiles } from './identity.ts'
import type { Log } from '../core/log.ts'

/** Where an agent keeps its newest plan, so that it probes when it starts while the link is cut. */
export interface PlanCache {
  /** The plan of last time, or undefined: one that cannot be read is as good as none. */
  load(): Promise<Plan | undefined>
  /** Never rejects for the surroundings: a plan that is not kept still runs. */
  store(plan: Plan): Promise<void>
}

const orLog = async <Result>(
  work: Promise<Result>,
  log: Log,
  message: string,
): Promise<Result | undefined> => {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof EnvironmentFault)) throw error
    log('warn', message, { error })
    return undefined
  }
}

/** A cache in the agent's folder. */
export const filePlanCache = (folder: string, log: Log): PlanCache => {
  const file = path.join(folder, agentFiles.plan)
  return {
    load: async () => {
      const text = await orLog(readIfThere(file), log, 'the cached plan cannot be read')
      if (text === undefined) return undefined
      const plan = planDocument.safeParse(jsonOf(text)).data
      if (plan === undefined) log('warn', 'the cached plan is broken: waiting for the collector', { file })
      return plan
    },
    store: (plan) => orLog(replaceFile(file, JSON.stringify(plan), 0o600), log, 'the plan cannot be cached'),
  }
}

/** For an agent inside its collector's process, which needs none. */
export const noPlanCache: PlanCache = {
  load: () => Promise.resolve(undefined),
  store: () => Promise.resolve(),
}
