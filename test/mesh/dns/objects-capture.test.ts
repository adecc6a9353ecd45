import {expect, test} from 'vitest'
import {buildDnsCapture, buildDnsUncapture} from '../../../src/mesh/dns/objects-capture.ts'
import {textAfter} from '../../support/edits.ts'

const place = {cluster: 'east', systemNamespace: 'istio-system', revision: '1-30'}

test('DNS capture is enabled in the mesh config of the revision', () => {
  const edit = buildDnsCapture(place)
  expect(edit.target).toMatchObject({kind: 'ConfigMap', namespace: 'istio-system', name: 'istio-1-30'})
  expect(textAfter(edit, 'trustDomain: a\n')).toMatch(/ISTIO_META_DNS_CAPTURE: ["']?true/)
})

test('it is disabled again', () => {
  expect(textAfter(buildDnsUncapture(place), textAfter(buildDnsCapture(place), 'trustDomain: a\n')!)).not.toContain(
    'CAPTURE',
  )
  expect(buildDnsUncapture(place)).toMatchObject({target: buildDnsCapture(place).target, undoes: true})
})
