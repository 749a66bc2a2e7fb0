import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import readline from 'node:readline'

/** A process that answers each line of JSON by another. It ends with its standard input. */
export interface Dialogue<Question, Answer> extends AsyncDisposable {
  readonly ask: (question: Question) => Promise<Answer>
}

export const dialogueWith = <Question, Answer>(child: ChildProcess): Dialogue<Question, Answer> => {
  const lines = readline.createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  return {
    ask: async (question) => {
      child.stdin!.write(`${JSON.stringify(question)}\n`)
      const { value, done } = (await lines.next()) as { value: string; done?: boolean }
      if (done === true) throw new Error('the process ended before it answered')
      return JSON.parse(value) as Answer
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin!.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

/** The same over a script of ours. */
export const startDialogue = <Question, Answer>(script: string): Dialogue<Question, Answer> =>
  dialogueWith(spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] }))
