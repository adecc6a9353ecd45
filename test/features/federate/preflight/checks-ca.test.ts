import {caChecks} from '../../../../src/features/federate/preflight/checks-ca.ts'
import {cases} from './cases.ts'
import {testCases} from './samples.ts'

testCases(caChecks, cases)
