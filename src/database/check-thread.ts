import { pathToFileURL } from 'node:url'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

/** A thread that checks one file and ends. */
const place = pathToFileURL(workerData as string)
// Who broke the check off may have removed the file by now: none is made then.
place.searchParams.set('mode', 'rw')
const check = (): string => {
  using database = new DatabaseSync(place)
  return String(database.prepare('PRAGMA quick_check').get()?.['quick_check'])
}

// Once it is closed: whoever asked ends this thread when there is an answer.
parentPort?.postMessage(check())
