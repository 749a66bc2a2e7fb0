/** The peer answered, but not in the protocol asked for: the fault table makes it `down`, cause `protocol`. */
export const badMessage = (message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code: 'EBADMSG' })

/** The system's resolver was silent until the deadline, which says nothing of the target: `unknown`, cause `resolver`. */
export const resolverSilent = (name: string): Error =>
  Object.assign(new Error(`the resolver did not answer for ${name} in time`), { code: 'EAI_AGAIN' })

/** The peer hung up before its answer was complete: the fault table makes it `down`, cause `refused`. */
export const hungUp = (message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code: 'ECONNRESET' })
