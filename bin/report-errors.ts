/**
 * Runs a command and prints what goes wrong as one line, with exit code 1. The stack trace is for us: DEBUG=1 shows it.
 */
export function reportErrors(command: () => void): void {
  try {
    command();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(process.env.DEBUG && error instanceof Error ? error.stack : `error: ${message}`);
    process.exitCode = 1;
  }
}
