import {spawn} from 'node:child_process'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {buffer} from 'node:stream/consumers'
import {runOk} from '../run.ts'

/** A Git repository with a work tree, from which Flux reads over HTTP. */
export interface Repository {
  /** The work tree. */
  folder: string
  url: string
  /** Commits and pushes the work tree, and returns the commit. */
  push(message: string): Promise<string>
  close(): void
}

/** Neither the identity nor the settings of the user. */
const gitEnv = {
  ...{GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1'},
  ...{GIT_AUTHOR_NAME: 'lab', GIT_AUTHOR_EMAIL: 'lab@example.com'},
  ...{GIT_COMMITTER_NAME: 'lab', GIT_COMMITTER_EMAIL: 'lab@example.com'},
}

/** Creates a repository with the branch `main`, and serves it on loopback with `git http-backend`. */
export async function openRepository(parent: string): Promise<Repository> {
  const [folder, bare] = [join(parent, 'work'), join(parent, 'served', 'fleet.git')]
  const git = (...args: string[]) => runOk(['git', '-C', folder, ...args], {env: gitEnv})
  await runOk(['git', 'init', '--quiet', '--bare', '--initial-branch=main', bare], {env: gitEnv})
  await runOk(['git', 'init', '--quiet', '--initial-branch=main', folder], {env: gitEnv})
  const server = createServer((request, response) => {
    serve(join(parent, 'served'), request, response).catch(error => response.destroy(error as Error))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    folder,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fleet.git`,
    push: async message => {
      await git('add', '--all')
      await git('commit', '--quiet', '--allow-empty', '--message', message)
      await git('push', '--quiet', bare, 'main')
      return (await git('rev-parse', 'HEAD')).trim()
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Answers one request with the output of `git http-backend` (a CGI program, RFC 3875; Flux does not support the dumb protocol). */
async function serve(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const {pathname, search} = new URL(request.url ?? '/', 'http://localhost')
  const body = await buffer(request)
  const header = (name: string) => String(request.headers[name] ?? '')
  const child = spawn('git', ['http-backend'], {
    env: {
      ...process.env,
      ...gitEnv,
      ...{GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: '1', GIT_PROTOCOL: header('git-protocol')},
      ...{PATH_INFO: pathname, QUERY_STRING: search.slice(1), REQUEST_METHOD: request.method},
      ...{CONTENT_TYPE: header('content-type'), CONTENT_LENGTH: String(body.length)},
      HTTP_CONTENT_ENCODING: header('content-encoding'),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  // It may end without reading its input.
  child.stdin.on('error', () => undefined)
  child.stdin.end(body)
  const output = await buffer(child.stdout)
  const end = output.indexOf('\r\n\r\n')
  const fields = output
    .subarray(0, end)
    .toString()
    .split('\r\n')
    .map(line => line.split(/: (.*)/, 2) as [string, string])
  const status = fields.find(([name]) => name === 'Status')?.[1] ?? '200'
  response.writeHead(Number.parseInt(status, 10), Object.fromEntries(fields.filter(([name]) => name !== 'Status')))
  response.end(output.subarray(end + 4))
}
