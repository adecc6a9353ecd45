import {expect, test} from 'vitest'
import {buildServiceImport, exportersAnnotation} from '../../../src/mesh/services/objects.ts'
import {parseImports, readServiceImport} from '../../../src/mesh/services/parse-import.ts'
import {exporter, hello, place} from './samples-imports.ts'

test.each(['', '{', '[]', 'null', '"x"'])('rejects the annotation %j', text => {
  const entry = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: {name: 'hello.sample.global', namespace: 'istio-system', annotations: {[exportersAnnotation]: text}},
    spec: {hosts: ['hello.sample.global']},
  }
  expect(() => readServiceImport(entry)).toThrow(/was changed and cannot be read/)
})

test('parseImports returns readable imports, and problems of unreadable ones', () => {
  const [, entry] = buildServiceImport(place, hello({east: exporter('east')})).map(({object}) => object)
  const broken = {...entry!, metadata: {...entry!.metadata, name: 'broken', annotations: {}}}
  const {imports, problems} = parseImports([entry!, broken])
  expect(imports).toEqual([{entry, imported: hello({east: exporter('east')})}])
  expect(problems).toEqual([expect.objectContaining({message: expect.stringMatching(/^ServiceEntry broken in/)})])
})
