import {refusedError, usageError} from '../errors.ts'
import {findTool, lastError, runFoundTool} from './run-tool.ts'

/** A chart that is not Istio's. */
export interface OtherChart {
  release: string
  /** A folder, a `.tgz` file, `oci://…` or `REPO/NAME`. */
  chart: string
  namespace: string
  /** Paths of values files. */
  values: readonly string[]
}

/**
 * Renders a chart with `helm template` and returns its manifest, without its tests. No cluster is contacted and no release is
 * created.
 *
 * @throws MeshError: exit 2 if helm is not in PATH; exit 3 if helm fails
 */
export async function renderAddonChart(
  {release, chart, namespace, values}: OtherChart,
  signal?: AbortSignal,
): Promise<string> {
  const file = await findTool('helm')
  if (file === undefined)
    throw usageError('helm is not in PATH', 'install helm, or use the manifests of an Istio release')
  const files = values.flatMap(name => ['--values', name])
  // A chart or file that begins with - must not be read as a flag.
  const args = ['template', '--namespace', namespace, '--skip-tests', ...files, '--', release, chart]
  const {code, stdout, stderr} = await runFoundTool(file, args, {signal})
  if (code === 0) return stdout
  throw refusedError(`helm does not render ${chart}: ${lastError(stderr)}`, 'check --from and --values')
}
