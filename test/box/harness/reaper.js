/**
 * Outlives the box by a few seconds: gets the process groups of all children on standard input, and when that closes (the box
 * ended, crashed or was killed) it stops those that are left. A harness that dies leaves nothing running.
 */
const { setTimeout } = require('node:timers');

const groups = new Set();
const signal = (name) => {
  for (const group of groups) {
    try {
      process.kill(-group, name);
    } catch {
      groups.delete(group);
    }
  }
};
let buffer = '';
process.stdin.on('data', (data) => {
  buffer += data;
  const lines = buffer.split('\n');
  buffer = lines.pop();
  for (const line of lines) {
    const group = Number(line.slice(1));
    if (line.startsWith('+')) groups.add(group);
    else groups.delete(group);
  }
});
process.stdin.on('end', () => {
  signal('SIGTERM');
  setTimeout(() => {
    signal('SIGKILL');
    process.exit(0);
  }, 5000);
});
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => undefined);
