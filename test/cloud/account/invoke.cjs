/** Runs a handler of the Node.js runtime of Lambda with the event on standard input. usage: invoke.cjs MODULE EXPORT RESULT_FILE */
const { readFileSync, writeFileSync } = require('node:fs');

const [, , file, name, resultFile] = process.argv;
const write = (value) => writeFileSync(resultFile, JSON.stringify(value ?? null));
const context = {
  awsRequestId: 'request', logGroupName: 'group', logStreamName: 'stream', functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  getRemainingTimeInMillis: () => 60_000,
};
Promise.resolve(JSON.parse(readFileSync(0, 'utf8')))
  .then((event) => require(file)[name](event, context))
  .then(write, (error) => {
    console.error(error);
    write({ errorType: error.name, errorMessage: error.message, trace: String(error.stack).split('\n') });
    process.exitCode = 1;
  });
