import {describe, expect, test} from 'vitest'
import {formatVmProbe, parseVmProbe} from '../../../src/features/vm/spec-probe.ts'

describe('--probe', () => {
  test.each([
    ['http:8080/ready?x=1', {kind: 'http', port: 8080, path: '/ready?x=1'}],
    ['https:8443', {kind: 'https', port: 8443, path: '/'}],
    ['tcp:5432', {kind: 'tcp', port: 5432}],
    ['exec:/bin/check --all it', {kind: 'exec', command: ['/bin/check', '--all', 'it']}],
  ])('%s', (text, probe) => {
    expect(parseVmProbe(text)).toEqual(probe)
    expect(parseVmProbe(formatVmProbe(parseVmProbe(text)))).toEqual(probe)
  })

  test.each(['', 'http', '8080', 'http:/ready', 'tcp:0', 'tcp:80/x', 'exec:', 'exec: ', 'grpc:80', 'udp:80'])(
    'rejects %j',
    text => expect(() => parseVmProbe(text)).toThrow(),
  )
})
