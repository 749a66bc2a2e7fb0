/** Milliseconds since the epoch. Every judgement takes its clock as an argument. */
export type Clock = () => number
