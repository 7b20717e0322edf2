import { readFileSync } from 'node:fs';

/** What a process has used so far. */
export interface ProcessUsage {
  readonly name: string;
  /** The most memory that it has had, in MiB. */
  readonly peakMiB: number;
  /** Processor time, user and system. */
  readonly cpuSeconds: number;
}

const TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that Node runs on

/** Reads it from Linux' /proc. */
export function usageOf(name: string, pid: number): ProcessUsage {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  // the command in brackets may hold spaces; what follows it are fields 3 and on, of which 14 and 15 are the times
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
  return { name, peakMiB: Number(peak ?? 0) / 1024, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND };
}
