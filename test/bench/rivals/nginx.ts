import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { closedPort } from '../../support/peers.ts'
import { run } from '../process.ts'
import { untilListening } from './exporters.ts'

const execute = promisify(execFile)

/** One worker that answers two bytes, in clear and over TLS with a P-256 key, so that signing is not what is measured. */
export interface Nginx extends AsyncDisposable {
  readonly http: number
  readonly https: number
}

const configuration = (http: number, https: number): string => `
worker_processes 1; daemon off; master_process off; pid nginx.pid; error_log nginx.log; user root;
events { worker_connections 8192; }
http {
  access_log off; client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp;
  uwsgi_temp_path temp; scgi_temp_path temp;
  server { listen 127.0.0.1:${http} backlog=4096; location / { return 200 "ok\\n"; } }
  server { listen 127.0.0.1:${https} ssl backlog=4096; ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate certificate.pem; ssl_certificate_key key.pem; location / { return 200 "ok\\n"; } }
}
`

export const startNginx = async (parent: string): Promise<Nginx> => {
  const folder = path.join(parent, 'nginx')
  await mkdir(folder)
  const [keyFile, certificateFile] = [path.join(folder, 'key.pem'), path.join(folder, 'certificate.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const request = ['req', '-x509', ...curve, '-nodes', '-days', '30', '-subj', '/CN=localhost']
  await execute('openssl', [...request, '-keyout', keyFile, '-out', certificateFile])
  const [http, https] = [await closedPort(), await closedPort()]
  await writeFile(path.join(folder, 'nginx.conf'), configuration(http, https))
  const child = run('nginx', ['-p', `${folder}/`, '-c', 'nginx.conf', '-e', 'nginx.log'])
  await untilListening(https, child)
  return { http, https, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() }
}
