import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {refusedError, usageError} from '../errors.ts'
import type {ControlPlaneInput} from '../istio/render/input.ts'
import {type RenderedControlPlane, readManifest} from '../istio/render/manifest.ts'
import {helmValues} from '../istio/render/values.ts'
import {dumpYaml} from '../text/yaml.ts'
import {findTool, lastError, runFoundTool, type ToolResult} from './run-tool.ts'

/** The chart that Helm renders. */
export interface Chart {
  /** A folder, a file, `oci://…` or `REPO/NAME`. */
  reference: string
  /** Version of a chart in a repository; undefined for the newest. */
  version: string | undefined
  /**
   * Istio's base chart, which is rendered too. It contains the CustomResourceDefinitions and the validator of resources
   * without a revision. If Helm does not find it and it is not needed, it is left out.
   */
  base?: {reference: string; needed: boolean} | undefined
}

/**
 * Renders a control plane with `helm template` and the istiod chart. Values are passed in a file that only the current user
 * can read. No cluster is contacted and no release is created, because the plan installs and removes the objects. The
 * CustomResourceDefinitions are in the base chart, not in the istiod chart.
 *
 * @throws MeshError: exit 2 if helm is not in PATH; exit 3 if helm fails
 */
export async function renderWithHelm(
  input: ControlPlaneInput,
  chart: Chart,
  signal?: AbortSignal,
): Promise<RenderedControlPlane> {
  const file = await findTool('helm')
  if (file === undefined)
    throw usageError('helm is not in PATH', 'install helm, or render with istioctl or the Sail operator')
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-'))
  try {
    const values = join(folder, 'values.yaml')
    await writeFile(values, dumpYaml(helmValues(input)), {mode: 0o600})
    const version = chart.version === undefined ? [] : ['--version', chart.version]
    const template = (release: string, reference: string) =>
      runFoundTool(
        file,
        ['template', release, reference, '--namespace', input.namespace, '--values', values, ...version],
        {signal},
      )
    const [istiod, base] = await Promise.all([
      template('istiod', chart.reference),
      chart.base && template('istio-base', chart.base.reference),
    ])
    const rendered = manifestOf(istiod, chart.reference)
    return base && chart.base ? merged(baseManifest(base, chart.base, input.namespace), rendered) : rendered
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}

const empty: RenderedControlPlane = {objects: [], definitions: []}

function merged(one: RenderedControlPlane, other: RenderedControlPlane): RenderedControlPlane {
  return {
    objects: [...one.objects, ...other.objects],
    definitions: [...one.definitions, ...other.definitions],
  }
}

function manifestOf({code, stdout, stderr}: ToolResult, reference: string): RenderedControlPlane {
  if (code === 0) return readManifest(stdout)
  throw refusedError(`helm rejects this control plane: ${lastError(stderr)}`, ...hintsOf(stderr, reference))
}

function baseManifest(
  result: ToolResult,
  {reference, needed}: NonNullable<Chart['base']>,
  namespace: string,
): RenderedControlPlane {
  if (result.code === 0 || !isNotFound(result.stderr)) return manifestOf(result, reference)
  if (!needed) return empty
  throw refusedError(
    `helm does not find chart ${reference}; it contains Istio's resource definitions, which are missing in the cluster`,
    `helm install istio-base CHART --namespace ${namespace} --create-namespace`,
  )
}

function isNotFound(stderr: string): boolean {
  return /not found|no such file/i.test(stderr)
}

function hintsOf(stderr: string, reference: string): string[] {
  if (isNotFound(stderr))
    return [
      `--chart ${reference} is not an istiod chart that helm finds; specify a folder, a file, oci://… or REPO/istiod`,
    ]
  return ['check --set, --values and --profile']
}
