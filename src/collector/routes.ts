import type { IncomingMessage } from 'node:http'
import type { InventoryStore } from '../../inventory/store.ts'
import type { Clock } from '../core/clock.ts'
import { contentTypes, exposition, negotiate } from '../metrics/exposition.ts'
import { batchParser } from '../transport/batch-parser.ts'
import { enrolmentRequest, protocol, protocolHeader, signingKeyRequest } from '../transport/wire.ts'
import { type Authenticated, authenticate, checkBearer, checkProtocol, checkReader } from './access.ts'
import type { Collector } from './collector.ts'
import { type Answer, Refusal, json } from './http-answer.ts'
import { type Parser, readJson } from './http-body.ts'
import { enrol, registerSigningKey, retirePreviousKey, rotate } from './keys.ts'

/** What takes what others post. */
export interface Intake {
  readonly token: string
  /** Makes of a body what takes it, and says what to answer. That rejects with `EnvironmentFault` or `Refusal`. */
  readonly parser: Parser<() => Answer | Promise<Answer>>
}

/** Absent: nobody takes it. */
export interface Intakes {
  /** Alerts of an Alertmanager. */
  readonly alerts?: Intake | undefined
  /** Notices of the platform above (通报预警). */
  readonly notices?: Intake | undefined
}

export interface RouteContext {
  readonly collector: Collector
  readonly inventory: InventoryStore
  readonly clock: Clock
  readonly metricsToken: string | undefined
  readonly batchLimitBytes: number
  readonly isDraining: () => boolean
  readonly intakes: Intakes
}

export type Route = (request: IncomingMessage, context: RouteContext) => Promise<Answer>

const enrolmentLimitBytes = 4096
const postLimitBytes = 1024 * 1024
const spoken = { [protocolHeader]: String(protocol.current) }

/** Whose request it is; an agent that uses its new key gives its old one up by that. */
const asAgent = async (
  request: IncomingMessage,
  { collector, inventory }: RouteContext,
): Promise<Authenticated> => {
  const who = authenticate(request, await collector.inventory())
  await retirePreviousKey(inventory, who)
  collector.hear(who.agent.id)
  return who
}

const takeBatch: Route = async (request, context) => {
  const { agent } = await asAgent(request, context)
  const received = await readJson(request, batchParser, context.batchLimitBytes)
  return json(200, await context.collector.ingest(agent, received), spoken)
}

const givePlan: Route = async (request, context) => {
  const { agent } = await asAgent(request, context)
  const plan = context.collector.planOf(agent)
  const etag = `"${plan.digest}"`
  const known = (request.headers['if-none-match'] ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//u, ''))
  if (known.includes(etag)) return { status: 304, headers: { ...spoken, etag } }
  return json(200, plan, { ...spoken, etag })
}

const takeEnrolment: Route = async (request, { inventory, clock }) => {
  const wanted = await readJson(request, enrolmentRequest, enrolmentLimitBytes)
  return json(200, await enrol(inventory, wanted, clock), spoken)
}

const giveKey: Route = async (request, context) => {
  const who = authenticate(request, await context.collector.inventory())
  context.collector.hear(who.agent.id)
  return json(200, await rotate(context.inventory, who), spoken)
}

const takeSigningKey: Route = async (request, context) => {
  const who = await asAgent(request, context)
  const { signingKey } = await readJson(request, signingKeyRequest, enrolmentLimitBytes)
  await registerSigningKey(context.inventory, who, signingKey)
  return json(200, { signingKey }, spoken)
}

const giveMetrics: Route = async (request, { collector, metricsToken }) => {
  checkReader(request, metricsToken)
  const format = negotiate(request.headers.accept)
  const scrape = await collector.scrape()
  return {
    status: 200,
    headers: { 'content-type': contentTypes[format] },
    body: exposition(scrape.families, format),
    hold: scrape,
  }
}

const giveStatus: Route = async (request, { collector, metricsToken }) => {
  checkReader(request, metricsToken)
  return json(200, await collector.status())
}

const takePost =
  (what: keyof Intakes, suggestion: string): Route =>
  async (request, { intakes }) => {
    const intake = intakes[what]
    if (intake === undefined) throw new Refusal(404, `${what} are not taken here`, { suggestion })
    checkBearer(request, intake.token)
    const take = await readJson(request, intake.parser, postLimitBytes)
    return take()
  }

const takeAlerts = takePost('alerts', 'name the token of Alertmanager in notify.alertmanagerCredential')
const takeNotices = takePost('notices', 'name the token of the platform above in upward.noticeCredential')

const giveHealth: Route = () => Promise.resolve(json(200, { status: 'alive' }))

const giveReadiness: Route = (_request, { collector, isDraining }) => {
  // With the plan of an earlier revision it still does its work.
  const troubled = collector.problems().find((trouble) => trouble.with !== 'plan')
  const trouble = isDraining() ? 'draining' : troubled && `trouble with the ${troubled.with}`
  return Promise.resolve(json(trouble === undefined ? 200 : 503, { status: trouble ?? 'ready' }))
}

const spokenBy =
  (route: Route): Route =>
  (request, context) => {
    checkProtocol(request)
    return route(request, context)
  }

/** The one list of what the collector answers; everything else is 404. */
const routes: ReadonlyMap<string, Route> = new Map([
  ['POST /v1/batches', spokenBy(takeBatch)],
  ['GET /v1/plan', spokenBy(givePlan)],
  ['POST /v1/enroll', spokenBy(takeEnrolment)],
  ['POST /v1/key', spokenBy(giveKey)],
  ['POST /v1/signing-key', spokenBy(takeSigningKey)],
  ['POST /v1/alerts', takeAlerts],
  ['POST /v1/upward/notices', takeNotices],
  ['GET /v1/status', giveStatus],
  ['GET /metrics', giveMetrics],
  ['GET /healthz', giveHealth],
  ['GET /readyz', giveReadiness],
])

/** Answers a request. Throws `Refusal`, or `EnvironmentFault` where the store cannot. */
export const answer: Route = async (request, context) => {
  const [path = ''] = (request.url ?? '').split('?')
  const route = routes.get(`${request.method ?? ''} ${path}`)
  if (route === undefined) throw new Refusal(404, 'nothing is here')
  return route(request, context)
}
