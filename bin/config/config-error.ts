/** Something in the config file, or in what it asks for, is wrong. Printed as one line, without a stack trace. */
export class ConfigError extends Error {
  /**
   * Runs a part of the app under a path of the config file, so that an error names the place to change.
   */
  public static at<T>(path: string, build: () => T): T {
    try {
      return build();
    } catch (error) {
      throw new ConfigError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
