import {describe, expect, test} from 'vitest'
import {meshPortsOf} from '../../../src/mesh/services/ports.ts'

const service = (ports: object[]) => ({apiVersion: 'v1', kind: 'Service', metadata: {name: 'x'}, spec: {ports}})

describe('the protocol of a port, as in pkg/config/kube/conversion_test.go (Istio 1.31)', () => {
  test.each([
    [{port: 80}, undefined],
    [{port: 80, name: ''}, undefined],
    [{port: 80, name: 'http'}, 'HTTP'],
    [{port: 80, name: 'http-web'}, 'HTTP'],
    [{port: 80, name: 'HTTP-web'}, 'HTTP'],
    [{port: 80, name: 'httptest'}, undefined],
    [{port: 80, name: 'http2-x'}, 'HTTP2'],
    [{port: 80, name: 'grpc-x'}, 'GRPC'],
    [{port: 80, name: 'grpc-web'}, 'GRPC-Web'],
    [{port: 80, name: 'grpc-web-x'}, 'GRPC-Web'],
    [{port: 443, name: 'https'}, 'HTTPS'],
    [{port: 443, name: 'tls-x'}, 'TLS'],
    [{port: 9000, name: 'tcp'}, 'TCP'],
    [{port: 6379, name: 'redis'}, 'Redis'],
    [{port: 9000, name: 'constructor'}, undefined],
    [{port: 9000, name: 'foo', appProtocol: 'http'}, 'HTTP'],
    [{port: 80, name: 'http', appProtocol: 'tcp'}, 'TCP'],
    [{port: 80, name: 'http', appProtocol: 'example.com/own'}, undefined],
    [{port: 80, name: 'x', appProtocol: 'kubernetes.io/h2c'}, 'HTTP2'],
    [{port: 80, name: 'x', appProtocol: 'kubernetes.io/ws'}, 'HTTP'],
    [{port: 80, name: 'x', appProtocol: 'kubernetes.io/wss'}, 'HTTPS'],
    [{port: 3306}, 'TCP'],
    [{port: 3306, name: 'mysql'}, 'MySQL'],
    [{port: 27017, name: 'db'}, 'TCP'],
  ])('%o is %s', (port, protocol) => {
    expect(meshPortsOf(service([port])).ports[0]!.protocol).toBe(protocol)
  })
})

test('UDP and SCTP are separated; a port without a name gets one', () => {
  expect(
    meshPortsOf(
      service([{port: 80}, {port: 53, name: 'dns', protocol: 'UDP'}, {port: 9, protocol: 'SCTP', name: 's'}]),
    ),
  ).toEqual({
    ports: [{name: 'port-80', number: 80, protocol: undefined}],
    udp: [53, 9],
  })
  expect(meshPortsOf({apiVersion: 'v1', kind: 'Service', metadata: {name: 'x'}})).toEqual({ports: [], udp: []})
})
