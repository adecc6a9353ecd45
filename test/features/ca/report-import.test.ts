import {expect, test} from 'vitest'
import {importWarnings} from '../../../src/features/ca/report-import.ts'
import {readCertificates} from '../../../src/pki/read.ts'
import {ecKey, makeCertificate} from '../../pki/support.ts'

const certificateOf = (days: number) => readCertificates(makeCertificate({key: ecKey(), days}), 'x')[0]!

test('warns of a certificate that expires soon or does not contain what was requested', () => {
  const now = new Date()
  expect(importWarnings({cluster: 'east', certificate: certificateOf(31), missing: []}, now)).toEqual([])
  const found = importWarnings({cluster: 'east', certificate: certificateOf(20), missing: ['organization A']}, now)
  expect(found.map(({message}) => message)).toEqual([
    expect.stringMatching(/^east: the certificate is valid for only (19|20) days$/),
    'east: the certificate does not contain what was requested: organization A',
  ])
})
