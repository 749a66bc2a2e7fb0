export { type Calendar, type CalendarYear, calendarWith, readCalendar } from './calendar.ts'
export {
  type ClaimKind,
  type ClaimKindCode,
  claimKindLabels,
  claimKinds,
  type SubjectKind,
  subjectLabels,
} from './claim-kinds.ts'
export {
  isBefore,
  isDoneState,
  milestoneState,
  type Move,
  movesBySubject,
  nextStates,
  taskState,
} from './moves.ts'
export type {
  Claim,
  Exclusion,
  Goal,
  Mention,
  Milestone,
  Progress,
  Roster,
  SignedDocument,
  Task,
  Workplan,
} from './records.ts'
export { memberCollection, subjectCollection } from './references.ts'
export * from './words.ts'
