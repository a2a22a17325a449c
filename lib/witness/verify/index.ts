export { verifyFolder } from './verify';
export type { Verdict, VerifyOptions, VerifyReport } from './report';
export { SEVERITIES, type Problem, type ProblemCode, type Severity } from './problems';
