import {parseContextReference} from '../../spec/context-ref.ts'
import type {Sources} from './values.ts'

/** Milliseconds. A user who presses TAB does not wait longer for namespaces. */
const namespacesTimeout = 2000

/**
 * Reads contexts from the kubeconfig files and namespaces with kubectl. Imports happen on use, because most completions
 * are of commands and flags.
 */
export const realSources: Sources = {
  async contexts(kubeconfig) {
    const {contextNames, loadKubeconfig} = await import('../../engine/kubeconfig/kubeconfig.ts')
    return contextNames(loadKubeconfig({env: process.env, ...(kubeconfig ? {kubeconfig} : {})}))
  },

  async namespaces({kubeconfig, context}) {
    const {file = kubeconfig, context: name} = parseContextReference(context ?? '') ?? {context}
    const output = await kubectl([
      'get',
      'namespaces',
      '-o',
      'name',
      `--request-timeout=${namespacesTimeout}ms`,
      ...(file ? [`--kubeconfig=${file}`] : []),
      ...(name ? [`--context=${name}`] : []),
    ])
    return output
      .split('\n')
      .filter(Boolean)
      .map(line => line.replace('namespace/', ''))
  },
}

/** Returns what kubectl prints. Rejects if it fails or takes too long. */
async function kubectl(args: string[]): Promise<string> {
  const {execFile} = await import('node:child_process')
  return new Promise((resolve, reject) => {
    execFile('kubectl', args, {timeout: namespacesTimeout}, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    )
  })
}
