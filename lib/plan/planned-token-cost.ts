/** What generated tokens cost, at a rate that was measured. */
export interface PlannedTokenCost {
  /** Tokens that one replica generates a second, over all its requests. */
  readonly outputTokensPerSecond: number;
  /** Where the rate is from. Absent where it was not said. */
  readonly source?: string;
  /** Cost of a million generated tokens in US dollars, with the most replicas at this rate. Absent where a price is not known. */
  readonly usdPerMillionTokens?: number;
}
