import type { Inventory } from '../../inventory/store.ts'
import type { IncidentEvent } from '../security/events.ts'

/** The same event for people to read: contacts and units by their names, by their ids where the inventory has none. */
export const withNames = (
  event: IncidentEvent,
  { contact, unit }: Pick<Inventory, 'contact' | 'unit'>,
): IncidentEvent => {
  const { notify, incident, change } = event
  const { assignee, tasks } = incident
  const person = (id: string): string => contact.get(id)?.name ?? id
  const task = change === 'tasked' ? tasks.at(-1) : undefined
  return {
    ...event,
    notify: notify.map(person),
    incident: { ...incident, ...(assignee !== undefined && { assignee: person(assignee) }) },
    ...(task && { note: `${unit.get(task.unit)?.name ?? task.unit}：${task.what}` }),
  }
}
