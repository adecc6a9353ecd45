// Makes a root or a cluster's CA in a folder: `init DIR CERTIFICATE KEY`, `issue DIR`, `renew DIR`. A process of its own
// so that a test can kill it.
import {readFileSync} from 'node:fs'
import {createRootFolder, issueToFolder} from '../../src/pki/folder.ts'

const [what, dir = '', certificate = '', key = ''] = process.argv.slice(2)
if (what === 'init')
  await createRootFolder(dir, {certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8')})
else await issueToFolder(dir, 'east', {systemNamespace: 'istio-system', renew: what === 'renew'})
