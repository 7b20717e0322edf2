// The offline CloudFormation validator costs seconds a process: test/validation.test.ts alone turns it on.
process.env.CDK_VALIDATION = 'false';
process.env.CDK_DISABLE_STACK_TRACE = '1';
