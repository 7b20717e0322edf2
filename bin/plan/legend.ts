import { escapeHtml } from './html';

/** What a colour of a picture stands for. */
export interface LegendEntry {
  readonly colour: string;
  readonly text: string;
}

/** The colours of a picture. It is HTML, since text in a drawing does not wrap. */
export function legend(entries: readonly LegendEntry[]): string {
  const items = entries.map(({ colour, text }) => `<li><i style="background:${colour}"></i>${escapeHtml(text)}</li>`);
  return `<ul class="legend">${items.join('')}</ul>`;
}
