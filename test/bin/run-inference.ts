import { Command } from 'commander';
import { fitCommand } from '../../bin/commands/fit';
import { planCommand } from '../../bin/commands/plan';
import { reportErrors } from '../../bin/report-errors';

/** What a run of the command has printed, and how it ended. */
export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Runs `inference …` in this process. */
export function runInference(...args: string[]): Run {
  const printed = { stdout: '', stderr: '' };
  const out = jest.spyOn(console, 'log').mockImplementation((text: string) => void (printed.stdout += `${text}\n`));
  const err = jest.spyOn(console, 'error').mockImplementation((text: string) => void (printed.stderr += `${text}\n`));
  const before = process.exitCode;
  try {
    process.exitCode = 0;
    const writeErr = (text: string) => void (printed.stderr += text);
    const commands = [planCommand(), fitCommand()].map((command) => command.exitOverride().configureOutput({ writeErr }));
    const program = new Command('inference').exitOverride();
    commands.forEach((command) => program.addCommand(command));
    reportErrors(() => program.parse(args, { from: 'user' }));
    return { ...printed, exitCode: process.exitCode };
  } finally {
    process.exitCode = before;
    out.mockRestore();
    err.mockRestore();
  }
}
