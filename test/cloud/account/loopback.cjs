/**
 * Loaded into every function that runs here: answers of custom resources go to CloudFormation by https and without a port, here
 * by http to the port of the account. Any other address that is not on the loopback is refused.
 */
const http = require('node:http');
const https = require('node:https');

const real = https.request;
https.request = (options, ...rest) => {
  const host = options instanceof URL ? options.hostname : options.hostname ?? options.host;
  if (host !== '127.0.0.1') return real(options, ...rest);
  return http.request({ ...options, protocol: 'http:', host, hostname: host, port: process.env.ACCOUNT_ANSWERS_PORT, agent: undefined }, ...rest);
};
