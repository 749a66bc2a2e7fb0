/** Opens and closes findings in a ledger for as long as it lives, and says what is on the disk: `node ledger-writer.ts FILE FROM`. */
import { recordFindings, takeSteps } from '../../src/security/incidents.ts'
import { openLedger } from '../../src/security/ledger/ledger.ts'
import { closing, finding, ground, opening } from '../security/findings.ts'

const [file = '', from = '0'] = process.argv.slice(2)
using ledger = openLedger(file)
for (let turn = Number(from); ; turn += 1) {
  const now = Date.now()
  const found = finding(`s-${String(turn)}`, { openedAt: now })
  recordFindings(
    ledger,
    [opening(found), opening(finding(`n-${String(turn)}`, { openedAt: now }))],
    ground(now),
  )
  const id = ledger.incidents('live').find(({ targets }) => targets.includes(found.target))?.id ?? ''
  takeSteps(ledger, id, [{ do: 'ack' }], { at: now, by: '王' })
  recordFindings(ledger, [closing(found, now)], ground(now))
  process.stdout.write(`${String(turn)} ${String(ledger.head())} ${id}\n`)
}
