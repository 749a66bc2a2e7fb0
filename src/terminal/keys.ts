import { on } from 'node:events'
import { emitKeypressEvents } from 'node:readline'
import { createInterface } from 'node:readline/promises'
import { PassThrough } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'

/** A key of a terminal. */
export interface Key {
  /** `a`, `left`, `return`; as typed where it has no name. */
  readonly name: string
  readonly sequence: string
  readonly ctrl: boolean
  /** Part of a text that was pasted: never a command. */
  readonly pasted: boolean
}

interface Keypress {
  readonly name?: string
  readonly sequence?: string
  readonly ctrl?: boolean
}

const screen = { enter: '\u001b[?1049h', leave: '\u001b[?1049l' } as const
/** Bracketed paste: the terminal says where a pasted text begins and ends. */
const paste = { mark: '\u001b[?2004h', unmark: '\u001b[?2004l' } as const

async function* keysOf(input: ReadStream, signal: AbortSignal): AsyncGenerator<Key, undefined> {
  let pasted = false
  try {
    for await (const [typed, press] of on(input, 'keypress', { signal, close: ['end', 'close'] })) {
      const { name, sequence, ctrl = false } = press as Keypress
      if (name === 'paste-start' || name === 'paste-end') pasted = name === 'paste-start'
      else {
        const text = sequence ?? String(typed)
        yield { name: name ?? text, sequence: text, ctrl, pasted }
      }
    }
  } catch (error) {
    // Of `on` it is an AbortError: who aborted, and why, is what the caller knows.
    signal.throwIfAborted()
    throw error
  }
}

export interface Terminal extends Disposable {
  /** In the order in which they were typed, those that come while nobody asks as well; ends when the terminal goes. */
  readonly keys: AsyncGenerator<Key, undefined>
  readonly output: WriteStream
}

/** Takes the terminal: keys one by one on a screen of its own. Gives it back as it was when disposed. */
export const takeTerminal = (input: ReadStream, output: WriteStream, signal: AbortSignal): Terminal => {
  emitKeypressEvents(input)
  input.setRawMode(true)
  output.write(`${screen.enter}${paste.mark}`)
  return {
    keys: keysOf(input, signal),
    output,
    [Symbol.dispose]: () => {
      output.write(`${paste.unmark}${screen.leave}`)
      input.setRawMode(false)
      input.pause()
    },
  }
}

/** Stands for a line break while a text is edited in one line. */
const lineBreak = '⏎'

const oneLine = (text: string): string => text.replace(/\r\n?|\n/gu, lineBreak)

/** Feeds keys into a line editor until the line ends; false where it was given up. */
const typeInto = async (keys: Terminal['keys'], editor: PassThrough): Promise<boolean> => {
  for (;;) {
    const { value: key } = await keys.next()
    if (key === undefined) return false
    const isEnd = key.name === 'return' || key.name === 'enter'
    if (key.pasted) editor.write(isEnd ? lineBreak : key.sequence)
    else if (key.name === 'escape' || (key.ctrl && (key.name === 'c' || key.name === 'd'))) return false
    else {
      editor.write(isEnd ? '\r' : key.sequence)
      if (isEnd) return true
    }
  }
}

/** Lets a person edit a text; undefined where they gave up (Escape, Ctrl-C) and where the terminal went. */
export const editText = async (
  { keys, output }: Terminal,
  label: string,
  initial: string,
): Promise<string | undefined> => {
  const editor = new PassThrough()
  const line = createInterface({ input: editor, output, terminal: true, historySize: 0 })
  const answer = line.question(label).catch(() => undefined)
  line.write(oneLine(initial))
  try {
    const text = (await typeInto(keys, editor)) ? await answer : undefined
    return text?.replaceAll(lineBreak, '\n').trim()
  } finally {
    line.close()
  }
}
