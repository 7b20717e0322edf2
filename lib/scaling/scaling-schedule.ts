/** A time at which there are at least so many replicas, whatever the demand. */
export interface ScalingSchedule {
  /** Cron expression of the beginning: `0 8 * * 1-5`. */
  readonly start: string;
  /** Cron expression of the end. */
  readonly end: string;
  /** Fewest replicas in between. */
  readonly replicas: number;
  /**
   * Time zone of both, in IANA names: `Europe/Vienna`.
   * @default 'Etc/UTC'
   */
  readonly timezone?: string;
}
