/** The simulator as a process of its own, as the demo starts it; `node run.ts <base port>`. */
import { designCity } from '../../src/simulator/city.ts'
import { serveControl } from '../../src/simulator/control.ts'
import { kaifeng } from './seed.ts'

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
await serveControl(designCity(kaifeng), {
  input: process.stdin,
  output: process.stdout,
  signal: stop.signal,
  basePort: Number(process.argv[2]),
})
