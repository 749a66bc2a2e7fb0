import { openHistory } from '../../src/collector/history.ts'
import { startCollector } from '../../src/collector/server.ts'
import { EnvironmentFault } from '../../src/core/fault.ts'
import { activeAgent, collectorOptions, node } from './support.ts'

/**
 * A collector as a process of its own: `node child.ts <history file> <nodes>`. Prints its URL as a line;
 * ends by SIGTERM. A fault at the start is one line, `fault <code>`.
 */
const [file = '', nodes = '10'] = process.argv.slice(2)

const records = {
  agent: [activeAgent('a')],
  node: Array.from({ length: Number(nodes) }, (_, at) => node(`n${String(at)}`)),
}

try {
  const history = openHistory(file)
  const running = await startCollector({
    ...collectorOptions(records, history),
    listen: { host: '127.0.0.1', port: 0 },
    batchLimitBytes: 8 * 1024 * 1024,
  })
  process.stdout.write(`${running.url}\n`)
  process.once('SIGTERM', () => {
    void running.close().then(() => history[Symbol.asyncDispose]())
  })
} catch (error) {
  if (!(error instanceof EnvironmentFault)) throw error
  process.stdout.write(`fault ${error.code}\n`)
}
