import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {refusedError, usageError} from '../errors.ts'
import {cniValues, ztunnelValues} from '../istio/render/ambient.ts'
import {chartNextTo} from '../istio/render/charts.ts'
import type {ControlPlaneInput} from '../istio/render/input.ts'
import {type RenderedControlPlane, readManifest} from '../istio/render/manifest.ts'
import type {Tree} from '../istio/render/tree.ts'
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
  // Refused before the first chart is rendered, so that no process of helm outlives the error.
  const dataPlane = dataPlaneCharts(input, chart)
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-'))
  try {
    const values = join(folder, 'values.yaml')
    await writeFile(values, dumpYaml(helmValues(input)), {mode: 0o600})
    const version = chart.version === undefined ? [] : ['--version', chart.version]
    const template = (release: string, reference: string, from = values) =>
      runFoundTool(
        file,
        ['template', release, reference, '--namespace', input.namespace, '--values', from, ...version],
        {signal},
      )
    const [istiod, base, ...others] = await Promise.all([
      template('istiod', chart.reference),
      chart.base && template('istio-base', chart.base.reference),
      ...dataPlane.map(async ({release, reference, content}) => {
        const own = join(folder, `${release}.yaml`)
        await writeFile(own, dumpYaml(content), {mode: 0o600})
        return {reference, result: await template(release, reference, own)}
      }),
    ])
    const rendered = others
      .map(({result, reference}) => manifestOf(result, reference))
      .reduce(merged, manifestOf(istiod, chart.reference))
    return base && chart.base ? merged(baseManifest(base, chart.base, input.namespace), rendered) : rendered
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}

/** The charts of ambient mode next to the istiod chart, with their values. */
function dataPlaneCharts(
  input: ControlPlaneInput,
  {reference}: Chart,
): {release: string; reference: string; content: Tree}[] {
  if (!input.ambient) return []
  const charts = [
    {release: 'istio-cni', reference: chartNextTo(reference, 'cni'), content: cniValues(input)},
    {release: 'ztunnel', reference: chartNextTo(reference, 'ztunnel'), content: ztunnelValues(input)},
  ]
  return charts.map(chart => {
    if (chart.reference !== undefined) return {...chart, reference: chart.reference}
    throw refusedError(
      `--chart ${reference}: ambient mode needs the charts cni and ztunnel beside it, which only a chart with the name istiod has`,
      'specify a folder, a file, oci://… or REPO/istiod, or render with istioctl',
    )
  })
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
