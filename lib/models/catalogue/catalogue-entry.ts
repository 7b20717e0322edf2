import type { ModelOptions } from '../model-options';
import type { ModelRecommendation } from '../model-recommendation';

/** Facts of a model that is known here. */
export interface CatalogueEntry extends ModelOptions {
  /** Repository id. */
  readonly id: string;

  /** How it is usually served. */
  readonly recommendation: ModelRecommendation;

  /**
   * Where the facts are from. `config.json` is the file of the repository, as ai-dynamo/aiconfigurator mirrors it
   * (August 2026); `KAITO` is kaito-project/kaito's model_catalog.yaml (August 2026), whose file sizes are sums of the
   * repository's files.
   */
  readonly source: string;
}
