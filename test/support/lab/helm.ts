import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, renameSync} from 'node:fs'
import {join} from 'node:path'
import {labFolder} from '../binaries.ts'

const folder = join(labFolder, 'tools', 'helm')

/** Folder of a helm binary. The first call builds it from its Go module, which takes minutes. */
export function buildHelm(): string {
  const hash = createHash('sha256')
    .update(readFileSync(join(folder, 'go.sum')))
    .digest('hex')
    .slice(0, 12)
  const bin = join(process.env.KUBECTL_MESH_LAB ?? '/var/tmp/kubectl-mesh-lab', `helm-${hash}`)
  const file = join(bin, 'helm')
  if (!existsSync(file)) {
    mkdirSync(bin, {recursive: true})
    const part = join(bin, `part-${process.pid}`)
    execFileSync('go', ['build', '-mod=readonly', '-trimpath', '-o', part, 'helm.sh/helm/v4/cmd/helm'], {cwd: folder})
    renameSync(part, file)
  }
  return bin
}

/** Folder of Istio's charts in Go's module cache, at the version of the lab. */
export function istioCharts(): string {
  const cwd = join(labFolder, 'istio')
  // The lab's binaries may be newer than Go's module cache, which may be empty.
  execFileSync('go', ['mod', 'download', 'istio.io/istio'], {cwd})
  const format = ['list', '-m', '-f', '{{.Dir}}', 'istio.io/istio']
  const dir = execFileSync('go', format, {cwd, encoding: 'utf8'}).trim()
  return join(dir, 'manifests', 'charts')
}
