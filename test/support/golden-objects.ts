import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {loadAll} from 'js-yaml'
import type {AnyObject} from './servers/api.ts'

const folder = join(import.meta.dirname, '..', 'golden')

/** The kinds of Istio that are files for istioctl, not objects of a cluster. */
const fileKinds = ['IstioOperator']

/** Returns the Istio objects in the YAML files of `test/golden`, each with the file that contains it. */
export async function goldenObjects(): Promise<{file: string; object: AnyObject}[]> {
  const names = await readdir(folder, {recursive: true})
  const files = await Promise.all(
    names
      .filter(name => name.endsWith('.yaml'))
      .sort()
      .map(async file => ({file, text: await readFile(join(folder, file), 'utf8')})),
  )
  return files.flatMap(({file, text}) =>
    // Some files have such a line instead of the separator of YAML documents.
    loadAll(text.replaceAll(/^# cluster: .*$/gm, '---'))
      .filter(isIstioObject)
      .map(object => ({file, object})),
  )
}

function isIstioObject(value: unknown): value is AnyObject {
  const {apiVersion = '', kind = ''} = (value ?? {}) as Partial<AnyObject>
  return /\.istio\.io\//.test(apiVersion) && !fileKinds.includes(kind)
}
