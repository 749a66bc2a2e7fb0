import { once } from 'node:events'
import net from 'node:net'
import { collectHostEvidence, families, rootFolder } from '../../src/agent/host/index.ts'
import { liveSystem } from '../../src/agent/host/live-system.ts'

/** Run as a process of its own in a network namespace: listens as it is told, and prints what the agent's checks say of it. */
const [address = '', port = ''] = process.argv.slice(2)
const server = net.createServer().listen(Number(port), address)
await once(server, 'listening')
const machine = rootFolder('/nowhere', Date.now(), liveSystem(new AbortController().signal))
const wanted = families.filter(({ name }) => name === 'listening')
const { results } = await collectHostEvidence(machine, '0.0.0', wanted)
process.stdout.write(JSON.stringify(results))
server.close()
