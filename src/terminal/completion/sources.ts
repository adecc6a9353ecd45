import type {Sources} from './values.ts'

/** A TAB that takes longer is worse than one without answers. */
const namespacesTimeout = 2000

/**
 * Contexts from the kubeconfig files, namespaces by asking the cluster through kubectl. What only they need is imported
 * when they are asked: most TABs are about commands and flags.
 */
export const realSources: Sources = {
  async contexts(kubeconfig) {
    const {contextNames, loadKubeconfig} = await import('../../engine/kubeconfig/kubeconfig.ts')
    return contextNames(loadKubeconfig({env: process.env, ...(kubeconfig ? {kubeconfig} : {})}))
  },

  async namespaces({kubeconfig, context}) {
    const {execFile} = await import('node:child_process')
    const flags = [...(kubeconfig ? [`--kubeconfig=${kubeconfig}`] : []), ...(context ? [`--context=${context}`] : [])]
    return new Promise((resolve, reject) => {
      execFile(
        'kubectl',
        ['get', 'namespaces', '-o', 'name', `--request-timeout=${namespacesTimeout}ms`, ...flags],
        {timeout: namespacesTimeout},
        (error, stdout) => {
          if (error) reject(error)
          else
            resolve(
              stdout
                .split('\n')
                .filter(Boolean)
                .map(line => line.replace('namespace/', '')),
            )
        },
      )
    })
  },
}
