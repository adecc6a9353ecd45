import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {messageOf, refusedError, usageError} from '../errors.ts'
import type {ControlPlaneInput} from '../istio/render/input.ts'
import {readManifest} from '../istio/render/manifest.ts'
import {helmValues} from '../istio/render/values.ts'
import {dumpYaml} from '../text/yaml.ts'
import {lastError, type RenderedByTool} from './istioctl.ts'
import {findTool, runTool} from './run-tool.ts'

/** Which chart Helm renders. */
export interface Chart {
  /** A folder, a file, `oci://…` or `REPO/NAME`. */
  reference: string
  /** Of a chart in a repository. */
  version: string | undefined
  /**
   * Istio's base chart, rendered too: it has the definitions, and the validator of what carries no revision. Where it is not
   * found and not needed, it is left out.
   */
  base?: {reference: string; needed: boolean} | undefined
}

/**
 * Renders a control plane by the user's Helm: `helm template` with the istiod chart, whose values go through a file that
 * only this user can read. No cluster is asked, and no release is made: our own plan is what installs and removes.
 * The istiod chart holds no CustomResourceDefinitions (they are the base chart's).
 *
 * @throws MeshError: no helm in PATH (exit 2), or it fails (exit 3), with what it said
 */
export async function renderWithHelm(
  input: ControlPlaneInput,
  chart: Chart,
  signal?: AbortSignal,
): Promise<RenderedByTool> {
  const file = await findTool('helm')
  if (file === undefined)
    throw usageError('helm is not in PATH', 'put it there, or let istioctl or the Sail operator do it')
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-'))
  try {
    const values = join(folder, 'values.yaml')
    await writeFile(values, dumpYaml(helmValues(input)), {mode: 0o600})
    const version = chart.version === undefined ? [] : ['--version', chart.version]
    const template = async (release: string, reference: string) => {
      const args = ['template', release, reference, '--namespace', input.namespace, '--values', values]
      const {code, stdout, stderr} = await runTool(file, [...args, ...version], {signal}).catch(error => {
        throw refusedError(`${file} can't be run: ${messageOf(error)}`)
      })
      if (code !== 0 && reference === chart.base?.reference && isNotFound(stderr)) return undefined
      if (code !== 0)
        throw refusedError(`helm refuses this control plane: ${lastError(stderr)}`, ...hintsOf(stderr, reference))
      return readManifest(stdout)
    }
    const [istiod, base] = await Promise.all([
      template('istiod', chart.reference),
      chart.base === undefined ? undefined : template('istio-base', chart.base.reference),
    ])
    if (!base && chart.base?.needed)
      throw refusedError(
        `helm finds no chart ${chart.base.reference}, and the cluster lacks Istio's resource definitions, which are in it`,
        `helm install istio-base CHART --namespace ${input.namespace} --create-namespace`,
      )
    return {
      objects: [...(base?.objects ?? []), ...(istiod?.objects ?? [])],
      definitions: [...(base?.definitions ?? []), ...(istiod?.definitions ?? [])],
      by: `helm, chart ${chart.reference}`,
    }
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}

function isNotFound(stderr: string): boolean {
  return /not found|no such file/i.test(stderr)
}

function hintsOf(stderr: string, reference: string): string[] {
  if (isNotFound(stderr))
    return [`--chart says where the istiod chart is (now: ${reference}): a folder, a file, oci://… or REPO/istiod`]
  return ['look at --set, --values and --profile']
}
