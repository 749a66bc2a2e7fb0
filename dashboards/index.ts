import path from 'node:path'
import { county } from './boards/county.ts'
import { migration } from './boards/migration.ts'
import { mlps } from './boards/mlps.ts'
import { network } from './boards/network.ts'
import { nodeBoard } from './boards/node.ts'
import { overview } from './boards/overview.ts'
import { platform } from './boards/platform.ts'
import { securityBoard } from './boards/security.ts'
import { systems } from './boards/systems.ts'
import { type BoardPlan, buildBoard } from './kit/board.ts'
import { alerts, rulesFile, runbook } from './rules/index.ts'
import { routesFile } from './rules/routes.ts'

const plans: readonly BoardPlan[] = [
  overview,
  county,
  nodeBoard,
  network,
  systems,
  securityBoard,
  migration,
  mlps,
  platform,
]

export interface Board {
  readonly uid: string
  /** Makes Grafana's JSON. */
  readonly json: () => string
}

export const boards: readonly Board[] = plans.map((plan) => ({ uid: plan.uid, json: () => buildBoard(plan) }))

/** What deploys, and is the same for everybody: compose file, units, provisioning. */
export const deployFolder = path.join(import.meta.dirname, 'deploy')

export interface Places {
  /** Address under which the runbooks are read, without a slash at its end. */
  readonly runbooks: string
  /** Where Alertmanager sends notifications. */
  readonly webhook: string
}

/** Where they are in this repository, and the collector on the same machine. */
export const defaultPlaces: Places = {
  runbooks: 'docs/runbooks',
  webhook: 'http://127.0.0.1:9410/v1/alerts',
}

/** What is made for Grafana, Prometheus and Alertmanager: text by file, relative to the folder of the deployment. */
export const deploymentFiles = ({ runbooks, webhook }: Places): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(boards.map(({ uid, json }) => [`grafana/dashboards/${uid}.json`, json()])),
  'prometheus/rules.yml': rulesFile(runbooks),
  'alertmanager/alertmanager.yml': routesFile(webhook),
})

/** Runbooks by file name. */
export const runbookFiles = (): Readonly<Record<string, string>> =>
  Object.fromEntries(alerts.map((alert) => [`${alert.name}.md`, runbook(alert)]))
