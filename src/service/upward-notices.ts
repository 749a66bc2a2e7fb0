import type { Inventory } from '../../inventory/store.ts'
import { json, Refusal } from '../collector/http-answer.ts'
import type { Intake } from '../collector/routes.ts'
import type { Config, CredentialResolver } from '../config/index.ts'
import { rosterAt } from '../security/duty.ts'
import type { Ledger } from '../security/ledger/ledger.ts'
import { liftNotice, type NoticeResult, takeNotice } from '../security/notices.ts'
import { liftingFrom, type NoticeDocument, noticeDocument, noticeFrom } from '../security/upward/notice.ts'
import { tokenNamed } from './credentials.ts'
import { upwardGuide } from './upward-routes.ts'

export interface NoticeTaker {
  readonly ledger: Ledger
  readonly inventory: Inventory
  readonly fallbackUnit: string | undefined
  readonly timezone: string
  readonly by: string
  readonly now: number
}

/**
 * Makes a task of a notice from above, changes it, or closes it where the notice is lifted.
 * Undefined where no unit answers for it. Throws `EnvironmentFault`.
 */
export const acceptNotice = (document: NoticeDocument, taker: NoticeTaker): NoticeResult | undefined => {
  const { ledger, inventory, by, now, timezone } = taker
  const ground = { now, by, timezone, roster: rosterAt(inventory, now) }
  if (document.action === 'lift') return liftNotice(ledger, liftingFrom(document), ground)
  const notice = noticeFrom(document, inventory, taker)
  return notice && takeNotice(ledger, notice, ground)
}

const receiptResults = { taken: 'accepted', known: 'duplicate', outdated: 'outdated' } as const

const answerNotice = (document: NoticeDocument, taker: NoticeTaker) => {
  const { id, revision } = document
  const taken = acceptNotice(document, taker)
  if (taken === undefined)
    throw new Refusal(422, 'unit: expected a unit that is known here, or targets of one', {
      suggestion: 'name one as it was reported with assets; here: upward.noticeUnit',
    })
  if (taken.result === 'unknown')
    throw new Refusal(422, `id: expected a notice that was issued before, ${id} is not known here`, {
      suggestion: 'issue it first, or lift it under the issuer and id that it was issued with',
    })
  const { result, incident } = taken
  if (result === 'conflict')
    throw new Refusal(
      409,
      `revision: expected a greater one, revision ${revision} of ${id} stands for another text`,
      { suggestion: `it is ${incident.id} here; give what changed a revision of its own` },
    )
  return json(200, {
    receipts: [{ id, revision, result: receiptResults[result], receipt: incident.id }],
  })
}

/** What takes notices that are posted; undefined where nobody may. Throws `UsageFault`. */
export const noticeIntake = (
  { upward: { noticeCredential, noticeUnit }, timezone }: Config,
  inventory: () => Promise<Inventory>,
  ledger: Ledger,
  resolve: CredentialResolver,
): Intake | undefined => {
  const token = tokenNamed('upward.noticeCredential', noticeCredential, resolve, upwardGuide)
  return token === undefined
    ? undefined
    : {
        token,
        parser: noticeDocument.transform(
          (document) => async () =>
            answerNotice(document, {
              ...{ ledger, timezone, fallbackUnit: noticeUnit },
              inventory: await inventory(),
              ...{ by: 'upward', now: Date.now() },
            }),
        ),
      }
}
