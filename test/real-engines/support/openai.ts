/** An answer of an OpenAI API, as far as tests look into it. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Events of a stream, without the last, which is `[DONE]`. */
  readonly events: readonly StreamEvent[];
  /** Whether the stream came to its end. */
  readonly done: boolean;
}

interface StreamEvent {
  readonly model?: string;
  readonly choices?: readonly { readonly text?: string; readonly finish_reason?: string | null; readonly delta?: object }[];
}

/** A client of an OpenAI API. */
export class OpenAi {
  constructor(private readonly base: string, private readonly key?: string) {}

  /** The names that the server answers to. */
  public async models(): Promise<string[]> {
    const response = await fetch(`${this.base}/v1/models`, { headers: this.headers(), signal: AbortSignal.timeout(60_000) });
    const body = (await response.json()) as { data: { id: string }[] }; // the OpenAI API
    return body.data.map(({ id }) => id);
  }

  public completion(model: string, tokens = 4, more: object = {}): Promise<Answer> {
    return this.post('/v1/completions', { model, prompt: 'Hello', max_tokens: tokens, ...more });
  }

  public chat(model: string, tokens = 4, more: object = {}): Promise<Answer> {
    return this.post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Hi' }], max_tokens: tokens, ...more });
  }

  private async post(path: string, body: object): Promise<Answer> {
    const response = await fetch(`${this.base}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.headers() },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(400_000),
    });
    const text = await response.text();
    const data = text.split('\n').filter((line) => line.startsWith('data: ')).map((line) => line.slice('data: '.length));
    return {
      status: response.status,
      text,
      events: data.filter((line) => line !== '[DONE]').map((line) => JSON.parse(line) as StreamEvent), // the OpenAI API
      done: data.at(-1) === '[DONE]',
    };
  }

  private headers(): { [name: string]: string } {
    return this.key === undefined ? {} : { authorization: `Bearer ${this.key}` };
  }
}
