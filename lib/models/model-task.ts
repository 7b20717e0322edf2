/** What a model is for. */
export enum ModelTask {
  /** Chat and completion. */
  TEXT_GENERATION = 'text-generation',
  /** Vectors for search. */
  EMBEDDING = 'embedding',
  /** Scores of documents for a query. */
  RERANKING = 'reranking',
  /** Pictures from text. */
  TEXT_TO_IMAGE = 'text-to-image',
}
