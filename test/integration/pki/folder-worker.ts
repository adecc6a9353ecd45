// Creates a root or the CA of a cluster in a folder: `init DIR CERTIFICATE KEY`, `init-existing DIR`, `issue DIR`, `renew DIR`. A separate process,
// so that a test can kill it.
import {readFileSync} from 'node:fs'
import {initCa} from '../../../src/mesh/ca/create-root.ts'
import {createRootFolder} from '../../../src/pki/folder/create.ts'
import {issueToFolder} from '../../../src/pki/folder/issue-cluster.ts'
import {openTerminal} from '../../../src/terminal/output/terminal.ts'

const [what, dir = '', certificate = '', key = ''] = process.argv.slice(2)
if (what === 'init')
  await createRootFolder(dir, {certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8')})
else if (what === 'init-existing') await initCa({dir, keyType: 'ecdsa-p256'}, openTerminal({noInput: true}))
else await issueToFolder(dir, 'east', {systemNamespace: 'istio-system', renew: what === 'renew'})
